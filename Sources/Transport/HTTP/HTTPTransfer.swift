import CCurl

extension IO {
  /// Sends a request on the loop. Connections are kept and shared, HTTP/2 is used where the server has it, TLS is
  /// always verified, redirects are answers like any other. Cancelling the task ends it at once.
  ///
  /// - Throws: `TransportError`, `CancellationError`. A status of 400 or more is no error here.
  @IO public static func request(_ request: HTTPRequest) async throws -> HTTPResponse {
    let transfer = try HTTPTransfer(request)
    return try await withCancellation { done in
      transfer.begin(done)
    } cancel: {
      transfer.end()
    }
  }

  /// `request` as a value to hand on.
  public static let client: HTTPClient = { try await IO.request($0) }
}

@IO private final class HTTPTransfer {
  private let easy = CurlEasy()
  private let collector: Collector
  private let peer: String

  init(_ request: HTTPRequest) throws(TransportError) {
    let address = try Address(request.url, schemes: ("http", "https"))
    try request.headers.check()
    try request.route.check()
    guard isToken(request.method) else {
      throw TransportError(.invalidRequest, detail: "the method \"\(request.method)\"")
    }
    collector = Collector(maxBody: request.maxBody)
    peer = request.route.peer(address)
    easy.set(CURLOPT_URL, request.url)
    request.route.apply(to: easy, for: address)
    easy.set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds)
    easy.set(CURLOPT_TIMEOUT_MS, request.timeout.milliseconds)
    easy.set(CURLOPT_ACCEPT_ENCODING, "")
    easy.set(CURLOPT_FOLLOWLOCATION, 0)
    if request.opensConnection { easy.set(CURLOPT_FRESH_CONNECT, 1) }
    setMethodAndBody(request)
    setHeaders(request.headers)
    easy.deliver(to: collector)
  }

  private func setMethodAndBody(_ request: HTTPRequest) {
    // A method that usually has a body says "Content-Length: 0" when it has none.
    if let body = request.body ?? (["POST", "PUT", "PATCH"].contains(request.method) ? [] : nil) {
      easy.setBody(body)
    }
    if request.method == "HEAD" {
      easy.set(CURLOPT_NOBODY, 1)
    } else {
      easy.set(CURLOPT_CUSTOMREQUEST, request.method)
    }
  }

  private func setHeaders(_ headers: HTTPHeaders) {
    // libcurl leaves out a header that is given with nothing behind the colon, and sends it empty with ";".
    var lines = headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    if headers["Content-Type"] == nil { lines.append("Content-Type:") }
    if headers["Expect"] == nil { lines.append("Expect:") }
    if headers["User-Agent"] == nil { lines.append("User-Agent: codex-remote") }
    easy.setHeaders(lines)
  }

  func begin(_ done: @escaping @IO (Result<HTTPResponse, any Error>) -> Void) {
    if Reactor.shared.isStopping {
      done(.failure(TransportError(.stopped, peer: peer)))
      return
    }
    Reactor.shared.start(
      easy,
      Reactor.Transfer(
        done: { [self] code in
          end()
          done(result(code))
        },
        stop: { [self] in
          end()
          done(.failure(TransportError(.stopped, peer: peer)))
        }))
  }

  func end() {
    Reactor.shared.drop(easy)
  }

  private func result(_ code: CURLcode) -> Result<HTTPResponse, any Error> {
    if collector.isTooLarge {
      return .failure(TransportError(.tooLarge, peer: peer, detail: "more than \(collector.maxBody) bytes"))
    }
    guard code == CURLE_OK else { return .failure(TransportError(code, easy, peer: peer)) }
    return .success(HTTPResponse(status: easy.status, headers: collector.headers, body: collector.body))
  }
}

/// Gathers a response within bounds.
private final class Collector: CurlSink {
  private static let maxHead = 64 << 10

  let maxBody: Int
  private(set) var headers = HTTPHeaders()
  private(set) var body: [UInt8] = []
  private(set) var isTooLarge = false
  private var headBytes = 0

  init(maxBody: Int) {
    self.maxBody = maxBody
  }

  func takeHeader(_ line: String) -> Bool {
    headBytes += line.utf8.count
    guard headBytes <= Self.maxHead else {
      isTooLarge = true
      return false
    }
    // Each response of an exchange (100, 103, the real one) begins anew.
    if line.hasPrefix("HTTP/") {
      headers = HTTPHeaders()
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...]
      headers.append(line[..<colon].lowercased(), String(value.trimmingWhitespace()))
    }
    return true
  }

  func takeBody(_ bytes: borrowing Span<UInt8>) -> Bool {
    guard body.count + bytes.count <= maxBody else {
      isTooLarge = true
      return false
    }
    bytes.append(to: &body)
    return true
  }
}

extension Substring {
  fileprivate func trimmingWhitespace() -> Substring {
    var text = self
    while let c = text.first, c.isWhitespace { text.removeFirst() }
    while let c = text.last, c.isWhitespace { text.removeLast() }
    return text
  }
}

extension Duration {
  /// Rounded up, within what libcurl takes.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    if seconds >= Int64(Int32.max) / 1000 { return Int(Int32.max) }
    return max(1, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
  }
}
