import CZlib

/// Compresses to one gzip member (RFC 1952) at zlib's level 9.
///
/// The header names no time, no file and no system, so equal input gives equal bytes with equal zlib.
public func gzip(_ bytes: [UInt8]) throws(BundleError) -> [UInt8] {
  var stream = z_stream()
  guard codexremote_gzip_begin(&stream, 9) == Z_OK else { throw BundleError("zlib could not start to compress.") }
  defer { deflateEnd(&stream) }
  var header = gz_header()
  header.os = 255  // unknown: zlib would write the system it was built on
  var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 32)
  // The header must stay where it is until deflate has written it.
  let status = withUnsafeMutablePointer(to: &header) { header in
    deflateSetHeader(&stream, header)
    return run(&stream, bytes, &output) { deflate($0, Z_FINISH) }
  }
  guard status == Z_STREAM_END else { throw BundleError("zlib could not compress \(bytes.count) bytes.") }
  return Array(output.prefix(Int(stream.total_out)))
}

/// Expands one gzip member, of at most `limit` bytes when expanded.
public func gunzip(_ bytes: [UInt8], limit: Int) throws(BundleError) -> [UInt8] {
  var stream = z_stream()
  guard codexremote_gunzip_begin(&stream) == Z_OK else { throw BundleError("zlib could not start to expand.") }
  defer { inflateEnd(&stream) }
  var output = [UInt8](repeating: 0, count: limit + 1)
  let status = run(&stream, bytes, &output) { inflate($0, Z_FINISH) }
  guard status == Z_STREAM_END, stream.total_out <= limit else {
    throw BundleError("This is not a gzip body of at most \(limit) bytes.")
  }
  return Array(output.prefix(Int(stream.total_out)))
}

private func run(
  _ stream: inout z_stream, _ input: [UInt8], _ output: inout [UInt8], _ step: (z_streamp) -> Int32
) -> Int32 {
  input.withUnsafeBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      // zlib's type is not const, but it does not write to its input.
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      return step(&stream)
    }
  }
}
