import COpenSSL
public import FoundationEssentials

/// A public key on the curve P-256. Its JSON is the JSON Web Key (RFC 7518, section 6.2.1).
public struct PublicKey: Sendable, Hashable {
  /// The uncompressed point (SEC 1, section 2.3.3): 0x04, x, y; 65 bytes.
  public let point: Data

  /// Throws `invalidKey` unless the bytes are an uncompressed point of the curve.
  public init(point: Data) throws(CryptographyError) {
    guard let key = decode(point) else { throw CryptographyError(.invalidKey, "This is no public P-256 key") }
    EVP_PKEY_free(key)
    self.point = Data(point)
  }

  private var x: String { base64URL(point.dropFirst().prefix(32)) }
  private var y: String { base64URL(point.suffix(32)) }

  /// The JSON Web Key with its members in the order that RFC 7638 hashes, without spaces.
  public var jwk: String { #"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"# }

  /// The hash that RFC 7638 defines, 32 bytes.
  private var thumbprintBytes: Data { sha256(Data(jwk.utf8)) }

  /// The SHA-256 thumbprint of RFC 7638 in base64url, 43 characters: the key's `kid`.
  public var thumbprint: String { base64URL(thumbprintBytes) }

  /// What people compare: the first 20 characters (100 bits) of the thumbprint's hash in base32, in groups of four
  /// joined by hyphens, as in `ABCD-EFGH-IJKL-MNOP-QRST`.
  public var fingerprint: String {
    let letters = Array(base32(thumbprintBytes).prefix(20))
    return stride(from: 0, to: letters.count, by: 4).map { String(letters[$0..<$0 + 4]) }.joined(separator: "-")
  }

  /// Whether the raw ES256 signature (r, s; 64 bytes; RFC 7518, section 3.4) is this key's over the message.
  public func verifies(_ signature: Data, of message: Data) -> Bool {
    guard signature.count == 64, let key = decode(point), let pair = ECDSA_SIG_new() else { return false }
    defer {
      EVP_PKEY_free(key)
      ECDSA_SIG_free(pair)
      ERR_clear_error()
    }
    let (r, s) = signature.withUnsafeBytes { bytes in
      let bytes = bytes.bindMemory(to: UInt8.self)
      return (BN_bin2bn(bytes.baseAddress, 32, nil), BN_bin2bn(bytes.baseAddress.map { $0 + 32 }, 32, nil))
    }
    guard ECDSA_SIG_set0(pair, r, s) == 1 else { return false }
    var der: UnsafeMutablePointer<UInt8>?
    let count = i2d_ECDSA_SIG(pair, &der)
    guard count > 0, let der else { return false }
    defer { CRYPTO_free(der, "", 0) }
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    return message.withUnsafeBytes {
      let bytes = $0.bindMemory(to: UInt8.self)
      return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
        && EVP_DigestVerify(context, der, Int(count), bytes.baseAddress, bytes.count) == 1
    }
  }
}

extension PublicKey: Codable {
  private enum Member: String, CodingKey { case crv, kty, x, y }

  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: Member.self)
    guard try members.decode(String.self, forKey: .kty) == "EC",
      try members.decode(String.self, forKey: .crv) == "P-256",
      let x = base64URLDecode(try members.decode(String.self, forKey: .x)), x.count == 32,
      let y = base64URLDecode(try members.decode(String.self, forKey: .y)), y.count == 32
    else { throw CryptographyError(.invalidKey, "This JSON Web Key is no public P-256 key") }
    try self.init(point: [0x04] + x + y)
  }

  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: Member.self)
    try members.encode("P-256", forKey: .crv)
    try members.encode("EC", forKey: .kty)
    try members.encode(x, forKey: .x)
    try members.encode(y, forKey: .y)
  }
}

/// OpenSSL's key of an uncompressed point, which it checks to lie on the curve; to be freed by the caller.
private func decode(_ point: Data) -> OpaquePointer? {
  guard point.count == 65, point.first == 0x04 else { return nil }
  // The SubjectPublicKeyInfo (RFC 5480) of every P-256 key is this prefix and the point.
  let prefix: [UInt8] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
  ]
  return (prefix + point).withUnsafeBufferPointer { bytes in
    var cursor = bytes.baseAddress
    return d2i_PUBKEY(nil, &cursor, bytes.count)
  }
}
