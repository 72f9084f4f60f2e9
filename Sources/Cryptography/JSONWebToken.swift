public import FoundationEssentials

/// Compact JSON Web Tokens (RFC 7519, in the compact form of RFC 7515). The algorithm is fixed by the kind of key.
public enum JSONWebToken {
  /// A token signed with ES256, its `kid` the key's thumbprint.
  /// - Parameter type: the header's `typ` (RFC 8725, section 3.11), such as `anchor+jwt`.
  public static func es256(type: String, claims: some Encodable, key: SigningKey) throws -> String {
    let header = Header(alg: "ES256", kid: key.publicKey.thumbprint, typ: type)
    let signed = try signedPart(header, claims)
    return signed + "." + base64URL(try key.sign(Data(signed.utf8)))
  }

  /// A token with an HS256 code.
  /// - Parameters:
  ///   - type: the header's `typ`, such as `deploy+jwt`.
  ///   - key: at least 32 bytes (RFC 7518, section 3.2).
  ///   - keyID: the header's `kid`, where the receiver has several keys.
  public static func hs256(type: String, claims: some Encodable, key: some ContiguousBytes, keyID: String? = nil)
    throws -> String
  {
    guard key.withUnsafeBytes({ $0.count >= 32 }) else {
      throw CryptographyError(.invalidKey, "An HS256 key has at least 32 bytes")
    }
    let signed = try signedPart(Header(alg: "HS256", kid: keyID, typ: type), claims)
    return signed + "." + base64URL(hmacSHA256(key: key, Data(signed.utf8)))
  }

  private struct Header: Encodable { let alg: String, kid: String?, typ: String }

  private static func signedPart(_ header: Header, _ claims: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return base64URL(try encoder.encode(header)) + "." + base64URL(try encoder.encode(claims))
  }
}
