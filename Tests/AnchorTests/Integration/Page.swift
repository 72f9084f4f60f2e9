import Cryptography
import FoundationEssentials
import Testing
import Transport

@testable import Anchor

/// A web client at the real relay: one socket, one session, JSON-RPC to codex.
@IO final class Page {
  struct Message: Sendable, Equatable {
    var method: String?
    var id: RequestID?
    var text: String

    /// The text of a member anywhere in the message, the first of its name.
    func field(_ name: String) -> String? {
      guard let range = text.firstRange(of: "\"\(name)\":\"") else { return nil }
      return String(text[range.upperBound...].prefix { $0 != "\"" })
    }
  }

  private struct Header: Decodable {
    var type: String
    var session: String?
    var reset: String?
    var reason: String?
    var incarnation: String?
    var received: Int?
    var resumed: Bool?
  }

  private let stage: Stage
  private var socket: WebSocket?
  private(set) var model = PageModel(session: randomToken(bytes: 16))
  private(set) var messages: [Message] = []
  private(set) var incarnation = ""
  private(set) var end: String?
  private(set) var isOpened = false
  /// How many frames came.
  private(set) var frames = 0
  private var lastID = 0
  /// Takes frames and does not answer them.
  private var isStalled = false

  static func open(_ stage: Stage) async throws -> Page {
    let page = Page(stage)
    try await page.connect()
    page.sendHeader(#""type":"open","protocol":1"#)
    try await page.opened()
    _ = try await page.call(
      "initialize", #"{"clientInfo":{"name":"tests","version":"1"},"capabilities":{"experimentalApi":true}}"#)
    page.send(#"{"method":"initialized"}"#)
    return page
  }

  init(_ stage: Stage) { self.stage = stage }

  func connect() async throws {
    let host = String(stage.origin.dropFirst("http://".count))
    let socket = try await WebSocket.connect(
      WebSocketOptions(
        "ws://127.0.0.1:\(stage.relayPort)/socket?protocol=1",
        headers: ["Host": host, "Origin": stage.origin, "Cookie": stage.cookie]))
    self.socket = socket
    socket.onMessage = { [weak self] bytes, _ in self?.take(bytes) }
    socket.onEnd = { _ in }
  }

  func opened() async throws {
    _ = try await eventually("opened") { isOpened || end != nil ? true : nil }
  }

  /// The socket breaks without a word.
  func cut() {
    socket?.onMessage = nil
    socket?.abort("cut by the test")
    socket = nil
    isOpened = false
  }

  /// Dials again and goes on.
  func resume() async throws {
    try await connect()
    try await resumeSession()
  }

  func resumeSession() async throws {
    isOpened = false
    _ = try await eventually("resumed") {
      if isOpened || end != nil { return true }
      sendHeader(#""type":"open","protocol":1,"resume":true,"received":\#(model.received)"#)
      try await Task.sleep(for: .milliseconds(200))
      return nil
    }
  }

  func close() {
    socket?.close()
    socket = nil
  }

  // MARK: Session layer

  func sendHeader(_ fields: String, _ body: String = "") {
    let header = #"{"type":"data","to":"\#(stage.machine.id)"}"#
    socket?.send(Array("\(header)\n{\(fields),\"session\":\"\(model.session)\"}\(body)".utf8))
  }

  private func sendPayload(_ payload: [UInt8]) {
    socket?.send(Array("{\"type\":\"data\",\"to\":\"\(stage.machine.id)\"}\n".utf8) + payload)
  }

  private func take(_ bytes: [UInt8]) {
    frames += 1
    let text = String(decoding: bytes, as: UTF8.self)
    let rows = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
    guard rows[0].hasPrefix(#"{"type":"data""#), rows.count > 1,
      let header = try? JSONDecoder().decode(Header.self, from: Data(rows[1].utf8)), header.session == model.session
    else { return }
    switch header.type {
    case "opened":
      if let reset = header.reset {
        end = reset
      } else {
        if header.resumed == true { model.resumed(received: header.received ?? 0) }
        incarnation = header.incarnation ?? ""
        isOpened = true
        flush()
      }
    case "close": end = header.reason
    default:
      if isStalled { return }
      let before = model.messages.count
      do {
        for payload in try model.take(bytes) { sendPayload(payload) }
      } catch {
        Issue.record("a frame of the anchor: \(error)")
      }
      for text in model.messages[before...] { arrived(text) }
      sendPayload(model.acknowledge())
      flush()
    }
  }

  func ping() { sendPayload(model.ping()) }

  private func flush() {
    guard isOpened else { return }
    for payload in model.flush(linesPerFrame: 16) { sendPayload(payload) }
  }

  // MARK: JSON-RPC

  private func arrived(_ text: String) {
    let bytes = Array(text.utf8)
    let head = MessageHead(codex: bytes.span)
    messages.append(Message(method: head?.kind == .response ? nil : head?.method, id: head?.id, text: text))
  }

  func send(_ message: String) {
    model.send(message)
    flush()
  }

  /// Sends a request and gives its whole answer.
  func call(_ method: String, _ params: String) async throws -> Message {
    lastID += 1
    let id = lastID
    send(#"{"id":\#(id),"method":"\#(method)","params":\#(params)}"#)
    return try await message("the answer to \(method)") { $0.method == nil && $0.id == .number(Int64(id)) }
  }

  func message(after count: Int = 0, _ what: String, _ wanted: (Message) -> Bool) async throws -> Message {
    try await eventually("\(what); end \(end ?? "none"), last \(messages.suffix(3).map { $0.text.prefix(300) })") {
      messages.dropFirst(count).first(where: wanted)
    }
  }

  func startThread() async throws -> String {
    let answer = try await call("thread/start", #"{"cwd":"\#(stage.folder.file("work"))"}"#)
    guard let range = answer.text.firstRange(of: #""thread":{"id":""#) else { throw NeverHappened(answer.text) }
    return String(answer.text[range.upperBound...].prefix { $0 != "\"" })
  }

  /// Starts a turn in which the model does these steps (templates/demo/script.js).
  func startTurn(_ thread: String, _ steps: String) async throws -> String {
    let prompt = JSONOutput.quoted("Do as scripted\n#script {\"steps\":[\(steps)]}")
    let answer = try await call("turn/start", #"{"threadId":"\#(thread)","input":[{"type":"text","text":\#(prompt)}]}"#)
    guard let range = answer.text.firstRange(of: #""turn":{"id":""#) else { throw NeverHappened(answer.text) }
    return String(answer.text[range.upperBound...].prefix { $0 != "\"" })
  }

  func turnCompleted(_ turn: String) async throws {
    _ = try await message("the end of turn \(turn)") { $0.method == "turn/completed" && $0.text.contains(turn) }
  }

  /// The streamed text of a turn.
  func streamed(_ turn: String) -> String {
    messages.filter { $0.method == "item/agentMessage/delta" && $0.field("turnId") == turn }
      .compactMap { $0.field("delta") }.joined()
  }

  func stall(_ isStalled: Bool) { self.isStalled = isStalled }

  /// As `startTurn`, for a page that takes no answer.
  func startTurnUnanswered(_ thread: String, _ steps: String) {
    lastID += 1
    let prompt = JSONOutput.quoted("Do as scripted\n#script {\"steps\":[\(steps)]}")
    send(
      #"{"id":\#(lastID),"method":"turn/start","params":{"threadId":"\#(thread)","#
        + #""input":[{"type":"text","text":\#(prompt)}]}}"#)
  }
}
