import COpenSSL
public import FoundationEssentials

/// Bytes from OpenSSL's generator, fit for keys and tokens. Ends the process where there is no randomness, since
/// whatever it would do next would be unsafe.
public func randomBytes(_ count: Int) -> Data {
  var bytes = Data(count: count)
  let status = bytes.withUnsafeMutableBytes {
    RAND_bytes($0.bindMemory(to: UInt8.self).baseAddress, Int32($0.count))
  }
  precondition(count == 0 || status == 1, "the system gives no randomness")
  return bytes
}

/// A token for a link or a header: random bytes in base64url. 16 bytes are 128 bits and 22 characters.
public func randomToken(bytes count: Int = 32) -> String { base64URL(randomBytes(count)) }
