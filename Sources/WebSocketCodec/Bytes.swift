// The only file of the codec that touches raw memory.

/// Appends all of `source`.
@inline(__always)
func append(_ source: borrowing Span<UInt8>, to out: inout [UInt8]) {
  unsafe source.withUnsafeBufferPointer { unsafe out.append(contentsOf: $0) }
}

/// Appends `source` XOR `key` (RFC 6455, 5.3), the key's lowest byte first, in one pass of eight bytes at a time.
func appendMasked(_ source: borrowing Span<UInt8>, key: UInt32, to out: inout [UInt8]) {
  let count = source.count
  guard count > 0 else { return }
  // In the order of memory, whatever the machine's byte order is.
  let wide = (UInt64(key) | UInt64(key) << 32).littleEndian
  out.append(addingCapacity: count) { (output: inout OutputSpan<UInt8>) in
    unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
      unsafe source.withUnsafeBytes { bytes in
        let to = unsafe UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped)
        let from = unsafe bytes.baseAddress.unsafelyUnwrapped
        var i = 0
        while i &+ 8 <= count {
          let word = unsafe from.loadUnaligned(fromByteOffset: i, as: UInt64.self)
          unsafe to.storeBytes(of: word ^ wide, toByteOffset: i, as: UInt64.self)
          i &+= 8
        }
        var tail = UInt64(littleEndian: wide)
        while i < count {
          let byte = unsafe from.load(fromByteOffset: i, as: UInt8.self)
          unsafe to.storeBytes(of: byte ^ UInt8(truncatingIfNeeded: tail), toByteOffset: i, as: UInt8.self)
          tail >>= 8
          i &+= 1
        }
      }
      initialized = count
    }
  }
}
