import COpenSSL
public import FoundationEssentials

/// Key bytes that are overwritten when the last reference goes. Copies made of them are not: hand on the object.
public final class SecretBytes: ContiguousBytes, @unchecked Sendable {
  // Written in init and deinit only, so that threads may share it.
  private let storage: UnsafeMutableRawBufferPointer

  public init(_ bytes: some ContiguousBytes) {
    storage = bytes.withUnsafeBytes { bytes in
      let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      storage.copyMemory(from: bytes)
      return storage
    }
  }

  deinit {
    OPENSSL_cleanse(storage.baseAddress, storage.count)
    storage.deallocate()
  }

  public var count: Int { storage.count }

  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(storage))
  }
}

/// Overwrites bytes that held a key and empties them. What other variables share the same storage keep their own.
public func erase(_ bytes: inout Data) {
  bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
  bytes = Data()
}
