import Testing
import Transport

/// With an authority of the tests' own.
@Suite(.serialized, .timeLimit(.minutes(5))) @IO struct TLSTests {
  let server: TestServer
  let route = Route(caFile: "\(Tools.tls)/ca.pem")

  init() async throws { server = try await TestServer.shared(.deno) }

  func port(_ name: String) -> Int { server.ports[name] ?? 0 }

  @Test(arguments: ["127.0.0.1", "localhost", "codex-remote.localhost"])
  func trusted(host: String) async throws {
    let peer = try await Peer.connect("wss://\(host):\(port("secure"))/echo", route: route)
    for size in [1, 20_000, 2_000_000] {
      let text = String(repeating: "x", count: size)
      peer.send(text)
      #expect(await peer.next() == text)
    }
    peer.socket.close(code: 1000, reason: "done")
    #expect(await peer.ended() == .closed(code: 1000, reason: "done"))
    let response = try await IO.request(patient("GET", "https://\(host):\(port("secure"))/request", route: route))
    #expect(response.status == 200)
  }

  /// More than one receive holds: bytes that wait inside TLS are found though the socket is empty.
  @Test func burst() async throws {
    let peer = try await Peer.connect("wss://localhost:\(port("secure"))/source", route: route)
    peer.send("3000 1000")
    for i in 0..<3_000 { try #require(await peer.next()?.hasPrefix("\(i) ") == true) }
    peer.socket.close()
  }

  @Test func unknownAuthority() async throws {
    let error = await failure {
      try await WebSocket.connect(patient("wss://localhost:\(port("secure"))/echo"))
    }
    #expect(error?.code == .untrusted)
    #expect(error?.description.contains("SSL_CERT_FILE") == true)
    let other = await failure {
      try await IO.request(patient("GET", "https://localhost:\(port("secure"))/request"))
    }
    #expect(other?.code == .untrusted)
  }

  @Test(arguments: ["expired", "future"])
  func wrongTime(name: String) async throws {
    let options = patient("wss://localhost:\(port(name))/echo", route: route)
    let error = await failure { try await WebSocket.connect(options) }
    #expect(error?.code == .clock)
    #expect(error?.description.contains("clock") == true)
  }

  @Test func anotherHostsCertificate() async throws {
    let proxy = try await TestServer.proxy()
    let through = Route(caFile: route.caFile, proxy: .url("http://127.0.0.1:\(proxy.port)"))
    let options = patient("wss://relay.example:\(port("secure"))/echo", route: through)
    let error = await failure { try await WebSocket.connect(options) }
    #expect(error?.code == .untrusted)
  }

  @Test func noAuthorityFile() async throws {
    let options = patient("wss://localhost:\(port("secure"))/echo", route: Route(caFile: "/nowhere.pem"))
    let error = await failure { try await WebSocket.connect(options) }
    #expect(error?.code == .untrusted)
    #expect(error?.detail.contains("/nowhere.pem") == true)
  }

  @Test func tlsToAServerWithoutIt() async throws {
    let error = await failure { try await WebSocket.connect(patient("wss://localhost:\(server.port)/echo")) }
    #expect(error?.code == .untrusted)
  }
}
