import COpenSSL

/// A key that cannot be read, or an operation that OpenSSL refused.
public struct CryptographyError: Error, Equatable, CustomStringConvertible {
  public enum Code: Sendable {
    /// The bytes are no P-256 key in the form that was asked for.
    case invalidKey
    /// OpenSSL could not do what it does for every valid input: no memory, a broken installation.
    case failed
  }

  public let code: Code
  /// One sentence: what happened, with OpenSSL's reason where it gave one.
  public let description: String

  init(_ code: Code, _ what: String) {
    self.code = code
    var text = [CChar](repeating: 0, count: 256)
    let reason = ERR_get_error()
    ERR_error_string_n(reason, &text, text.count)
    ERR_clear_error()
    let detail = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    description = reason == 0 ? "\(what)." : "\(what): \(detail)."
  }
}
