import COpenSSL
public import FoundationEssentials

/// The SHA-256 hash (FIPS 180-4), 32 bytes.
public func sha256(_ message: some ContiguousBytes) -> Data {
  var digest = Data(count: 32)
  let status = digest.withUnsafeMutableBytes { out in
    message.withUnsafeBytes {
      EVP_Digest($0.baseAddress, $0.count, out.bindMemory(to: UInt8.self).baseAddress, nil, EVP_sha256(), nil)
    }
  }
  precondition(status == 1, "OpenSSL has no SHA-256")
  return digest
}

/// The HMAC-SHA256 code (RFC 2104), 32 bytes. Keys longer than 64 bytes are hashed first, as the RFC says.
public func hmacSHA256(key: some ContiguousBytes, _ message: some ContiguousBytes) -> Data {
  var code = Data(count: 32)
  let result = code.withUnsafeMutableBytes { out in
    key.withUnsafeBytes { key in
      message.withUnsafeBytes { message in
        // A null key would mean "the key of the last call" to OpenSSL.
        HMAC(
          EVP_sha256(), key.baseAddress ?? UnsafeRawPointer(out.baseAddress), Int32(key.count),
          message.bindMemory(to: UInt8.self).baseAddress, message.count,
          out.bindMemory(to: UInt8.self).baseAddress, nil)
      }
    }
  }
  precondition(result != nil, "OpenSSL has no HMAC-SHA256")
  return code
}
