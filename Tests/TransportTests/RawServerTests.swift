import Testing
import Transport

/// Against bytes that no well-behaved server sends.
@Suite(.serialized, .timeLimit(.minutes(5))) @IO struct RawServerTests {
  let server: TestServer
  var url: String { "ws://127.0.0.1:\(server.port)" }

  init() async throws { server = try await TestServer.shared(.raw) }

  @Test(arguments: [
    ("/reserved-bit", 1002), ("/unknown-opcode", 1002), ("/masked", 1002), ("/long-ping", 1002),
    ("/stray-continuation", 1002), ("/bad-utf8", 1007), ("/close-1005", 1002), ("/too-big", 1009),
  ])
  func violationsEndTheConnection(path: String, code: UInt16) async throws {
    let peer = try await Peer.connect(WebSocketOptions(url + path, maxMessage: 1_000_000))
    guard case .violated(code, let reason) = await peer.ended() else {
      Issue.record("not \(code)")
      return
    }
    #expect(!reason.isEmpty)
  }

  @Test(arguments: ["/no-http", "/wrong-accept", "/no-upgrade", "/long-head", "/early-end"])
  func whatIsNoWebSocketServer(path: String) async throws {
    let error = await failure { try await WebSocket.connect(patient(url + path)) }
    #expect(error?.code == .notWebSocket)
    #expect(error?.detail.isEmpty == false)
  }

  @Test func aRefusalThatEndsWithTheConnection() async throws {
    let error = await failure { try await WebSocket.connect(patient("\(url)/refused-until-end")) }
    #expect(error?.response?.status == 403)
    #expect(error?.response?.text == "not you")
  }

  /// Frames in the same packet as the upgrade's answer wait until somebody listens.
  @Test func framesBehindTheAnswerAreNotLost() async throws {
    let socket = try await WebSocket.connect(patient("\(url)/glued"))
    for _ in 0..<10 { _ = await failure { try await WebSocket.connect(patient("\(url)/no-http")) } }
    let peer = Peer(socket)
    #expect(await peer.next() == "early")
    #expect(await peer.next() == "bird")
    socket.abort("enough")
  }

  @Test func oneByteAtATime() async throws {
    let peer = try await Peer.connect("\(url)/drip")
    #expect(await peer.next() == "drops")
    #expect(await peer.ended() == .closed(code: 1000, reason: ""))
  }

  @Test(arguments: ["/end", "/half-frame"])
  func anEndWithoutCloseFrameIsALoss(path: String) async throws {
    let peer = try await Peer.connect(url + path)
    guard case .lost = await peer.ended() else {
      Issue.record("not lost")
      return
    }
  }

  @Test func aStalledServerTimesOut() async throws {
    let options = WebSocketOptions("\(url)/stall", connectTimeout: .milliseconds(100))
    #expect(await failure { try await WebSocket.connect(options) }?.code == .timedOut)
  }

  @Test func anUnansweredCloseEndsAfterItsTimeout() async throws {
    let peer = try await Peer.connect(WebSocketOptions("\(url)/silent", closeTimeout: .milliseconds(100)))
    peer.socket.close()
    guard case .lost = await peer.ended() else {
      Issue.record("not lost")
      return
    }
  }

  /// A server that reads nothing: what waits for it is bounded, then the connection ends.
  @Test func aDeafServerIsGivenUpAtTheBound() async throws {
    let bound = 1 << 20
    let block = [UInt8](repeating: 0x61, count: 64 << 10)
    let peer = try await Peer.connect(WebSocketOptions("\(url)/deaf", maxUnsent: bound))
    var most = 0
    while peer.socket.isOpen {
      peer.socket.send(block)
      most = max(most, peer.socket.unsent)
      await Task.yield()
    }
    guard case .overflowed(let unsent) = await peer.ended() else {
      Issue.record("not overflowed")
      return
    }
    #expect(unsent > bound)
    #expect(most <= bound + block.count + 14)
    #expect(peer.socket.unsent == 0)
  }
}
