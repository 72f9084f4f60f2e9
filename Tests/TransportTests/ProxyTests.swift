import Testing
import Transport

/// Through a CONNECT proxy.
@Suite(.serialized, .timeLimit(.minutes(5))) @IO struct ProxyTests {
  let server: TestServer

  init() async throws { server = try await TestServer.shared(.deno) }

  @Test(arguments: [false, true])
  func tunnels(isSecure: Bool) async throws {
    let proxy = try await TestServer.proxy()
    let route = Route(caFile: "\(Tools.tls)/ca.pem", proxy: .url("http://127.0.0.1:\(proxy.port)"))
    let host = "relay.localhost:\(server.ports[isSecure ? "secure" : "plain"] ?? 0)"
    let peer = try await Peer.connect("\(isSecure ? "wss" : "ws")://\(host)/echo", route: route)
    #expect(await proxy.nextLine() == host)
    peer.send("through")
    #expect(await peer.next() == "through")
    peer.socket.close(code: 4000, reason: "x")
    #expect(await peer.ended() == .closed(code: 4000, reason: "x"))
  }

  @Test func requestsGoThroughToo() async throws {
    let proxy = try await TestServer.proxy()
    let route = Route(caFile: "\(Tools.tls)/ca.pem", proxy: .url("http://127.0.0.1:\(proxy.port)"))
    let host = "relay.localhost:\(server.ports["secure"] ?? 0)"
    let response = try await IO.request(patient("GET", "https://\(host)/request", route: route))
    #expect(response.status == 200)
    #expect(await proxy.nextLine() == host)
  }

  @Test func aNamedProxyWantsCredentials() async throws {
    let proxy = try await TestServer.proxy(credentials: "user:secret")
    let url = "ws://relay.localhost:\(server.port)/echo"
    let with = Route(proxy: .url("http://user:secret@127.0.0.1:\(proxy.port)"))
    let peer = try await Peer.connect(url, route: with)
    peer.send("x")
    #expect(await peer.next() == "x")
    peer.socket.close()
    let without = Route(proxy: .url("http://127.0.0.1:\(proxy.port)"))
    let error = await failure { try await WebSocket.connect(patient(url, route: without)) }
    #expect(error?.code == .proxy)
    #expect(error?.detail == "it asks for a name and password")
  }

  @Test func theProxyCannotReachTheServer() async throws {
    let proxy = try await TestServer.proxy()
    let options = WebSocketOptions(
      "ws://relay.localhost:1/", route: Route(proxy: .url("http://127.0.0.1:\(proxy.port)")))
    let error = await failure { try await WebSocket.connect(options) }
    #expect(error?.code == .proxy)
    #expect(error?.detail == "it answered 502")
  }

  @Test func thereIsNoProxy() async throws {
    let options = patient("ws://relay.localhost/", route: Route(proxy: .url("http://127.0.0.1:1")))
    #expect(await failure { try await WebSocket.connect(options) }?.code == .unreachable)
    let other = patient("ws://relay.localhost/", route: Route(proxy: .url("http://nowhere.invalid:1")))
    #expect(await failure { try await WebSocket.connect(other) }?.code == .unresolvedProxy)
  }
}
