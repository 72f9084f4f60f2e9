import Foundation
import Testing
import Transport

/// Against Deno's server.
@Suite @IO struct DenoTests {
  let server: TestServer
  var url: String { "ws://127.0.0.1:\(server.port)" }

  init() throws { server = try TestServer.deno.get() }

  @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 3_000_000])
  func echo(size: Int) async throws {
    let peer = try await Peer.connect("\(url)/echo")
    let text = String(repeating: "é", count: size / 2) + (size % 2 == 1 ? "x" : "")
    peer.send(text)
    #expect(await peer.next() == text)
    peer.socket.close(code: 1000, reason: "done")
    #expect(await peer.ended() == .closed(code: 1000, reason: "done"))
  }
}
