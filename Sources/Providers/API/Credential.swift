/// A secret that lets this program act for its user at a provider. Never printed: its text is masked.
public struct Credential: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
  let secret: String
  /// Where it was found, for a person to read: "CLOUDFLARE_API_TOKEN", "wrangler".
  public let source: String

  public init(_ secret: String, source: String) { (self.secret, self.source) = (secret, source) }

  public var description: String { "a token from \(source)" }
  public var debugDescription: String { description }
  /// Gives the secret to what keeps it or hides it from logs.
  public func withSecret<Result>(_ body: (String) throws -> Result) rethrows -> Result { try body(secret) }
}
