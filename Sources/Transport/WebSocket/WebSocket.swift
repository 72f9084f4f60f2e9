import CCurl
import WebSocketCodec

/// A WebSocket client connection (RFC 6455, without extensions) on the I/O loop.
///
/// Data does not wait for tasks: `onMessage` runs in the loop's pass that read the bytes, and what is sent there leaves
/// in the same pass. `onMessage`, `onEnd` and `onWritable` are never called from inside a method of this class.
/// The loop keeps an open connection alive until its end, and with it what the callbacks hold.
@IO
public final class WebSocket {
  enum State {
    case connecting
    /// Connected; the upgrade is not answered yet.
    case upgrading
    case open
    /// Our close frame is queued or sent.
    case closing
    case ended
  }

  var state = State.connecting
  let options: WebSocketOptions
  let easy = CurlEasy()
  let isSecure: Bool
  let peer: String
  private let request: UpgradeRequest
  var upgrade: UpgradeReader
  var socket = curl_socket_t.max
  var opened: (@IO (Result<WebSocket, any Error>) -> Void)?
  var deadline: Int?
  /// What `onEnd` gets instead of what the connection ended with.
  var endOverride: WebSocketEnd?

  // Sending.
  var queue = SendQueue()
  var isBlocked = false
  var isFlushDue = false
  var isWritableDue = false
  /// The answer to the last ping (RFC 6455, 5.5.3: earlier ones need none).
  var pong: [UInt8]?

  // Receiving.
  var decoder: FrameDecoder
  /// Bytes that came with the answer to the upgrade.
  var early: [UInt8] = []
  var isPaused = false

  /// A whole message. Reading begins in the loop's next pass after this or `onEnd` was set: set both in one go.
  public var onMessage: (@IO (_ bytes: [UInt8], _ isText: Bool) -> Void)? {
    didSet { readSoon() }
  }
  /// The connection is over; called once, and nothing after it.
  public var onEnd: (@IO (WebSocketEnd) -> Void)? {
    didSet { readSoon() }
  }
  /// `unsent` fell to zero.
  public var onWritable: (@IO () -> Void)?

  /// The server's answer to the upgrade.
  public private(set) var response = HTTPResponse(status: 101)
  /// When bytes last came in, of whatever kind. Stands still while paused.
  public internal(set) var lastReceived = ContinuousClock.now
  /// Bytes sent that the operating system has not taken yet. When 0, all of it is written to the socket.
  public var unsent: Int { queue.unsent }
  public var isOpen: Bool { state == .open }

  private init(_ options: WebSocketOptions) throws(TransportError) {
    let address = try Address(options.url, schemes: ("ws", "wss"))
    try options.headers.check()
    try options.route.check()
    self.options = options
    isSecure = address.isSecure
    peer = options.route.peer(address)
    var headers = options.headers.fields.map { (name: $0.name, value: $0.value) }
    // A server behind a name that is dialled by its address keeps its name.
    headers.removeAll { $0.name.lowercased() == "host" }
    if options.headers["User-Agent"] == nil { headers.append(("User-Agent", "codex-remote")) }
    request = UpgradeRequest(
      host: options.headers["Host"] ?? address.authority, target: address.target, headers: headers,
      nonce: Reactor.shared.random.bytes(16))
    upgrade = UpgradeReader(key: request.key)
    decoder = FrameDecoder(maxMessage: options.maxMessage)
    // The scheme decides which proxy variable libcurl reads.
    easy.set(CURLOPT_URL, (isSecure ? "https://" : "http://") + address.authority + "/")
    options.route.apply(to: easy, for: address)
    easy.set(CURLOPT_CONNECT_ONLY, 1)
    // HTTP/2 has no Upgrade.
    easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    easy.set(CURLOPT_SSL_ENABLE_ALPN, 0)
    easy.set(CURLOPT_HTTPPROXYTUNNEL, 1)
    easy.set(CURLOPT_FRESH_CONNECT, 1)
    easy.set(CURLOPT_TCP_KEEPALIVE, 1)
    easy.set(CURLOPT_BUFFERSIZE, ReceiveBuffer.size)
    easy.set(CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeout.milliseconds)
  }

  /// Connects and upgrades. Cancelling the task ends the attempt at once.
  ///
  /// - Throws: `TransportError` (`.refused` has the server's answer), `CancellationError`.
  public static func connect(_ options: WebSocketOptions) async throws -> WebSocket {
    let socket = try WebSocket(options)
    return try await withCancellation { done in
      socket.begin(done)
    } cancel: {
      socket.release()
    }
  }

  // MARK: Opening

  private func begin(_ done: @escaping @IO (Result<WebSocket, any Error>) -> Void) {
    opened = done
    if Reactor.shared.isStopping {
      fail(TransportError(.stopped, peer: peer))
      return
    }
    deadline = Reactor.shared.addDeadline(options.connectTimeout) { [weak self] in self?.connectTimedOut() }
    Reactor.shared.start(
      easy,
      Reactor.Transfer(
        done: { [self] code in connected(code) }, stop: { [self] in fail(TransportError(.stopped, peer: peer)) }))
  }

  private func connected(_ code: CURLcode) {
    guard code == CURLE_OK else {
      fail(TransportError(code, easy, peer: peer))
      return
    }
    socket = easy.socket
    state = .upgrading
    cc_limit_kernel_queue(socket, 128 << 10)
    Reactor.shared.watch(socket, self)
    queue.appendRaw(request.bytes)
    write()
  }

  private func connectTimedOut() {
    if state == .upgrading, case .refused = upgrade.end() {
      answered(upgrade.end())
    } else {
      fail(TransportError(.timedOut, peer: peer, detail: "\(options.connectTimeout)"))
    }
  }

  /// Takes bytes of the answer to the upgrade.
  func takeAnswer(_ bytes: borrowing Span<UInt8>) {
    answered(upgrade.read(bytes))
  }

  func answered(_ outcome: UpgradeReader.Outcome) {
    switch outcome {
    case .more: break
    case .invalid(let why): fail(TransportError(.notWebSocket, peer: peer, detail: why))
    case .refused(let head, let body):
      let response = HTTPResponse(head, body: body)
      fail(TransportError(.refused, peer: peer, detail: response.excerpt, response: response))
    case .open(let head, let rest):
      state = .open
      cancelDeadline()
      response = HTTPResponse(head, body: [])
      early = rest
      upgrade = UpgradeReader(key: "")
      let done = opened
      opened = nil
      done?(.success(self))
    }
  }
}

extension HTTPResponse {
  init(_ head: ResponseHead, body: [UInt8]) {
    var headers = HTTPHeaders()
    for (name, value) in head.headers { headers.append(name, value) }
    self.init(status: head.status, headers: headers, body: body)
  }

  /// The beginning of the body on one line, for an error's sentence.
  var excerpt: String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 200 ? line.prefix(200) + "..." : line
  }
}
