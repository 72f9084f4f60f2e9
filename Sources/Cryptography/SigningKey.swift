import COpenSSL
public import FoundationEssentials

/// A P-256 key pair that signs with ES256 (RFC 7518, section 3.4). OpenSSL erases the private part when it goes.
public final class SigningKey: @unchecked Sendable {
  private let key: OpaquePointer  // EVP_PKEY: never changed once made, and then safe to read from any thread.
  public let publicKey: PublicKey

  /// Makes a new key pair.
  public convenience init() throws(CryptographyError) {
    guard let key = copenssl_generate_p256() else { throw CryptographyError(.failed, "No key could be made") }
    try self.init(owning: key)
  }

  /// Reads a private key in PKCS #8 (RFC 5958) or SEC 1 (RFC 5915) DER. Throws `invalidKey` for anything but one
  /// P-256 key with nothing after it.
  public convenience init(der: some ContiguousBytes) throws(CryptographyError) {
    let key = der.withUnsafeBytes { bytes -> OpaquePointer? in
      var cursor = bytes.bindMemory(to: UInt8.self).baseAddress
      guard let key = d2i_AutoPrivateKey(nil, &cursor, bytes.count) else { return nil }
      var name = [CChar](repeating: 0, count: 32)
      if EVP_PKEY_get_base_id(key) == EVP_PKEY_EC, EVP_PKEY_get_group_name(key, &name, name.count, nil) == 1,
        strcmp(name, "prime256v1") == 0,
        cursor.map(UnsafeRawPointer.init) == bytes.baseAddress.map({ $0 + bytes.count })
      {
        return key
      }
      EVP_PKEY_free(key)
      return nil
    }
    guard let key else { throw CryptographyError(.invalidKey, "This is no private P-256 key") }
    try self.init(owning: key)
  }

  private init(owning key: OpaquePointer) throws(CryptographyError) {
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = EVP_PKEY_get1_encoded_public_key(key, &bytes)
    defer { CRYPTO_free(bytes, "", 0) }
    guard count == 65, let bytes else {
      EVP_PKEY_free(key)
      throw CryptographyError(.failed, "The public key could not be read")
    }
    self.key = key
    publicKey = try PublicKey(point: Data(bytes: bytes, count: count))
  }

  deinit { EVP_PKEY_free(key) }

  /// The private key in PKCS #8 DER (RFC 5958), 138 bytes.
  public func pkcs8() throws(CryptographyError) -> SecretBytes {
    guard let information = EVP_PKEY2PKCS8(key) else { throw CryptographyError(.failed, "The key cannot be written") }
    defer { PKCS8_PRIV_KEY_INFO_free(information) }
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = Int(i2d_PKCS8_PRIV_KEY_INFO(information, &bytes))
    guard count > 0, let bytes else { throw CryptographyError(.failed, "The key cannot be written") }
    defer { CRYPTO_clear_free(bytes, count, "", 0) }
    return SecretBytes(UnsafeRawBufferPointer(start: bytes, count: count))
  }

  /// The raw signature r, s over the message's SHA-256: 64 bytes (RFC 7518, section 3.4).
  public func sign(_ message: some ContiguousBytes) throws(CryptographyError) -> Data {
    var der = [UInt8](repeating: 0, count: 80)
    var count = der.count
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    let status = message.withUnsafeBytes { bytes -> Int32 in
      guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1 else { return 0 }
      return EVP_DigestSign(context, &der, &count, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    }
    guard status == 1 else { throw CryptographyError(.failed, "Signing failed") }
    let pair = der.withUnsafeBufferPointer { bytes in
      var cursor = bytes.baseAddress
      return d2i_ECDSA_SIG(nil, &cursor, count)
    }
    guard let pair else { throw CryptographyError(.failed, "Signing failed") }
    defer { ECDSA_SIG_free(pair) }
    var raw = Data(count: 64)
    let sizes = raw.withUnsafeMutableBytes {
      let out = $0.bindMemory(to: UInt8.self).baseAddress
      return (
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, 32), BN_bn2binpad(ECDSA_SIG_get0_s(pair), out.map { $0 + 32 }, 32)
      )
    }
    guard sizes == (32, 32) else { throw CryptographyError(.failed, "Signing failed") }
    return raw
  }
}
