import Testing
import Transport

/// Against Cloudflare's runtime.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Tools.workerd != nil, "workerd is neither in WORKERD nor in the PATH"))
@IO struct WorkerdTests {
  let server: TestServer
  var url: String { "ws://127.0.0.1:\(server.port)" }

  init() async throws { server = try await TestServer.shared(.workerd) }

  @Test(arguments: [0, 125, 65_536, 900_000])
  func echo(size: Int) async throws {
    let peer = try await Peer.connect("\(url)/")
    let text = String(repeating: "x", count: size)
    peer.send(text)
    #expect(await peer.next() == text)
    peer.socket.close(code: 4000, reason: "ours")
    #expect(await peer.ended() == .closed(code: 4000, reason: "ours"))
  }

  @Test func theServersCloseCode() async throws {
    let peer = try await Peer.connect("\(url)/close?code=4001&reason=revoked")
    #expect(await peer.ended() == .closed(code: 4001, reason: "revoked"))
  }

  @Test func aRefusal() async throws {
    let error = await failure { try await WebSocket.connect(patient("\(url)/refuse")) }
    #expect(error?.response?.status == 403)
    #expect(error?.response?.text == "no such machine")
  }
}
