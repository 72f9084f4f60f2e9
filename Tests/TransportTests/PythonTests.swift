import Testing
import Transport

/// Against the server of Python's `websockets`.
@Suite(.serialized, .timeLimit(.minutes(5))) @IO struct PythonTests {
  let server: TestServer
  var url: String { "ws://127.0.0.1:\(server.port)" }

  init() async throws { server = try await TestServer.shared(.python) }

  @Test(arguments: [0, 126, 65_536, 20_000_000])
  func echo(size: Int) async throws {
    let peer = try await Peer.connect("\(url)/")
    let text = String(repeating: "x", count: size)
    peer.send(text)
    #expect(await peer.next() == text)
    peer.socket.close()
    #expect(await peer.ended() == .closed(code: 1000, reason: ""))
  }

  @Test func overAUnixSocket() async throws {
    var options = WebSocketOptions(unixPath: TestServer.unixPath)
    options.closeTimeout = .seconds(60)
    let peer = try await Peer.connect(options)
    for size in [1, 1_000, 1_000_000] {
      let text = String(repeating: "é", count: size)
      peer.send(text)
      #expect(await peer.next() == text)
    }
    peer.socket.close(code: 4000, reason: "unix")
    #expect(await peer.ended() == .closed(code: 4000, reason: "unix"))
  }

  @Test func noSuchUnixSocket() async throws {
    let path = TestServer.unixPath + ".none"
    let error = await failure { try await WebSocket.connect(WebSocketOptions(unixPath: path)) }
    #expect(error?.code == .unreachable)
    #expect(error?.peer == path)
    let tooLong = "/tmp/" + String(repeating: "x", count: 120)
    let other = await failure { try await WebSocket.connect(WebSocketOptions(unixPath: tooLong)) }
    #expect(other?.code == .invalidRequest)
  }

  /// Fragments of three characters, a ping between each two.
  @Test func fragmentsWithPingsBetween() async throws {
    let peer = try await Peer.connect("\(url)/fragments")
    for text in ["", "a", "one two three", String(repeating: "漢字😀", count: 500)] {
      peer.send(text)
      // An empty iterable is no message.
      if !text.isEmpty { #expect(await peer.next() == text) }
    }
    peer.socket.close()
    #expect(await peer.ended() == .closed(code: 1000, reason: ""))
  }

  @Test func pingsAreAnswered() async throws {
    let peer = try await Peer.connect("\(url)/ping")
    for payload in ["", "p", String(repeating: "x", count: 125)] {
      peer.send(payload)
      #expect(await peer.next() == "pong \(payload)")
    }
    peer.socket.close()
  }

  @Test func aPongShowsThatTheServerLives() async throws {
    let peer = try await Peer.connect("\(url)/")
    let before = peer.socket.lastReceived
    peer.socket.ping([1, 2, 3])
    while peer.socket.lastReceived == before { try await IO.sleep(for: .milliseconds(1)) }
    #expect(peer.socket.lastReceived > before)
    peer.socket.close()
  }

  @Test(arguments: [(1000, "done"), (1001, ""), (1011, "broken"), (1012, "restart"), (1013, ""), (4004, "too-slow")])
  func theServersCloseCode(code: UInt16, reason: String) async throws {
    let peer = try await Peer.connect("\(url)/close?\(code),\(reason)")
    #expect(await peer.ended() == .closed(code: code, reason: reason))
  }

  @Test func aCutConnectionIsLost() async throws {
    let peer = try await Peer.connect("\(url)/cut")
    guard case .lost(let why) = await peer.ended() else {
      Issue.record("not lost")
      return
    }
    #expect(!why.isEmpty)
  }
}
