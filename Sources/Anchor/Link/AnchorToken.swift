import Cryptography
import FoundationEssentials

/// The short token with which an anchor opens its socket (docs/protocol.md, section 2).
struct AnchorToken: Encodable {
  let iss: String
  let sub: String
  let aud: String
  /// Seconds since 1970.
  let iat: Int
  let exp: Int
  let jti: String

  /// - Parameter now: the relay's time as far as it is known.
  static func make(_ machine: Machine, now: Date) throws -> String {
    let seconds = Int(now.timeIntervalSince1970)
    let claims = AnchorToken(
      iss: machine.id, sub: machine.user, aud: machine.origin, iat: seconds, exp: seconds + 60,
      jti: randomToken(bytes: 16))
    return try JSONWebToken.es256(type: "anchor+jwt", claims: claims, key: machine.key)
  }
}
