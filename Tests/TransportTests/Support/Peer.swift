import Transport

/// A connection whose events a test can wait for, one after the other.
@IO final class Peer {
  let socket: WebSocket
  private var messages: [String] = []
  private var messageWaiters: [CheckedContinuation<String?, Never>] = []
  private var end: WebSocketEnd?
  private var endWaiters: [CheckedContinuation<WebSocketEnd, Never>] = []

  init(_ socket: WebSocket) {
    self.socket = socket
    socket.onMessage = { [self] bytes, _ in
      let text = String(decoding: bytes, as: UTF8.self)
      if messageWaiters.isEmpty { messages.append(text) } else { messageWaiters.removeFirst().resume(returning: text) }
    }
    socket.onEnd = { [self] end in
      self.end = end
      for waiter in messageWaiters { waiter.resume(returning: nil) }
      for waiter in endWaiters { waiter.resume(returning: end) }
    }
  }

  static func connect(_ options: WebSocketOptions) async throws -> Peer {
    Peer(try await WebSocket.connect(options))
  }

  static func connect(_ url: String, route: Route = Route()) async throws -> Peer {
    try await connect(patient(url, route: route))
  }

  func send(_ text: String) { socket.send(Array(text.utf8)) }

  /// The next message; nil when the connection ended before it.
  func next() async -> String? {
    if !messages.isEmpty { return messages.removeFirst() }
    if end != nil { return nil }
    return await withCheckedContinuation { messageWaiters.append($0) }
  }

  func ended() async -> WebSocketEnd {
    if let end { return end }
    return await withCheckedContinuation { endWaiters.append($0) }
  }
}

/// Options with time enough for a machine that is busy with other tests.
func patient(_ url: String, headers: HTTPHeaders = [:], route: Route = Route()) -> WebSocketOptions {
  WebSocketOptions(
    url, headers: headers, route: route, connectTimeout: .seconds(60), closeTimeout: .seconds(60))
}

/// The same for a request.
func patient(_ method: String, _ url: String, body: [UInt8]? = nil, route: Route = Route()) -> HTTPRequest {
  HTTPRequest(method, url, body: body, route: route, connectTimeout: .seconds(60), timeout: .seconds(60))
}

/// The error that `body` throws.
func failure<Value>(_ body: () async throws -> Value) async -> TransportError? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error as? TransportError
  }
}
