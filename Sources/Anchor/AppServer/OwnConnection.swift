import Transport

/// The anchor's own connection to app-server. It calls a few methods, sees all that happens, and answers nothing:
/// approvals are for people.
@IO final class OwnConnection {
  struct CallFailed: Error {}
  /// codex's queue of requests is full: it has not looked at this one.
  private struct Overloaded: Error {}

  private let socket: WebSocket
  private var calls: [Int64: CheckedContinuation<[UInt8], any Error>] = [:]
  private var lastID: Int64 = 0
  private var endWaiter: CheckedContinuation<Void, Never>?
  private var hasEnded = false
  /// Of codex, from its answer to `initialize`.
  private(set) var version: CodexVersion?

  var isOpen: Bool { !hasEnded && socket.isOpen }

  private let onNotification: @IO ([UInt8], MessageHead) -> Void

  /// Connects and initializes.
  static func open(
    _ path: String, version: String, onNotification: @escaping @IO ([UInt8], MessageHead) -> Void
  ) async throws -> OwnConnection {
    let socket = try await WebSocket.connect(WebSocketOptions(unixPath: path))
    let connection = OwnConnection(socket, onNotification)
    try await connection.initialize(version)
    return connection
  }

  private init(_ socket: WebSocket, _ onNotification: @escaping @IO ([UInt8], MessageHead) -> Void) {
    self.socket = socket
    self.onNotification = onNotification
    socket.onEnd = { [weak self] _ in self?.ended() }
    socket.onMessage = { [weak self] bytes, _ in self?.take(bytes) }
  }

  private func initialize(_ version: String) async throws {
    let client = #"{"name":"codex-remote","title":"codex-remote","version":\#(JSONOutput.quoted(version))}"#
    let answer = try await call(
      "initialize", #"{"clientInfo":\#(client),"capabilities":{"experimentalApi":true}}"#)
    var agent = ""
    Self.forEachMember(of: "result", in: answer) { key, value in
      if JSONText.string(answer.span, key, is: "userAgent") { agent = JSONText.text(answer.span, value) ?? "" }
    }
    // "codex-remote/0.163.0 (Debian 12.0.0; …)"
    self.version = CodexVersion(in: agent)
    socket.send(Array(#"{"method":"initialized"}"#.utf8))
  }

  /// Calls a method and gives the whole answer, which is no error. While codex is overloaded the call is made again, six
  /// times at most, after 0.1 s and then twice as long each time.
  func call(_ method: StaticString, _ params: String) async throws -> [UInt8] {
    for tries in 0..<6 {
      do {
        return try await callOnce(method, params)
      } catch is Overloaded {
        try await IO.sleep(for: .milliseconds(100 << tries))
      }
    }
    return try await callOnce(method, params)
  }

  /// Makes a call that a later one may have overtaken by the time codex would take it.
  func callOnce(_ method: StaticString, _ params: String) async throws -> [UInt8] {
    guard !hasEnded else { throw CallFailed() }
    lastID += 1
    let id = lastID
    return try await withCheckedThrowingContinuation { continuation in
      calls[id] = continuation
      socket.send(Array(#"{"id":\#(id),"method":"\#(method)","params":\#(params)}"#.utf8))
    }
  }

  func close() { socket.close() }

  /// Returns when the connection is over.
  func waitForEnd() async {
    if hasEnded { return }
    await withCheckedContinuation { endWaiter = $0 }
  }

  private func take(_ bytes: [UInt8]) {
    guard let head = MessageHead(codex: bytes.span) else { return }
    switch (head.kind, head.id) {
    case (.notification, _): onNotification(bytes, head)
    case (.response, .number(let id)):
      guard let call = calls.removeValue(forKey: id) else { return }
      var error: (any Error)?
      JSONText.forEachMember(of: bytes.span, from: 0) { key, value in
        guard JSONText.string(bytes.span, key, is: "error") else { return }
        error = CallFailed()
        JSONText.forEachMember(of: bytes.span, from: value.lowerBound) { key, value in
          let isCode = JSONText.string(bytes.span, key, is: "code")
          if isCode, JSONText.integer(bytes.span, value) == -32001 { error = Overloaded() }
        }
      }
      if let error { call.resume(throwing: error) } else { call.resume(returning: bytes) }
    default: break
    }
  }

  private func ended() {
    hasEnded = true
    for call in calls.values { call.resume(throwing: CallFailed()) }
    calls = [:]
    endWaiter?.resume()
    endWaiter = nil
  }

  /// Walks over the members of one member of a message.
  static func forEachMember(
    of name: StaticString, in bytes: [UInt8], _ body: (_ key: Range<Int>, _ value: Range<Int>) -> Void
  ) {
    JSONText.forEachMember(of: bytes.span, from: 0) { key, value in
      if JSONText.string(bytes.span, key, is: name) {
        JSONText.forEachMember(of: bytes.span, from: value.lowerBound, body)
      }
    }
  }
}
