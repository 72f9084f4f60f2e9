public import Cryptography

/// An account's record of this anchor, with the key that proves it: what `login` or `POST /deploy/claim` gave.
public struct Machine: Sendable {
  /// The relay's pinned origin, without a slash at its end.
  public let origin: String
  /// The user's id, `u_…`.
  public let user: String
  /// The machine's id, `m_…`.
  public let id: String
  /// The name under which people see it.
  public let name: String
  public let key: SigningKey

  public init(origin: String, user: String, id: String, name: String, key: SigningKey) {
    self.origin = origin
    self.user = user
    self.id = id
    self.name = name
    self.key = key
  }

  /// What people compare before they approve the machine.
  public var fingerprint: String { key.publicKey.fingerprint }
}
