import Cryptography
import FoundationEssentials
public import Providers
import Transport

/// Two throw-away identities speak to each other through the relay, over its own address and by its ordinary rules
/// (`/deploy/probe` in docs/protocol.md, section 2): what an anchor and a page will do.
public struct RoundTrip: Sendable {
  let run: @Sendable (_ address: RelayAddress, _ deployKey: String, _ limit: Duration) async throws -> Void

  public init(_ run: @escaping @Sendable (RelayAddress, String, Duration) async throws -> Void) { self.run = run }

  /// The real one. Both sockets are closed when it ends, however it ends.
  public static let real = RoundTrip { address, key, limit in
    try await overSockets(Deployer(address: address, key: key, client: IO.client), limit: limit)
  }

  @IO private static func overSockets(_ deployer: Deployer, limit: Duration) async throws {
    let room = randomToken(bytes: 16)
    let anchor = try await ProbeSocket(deployer, role: "anchor", room: room, limit: limit)
    defer { anchor.close() }
    let page = try await ProbeSocket(deployer, role: "browser", room: room, limit: limit)
    defer { page.close() }
    let (there, back) = (randomToken(bytes: 16), randomToken(bytes: 16))
    page.send(there, to: anchor.id)
    let first = try await anchor.next()
    guard first.payload == there, let from = first.header.from else { throw failed("what was sent did not arrive") }
    anchor.send(back, to: from)
    let second = try await page.next()
    guard second.payload == back, second.header.from == anchor.id else { throw failed("the answer did not arrive") }
  }

  fileprivate static func failed(_ why: String) -> VerificationError {
    VerificationError("Two ends could not speak through the relay (\(why)): look at its log, and run this again.")
  }
}

/// One end of the round trip.
@IO private final class ProbeSocket {
  struct Header: Decodable {
    let type: String
    var from: String?, id: String?, code: String?
  }
  struct Frame { let header: Header, payload: String }

  private let socket: WebSocket
  private let limit: Duration
  private var frames: [Frame] = []
  private var end: WebSocketEnd?
  private var waiting: CheckedContinuation<Void, Never>?
  /// What the relay calls this end.
  private(set) var id = ""

  init(_ deployer: Deployer, role: String, room: String, limit: Duration) async throws {
    self.limit = limit
    socket = try await Self.connect(deployer, "/deploy/probe?protocol=1&role=\(role)&room=\(room)", limit)
    socket.onMessage = { [weak self] bytes, _ in self?.take(String(decoding: bytes, as: UTF8.self)) }
    socket.onEnd = { [weak self] in
      self?.end = $0
      self?.wake()
    }
    guard let name = try await next().header.id else { throw RoundTrip.failed("it was not greeted") }
    id = name
  }

  private static func connect(_ deployer: Deployer, _ path: String, _ limit: Duration) async throws -> WebSocket {
    do {
      return try await WebSocket.connect(
        WebSocketOptions(
          WebSocketOptions.url(on: deployer.address.url) + path,
          headers: ["Host": deployer.address.host, "Authorization": "Bearer \(try deployer.token())"],
          connectTimeout: limit, maxMessage: 1 << 16))
    } catch let error as TransportError where error.code == .refused || error.code == .notWebSocket {
      if error.response?.status == 401 { throw VerificationError.otherKey }
      let why = error.response.map { Deployer.reason($0) } ?? error.detail
      throw RoundTrip.failed("its WebSocket was refused, \(why)")
    }
  }

  func send(_ payload: String, to: String) {
    socket.send(Array("{\"type\":\"data\",\"to\":\"\(to)\"}\n\(payload)".utf8))
  }

  /// The next frame.
  func next() async throws -> Frame {
    let timer = IO.after(limit) { [weak self] in self?.socket.abort("no answer in time") }
    defer { timer.cancel() }
    try await withTaskCancellationHandler {
      while frames.isEmpty, end == nil { await withCheckedContinuation { waiting = $0 } }
      try Task.checkCancellation()
    } onCancel: {
      Task { @IO in socket.abort("called off") }
    }
    guard !frames.isEmpty else { throw RoundTrip.failed(end.map { "\($0)" } ?? "it ended") }
    let frame = frames.removeFirst()
    guard frame.header.type != "error" else { throw RoundTrip.failed("the relay said \(frame.header.code ?? "no")") }
    return frame
  }

  func close() { if socket.isOpen { socket.close() } }

  private func take(_ text: String) {
    let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard let header = try? JSONDecoder().decode(Header.self, from: Data(parts[0].utf8)) else { return }
    frames.append(Frame(header: header, payload: parts.count > 1 ? String(parts[1]) : ""))
    wake()
  }

  private func wake() {
    waiting?.resume()
    waiting = nil
  }
}
