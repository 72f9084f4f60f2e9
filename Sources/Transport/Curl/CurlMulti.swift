import CCurl

/// A socket, and whether to wait until it can be read or written.
struct Interest {
  var socket: curl_socket_t
  var read: Bool
  var write: Bool
}

/// libcurl's multi handle. All but `wakeUp` belongs to the loop's thread.
@safe
final class CurlMulti: @unchecked Sendable {
  private let handle: OpaquePointer
  private var waiting: [curl_waitfd] = []

  init() {
    // Counted by libcurl; never undone, since other code of the process may use it.
    curl_global_init(Int(CURL_GLOBAL_ALL))
    guard let handle = unsafe curl_multi_init() else { fatalError("libcurl has no memory for its multi handle") }
    unsafe self.handle = unsafe handle
  }

  deinit {
    unsafe curl_multi_cleanup(handle)
  }

  /// Ends a `poll` that sleeps, or the next one. From any thread.
  func wakeUp() {
    unsafe _ = curl_multi_wakeup(handle)
  }

  func add(_ easy: CurlEasy) {
    unsafe _ = curl_multi_add_handle(handle, easy.handle)
  }

  /// Takes a handle off; a connection that it alone used is closed.
  func remove(_ easy: CurlEasy) {
    unsafe _ = curl_multi_remove_handle(handle, easy.handle)
  }

  /// Waits at most `timeout` milliseconds and appends what became ready.
  func poll(_ interests: [Interest], timeout: Int32, ready: inout [Interest]) {
    waiting.removeAll(keepingCapacity: true)
    for interest in interests {
      let events = (interest.read ? CURL_WAIT_POLLIN : 0) | (interest.write ? CURL_WAIT_POLLOUT : 0)
      waiting.append(curl_waitfd(fd: interest.socket, events: Int16(events), revents: 0))
    }
    var count: Int32 = 0
    let code = unsafe waiting.withUnsafeMutableBufferPointer {
      unsafe curl_multi_poll(handle, $0.baseAddress, UInt32($0.count), timeout, &count)
    }
    precondition(code == CURLM_OK, "curl_multi_poll failed with \(code.rawValue)")
    for one in waiting where one.revents != 0 {
      // Anything but "writable" (data, hang-up, error) is found out by reading.
      let events = Int32(one.revents)
      ready.append(
        Interest(socket: one.fd, read: events & ~CURL_WAIT_POLLOUT != 0, write: events & CURL_WAIT_POLLOUT != 0))
    }
  }

  /// Moves all transfers on and appends those that are done.
  func perform(done: inout [(transfer: TransferID, code: CURLcode)]) {
    var count: Int32 = 0
    unsafe _ = curl_multi_perform(handle, &count)
    while let message = unsafe curl_multi_info_read(handle, &count) {
      guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
      unsafe done.append((TransferID(message.pointee.easy_handle), cc_result(message)))
    }
  }
}
