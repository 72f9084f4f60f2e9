import CCurl

/// Names a transfer by its handle; never followed.
struct TransferID: Hashable {
  private let address: UInt

  init(_ handle: OpaquePointer) {
    address = UInt(bitPattern: handle)
  }
}

/// One libcurl handle: a connection, or a request.
@safe
final class CurlEasy {
  let handle: OpaquePointer
  private var headerLines: UnsafeMutablePointer<curl_slist>?
  private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var sink: (any CurlSink)?

  var id: TransferID { unsafe TransferID(handle) }

  init() {
    guard let handle = unsafe curl_easy_init() else { fatalError("libcurl has no memory for a handle") }
    unsafe self.handle = unsafe handle
    unsafe words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    unsafe _ = cc_set_pointer(handle, CURLOPT_ERRORBUFFER, words)
    // libcurl would change signal handlers otherwise. The loop's thread blocks SIGPIPE itself.
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    unsafe cc_allow_http_only(handle)
    unsafe cc_do_not_wait_for_resolver(handle)
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
    unsafe curl_slist_free_all(headerLines)
    unsafe words.deallocate()
  }

  func set(_ option: CURLoption, _ value: Int) {
    unsafe _ = cc_set_long(handle, option, value)
  }

  func set(_ option: CURLoption, _ value: String) {
    unsafe _ = cc_set_string(handle, option, value)
  }

  /// Trusts the authorities of this PEM file instead of the system's.
  func trustOnly(_ path: String) {
    set(CURLOPT_CAINFO, path)
    unsafe _ = cc_set_string(handle, CURLOPT_CAPATH, nil)
  }

  func setHeaders(_ lines: [String]) {
    for line in lines { unsafe headerLines = curl_slist_append(headerLines, line) }
    unsafe _ = cc_set_headers(handle, headerLines)
  }

  /// Copies the body.
  func setBody(_ bytes: [UInt8]) {
    unsafe _ = cc_set_large(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
    unsafe bytes.withUnsafeBytes { body in
      unsafe _ = cc_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, body.baseAddress ?? UnsafeRawPointer(words))
    }
  }

  /// Gives header lines and body to `sink` as they come.
  func deliver(to sink: some CurlSink) {
    self.sink = sink
    let user = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe cc_set_sinks(
      handle,
      {
        unsafe CurlEasy.sink($3)?.takeHeader(String(decoding: CurlEasy.bytes($0, $2), as: UTF8.self)) == true ? $2 : 0
      },
      { unsafe CurlEasy.sink($3)?.takeBody(CurlEasy.bytes($0, $2).span) == true ? $2 : 0 }, user)
  }

  private static func sink(_ user: UnsafeMutableRawPointer?) -> (any CurlSink)? {
    guard let user = unsafe user else { return nil }
    return unsafe Unmanaged<CurlEasy>.fromOpaque(user).takeUnretainedValue().sink
  }

  private static func bytes(_ start: UnsafeMutablePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: UnsafeRawPointer(start)?.assumingMemoryBound(to: UInt8.self), count: count)
  }

  /// libcurl's own words for what went wrong.
  func words(for code: CURLcode) -> String {
    let own = unsafe String(cString: words)
    return own.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : own
  }

  var socket: curl_socket_t { unsafe cc_get_socket(handle) }
  var status: Int { unsafe cc_get_long(handle, CURLINFO_RESPONSE_CODE) }
  /// What a proxy answered to CONNECT, or 0.
  var connectStatus: Int { unsafe cc_get_long(handle, CURLINFO_HTTP_CONNECTCODE) }

  // MARK: A connection's bytes

  enum Moved {
    case bytes(Int)
    /// Nothing can be moved now.
    case again
    /// The peer ended the connection.
    case end
    case failed(String)
  }

  /// Sends from `offset` on. After `.again` the next call must give the same bytes from the same address (OpenSSL).
  func send(_ bytes: [UInt8], from offset: Int) -> Moved {
    unsafe bytes.withUnsafeBytes { all in
      var count = 0
      let rest = unsafe UnsafeRawBufferPointer(rebasing: all[offset...])
      let code = unsafe curl_easy_send(handle, rest.baseAddress, rest.count, &count)
      switch code {
      case CURLE_OK: return .bytes(count)
      case CURLE_AGAIN: return .again
      default: return .failed(words(for: code))
      }
    }
  }

  fileprivate func receive(into buffer: UnsafeMutableRawBufferPointer) -> Moved {
    var count = 0
    let code = unsafe curl_easy_recv(handle, buffer.baseAddress, buffer.count, &count)
    switch code {
    case CURLE_OK: return count == 0 ? .end : .bytes(count)
    case CURLE_AGAIN: return .again
    default: return .failed(words(for: code))
    }
  }
}

/// Takes a response as it comes; false ends the transfer.
protocol CurlSink: AnyObject {
  func takeHeader(_ line: String) -> Bool
  func takeBody(_ bytes: borrowing Span<UInt8>) -> Bool
}

/// The loop's one receive buffer.
@safe
final class ReceiveBuffer {
  /// libcurl caps one receive at its own CURLOPT_BUFFERSIZE, which is set to this.
  static let size = 64 << 10
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ReceiveBuffer.size, alignment: 64)

  deinit {
    unsafe buffer.deallocate()
  }

  func fill(from easy: CurlEasy) -> CurlEasy.Moved {
    unsafe easy.receive(into: buffer)
  }

  func withBytes<Result>(_ count: Int, _ body: (borrowing Span<UInt8>) -> Result) -> Result {
    let filled = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
    return unsafe filled.withMemoryRebound(to: UInt8.self) { unsafe body($0.span) }
  }
}

extension Span<UInt8> {
  func append(to out: inout [UInt8]) {
    unsafe withUnsafeBufferPointer { unsafe out.append(contentsOf: $0) }
  }
}
