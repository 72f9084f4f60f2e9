import Foundation
import Testing
import Transport

/// Against Deno's server.
@Suite(.serialized, .timeLimit(.minutes(5))) @IO struct DenoTests {
  let server: TestServer
  var url: String { "ws://127.0.0.1:\(server.port)" }

  init() async throws { server = try await TestServer.shared(.deno) }

  @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 3_000_000])
  func echo(size: Int) async throws {
    let peer = try await Peer.connect("\(url)/echo")
    let text = String(repeating: "é", count: size / 2) + (size % 2 == 1 ? "x" : "")
    peer.send(text)
    #expect(await peer.next() == text)
    peer.socket.close(code: 1000, reason: "done")
    #expect(await peer.ended() == .closed(code: 1000, reason: "done"))
  }

  @Test func binaryStaysBinary() async throws {
    let socket = try await WebSocket.connect(patient("\(url)/echo"))
    let bytes: [UInt8] = [0, 255, 0xC3, 0x28]
    let (got, isText) = await withCheckedContinuation { continuation in
      socket.onMessage = { bytes, isText in continuation.resume(returning: (bytes, isText)) }
      socket.send(bytes, isText: false)
    }
    #expect(got == bytes && !isText)
    socket.close()
  }

  /// A name under localhost is this machine without any DNS, as it is for a browser.
  @Test func aNameUnderLocalhost() async throws {
    let peer = try await Peer.connect("ws://codex-remote.localhost:\(server.port)/headers?x=1#fragment")
    let headers = try JSONDecoder().decode([String: String].self, from: Data((await peer.next() ?? "").utf8))
    #expect(headers["host"] == "codex-remote.localhost:\(server.port)")
    peer.socket.close()
  }

  @Test func theOwnersHeadersAreSent() async throws {
    let peer = try await Peer.connect(
      patient("\(url)/headers", headers: ["Authorization": "Bearer token", "X-Empty": ""]))
    let headers = try JSONDecoder().decode([String: String].self, from: Data((await peer.next() ?? "").utf8))
    #expect(headers["authorization"] == "Bearer token")
    #expect(headers["x-empty"] == "")
    #expect(headers["user-agent"] == "codex-remote")
    #expect(peer.socket.response.status == 101)
    #expect(peer.socket.response.headers["upgrade"]?.lowercased() == "websocket")
    peer.socket.close()
  }

  // MARK: Refused upgrades

  @Test func aRefusalHasStatusHeadersAndBody() async throws {
    let error = await failure { try await WebSocket.connect(patient("\(url)/refuse")) }
    #expect(error?.code == .refused)
    #expect(error?.response?.status == 401)
    #expect(error?.response?.headers["X-Why"] == "token")
    #expect(error?.response?.text == #"{"error":{"code":"bad-token"}}"#)
    #expect(error?.description.contains("401") == true)
  }

  @Test func aRefusalInChunks() async throws {
    let error = await failure { try await WebSocket.connect(patient("\(url)/refuse-in-chunks")) }
    #expect(error?.response?.status == 503)
    #expect(error?.response?.text == "one,two,three")
  }

  @Test func aRefusalThatStallsCountsWithWhatCame() async throws {
    var error: TransportError?
    // The first is enough unless the machine is busy.
    for seconds in [0.5, 5, 50] where error?.code != .refused {
      let options = WebSocketOptions("\(url)/refuse-and-stall", connectTimeout: .seconds(seconds))
      error = await failure { try await WebSocket.connect(options) }
    }
    #expect(error?.code == .refused)
    #expect(error?.response?.status == 500)
    #expect(error?.response?.text == "beginning")
  }

  @Test func aRedirectIsNotFollowed() async throws {
    let error = await failure { try await WebSocket.connect(patient("\(url)/redirect")) }
    #expect(error?.response?.status == 302)
    #expect(error?.response?.headers["location"] == "/request")
  }

  @Test func aStalledUpgradeTimesOut() async throws {
    let options = WebSocketOptions("\(url)/stall", connectTimeout: .milliseconds(200))
    let error = await failure { try await WebSocket.connect(options) }
    #expect(error?.code == .timedOut)
    #expect(error?.peer == "127.0.0.1:\(server.port)")
  }

  @Test func cancellingEndsAnAttempt() async throws {
    let url = url
    let attempt = Task { try await WebSocket.connect(WebSocketOptions("\(url)/stall", connectTimeout: .seconds(600))) }
    await Task.yield()
    attempt.cancel()
    await #expect(throws: CancellationError.self) { try await attempt.value }
  }

  // MARK: Ends

  @Test(arguments: [(1000, ""), (1001, "moving"), (3000, "three"), (4001, "revoked"), (4999, "é漢")])
  func theServersCloseCode(code: Int, reason: String) async throws {
    let query = "code=\(code)&reason=\(reason.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
    // Deno's close takes 1000 and 3000 to 4999, as browsers do.
    if code == 1001 { return }
    let peer = try await Peer.connect("\(url)/close?\(query)")
    #expect(await peer.ended() == .closed(code: UInt16(code), reason: reason))
    #expect(await peer.next() == nil)
  }

  struct End: Decodable, Equatable {
    var code: Int
    var reason: String
    var wasClean: Bool
  }

  /// What the server saw of the connection's end.
  func end(of name: String) async throws -> End {
    let response = try await IO.request(patient("GET", "http://127.0.0.1:\(server.port)/end?name=\(name)"))
    return try JSONDecoder().decode(End.self, from: Data(response.body))
  }

  @Test(arguments: [(1000, "bye"), (1001, ""), (3999, "x"), (4002, "protocol: é")])
  func ourCloseCode(code: UInt16, reason: String) async throws {
    let name = "ours-\(code)"
    let peer = try await Peer.connect("\(url)/echo?name=\(name)")
    peer.send("last")
    peer.socket.close(code: code, reason: reason)
    peer.send("never sent")
    #expect(await peer.ended() == .closed(code: code, reason: reason))
    #expect(try await end(of: name) == End(code: Int(code), reason: reason, wasClean: true))
  }

  @Test func anAbortedConnectionIsDropped() async throws {
    let peer = try await Peer.connect("\(url)/echo?name=aborted")
    peer.socket.abort("it went silent")
    #expect(await peer.ended() == .aborted("it went silent"))
    #expect(try await end(of: "aborted").wasClean == false)
  }

  // MARK: Flow

  @Test func manyMessagesStayInOrder() async throws {
    let peer = try await Peer.connect("\(url)/echo")
    for i in 0..<5_000 { peer.send("\(i)") }
    for i in 0..<5_000 { try #require(await peer.next() == "\(i)") }
    peer.socket.close()
    _ = await peer.ended()
  }

  @Test func urgentOvertakesWhatWaits() async throws {
    let peer = try await Peer.connect("\(url)/echo")
    for i in 0..<20 { peer.send("\(i) ".padding(toLength: 100_000, withPad: "x", startingAt: 0)) }
    peer.socket.send(Array("now".utf8), isUrgent: true)
    var order: [String] = []
    for _ in 0..<21 { order.append(String((await peer.next() ?? "").prefix { $0 != " " })) }
    #expect(order == ["now"] + (0..<20).map(String.init))
    peer.socket.close()
  }

  @Test func aPausedConnectionTakesNothingAndResumesWhereItWas() async throws {
    let socket = try await WebSocket.connect(patient("\(url)/source"))
    var numbers: [Int] = []
    var pausedAt: Int?
    let all = AsyncStream<Void>.makeStream()
    socket.onMessage = { bytes, _ in
      numbers.append(Int(String(decoding: bytes.prefix { $0 != 0x20 }, as: UTF8.self)) ?? -1)
      if numbers.count == 10 { socket.pause() }
      if numbers.count == 2_000 { all.continuation.finish() }
    }
    socket.send(Array("2000 10000".utf8))
    while numbers.count < 10 { try await IO.sleep(for: .milliseconds(1)) }
    // The server has sent more than fits; a round trip of another connection shows that the loop goes on.
    for _ in 0..<20 { _ = try await IO.request(patient("GET", "http://127.0.0.1:\(server.port)/request")) }
    pausedAt = numbers.count
    #expect(pausedAt.map { $0 <= 10 + 65_536 / 10_000 } == true)
    socket.resume()
    for await _ in all.stream {}
    #expect(numbers == Array(0..<2_000))
    socket.close()
  }

  @Test func writableComesWhenAllIsWritten() async throws {
    let socket = try await WebSocket.connect(patient("\(url)/echo?name=writable"))
    socket.onMessage = { _, _ in }
    let block = [UInt8](repeating: 0x61, count: 8 << 20)
    let unsent = await withCheckedContinuation { continuation in
      socket.onWritable = {
        socket.onWritable = nil
        continuation.resume(returning: socket.unsent)
      }
      socket.send(block)
      #expect(socket.unsent > block.count)
      socket.flush()
    }
    #expect(unsent == 0)
    socket.close()
  }

  @Test func aSmallMessageIsWrittenByFlush() async throws {
    let peer = try await Peer.connect("\(url)/echo")
    peer.send("small")
    #expect(peer.socket.unsent > 0)
    peer.socket.flush()
    #expect(peer.socket.unsent == 0)
    #expect(await peer.next() == "small")
    peer.socket.close()
  }

  @Test func manyConnectionsAtOnce() async throws {
    let url = url
    try await withThrowingTaskGroup { group in
      for i in 0..<100 {
        group.addTask { try await Self.echo("\(i)", url) }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  private static func echo(_ text: String, _ url: String) async throws -> Bool {
    let peer = try await Peer.connect("\(url)/echo")
    peer.send(text)
    let answer = await peer.next()
    peer.socket.close()
    let end = await peer.ended()
    return answer == text && end == .closed(code: 1000, reason: "")
  }
}
