import Foundation
import Testing
import Transport

/// The orderly end of the loop, each in a process of its own: the loop is one for all.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StopTests {
  @Test func openConnectionsAreClosedInOrder() async throws {
    await #expect(processExitsWith: .success) {
      let server = try await TestServer.shared(.deno)
      let peer = try await Peer.connect("ws://127.0.0.1:\(server.port)/echo?name=stopped")
      // What was sent before still goes.
      await peer.send("before")
      await IO.stop(within: .seconds(60))
      #expect(await peer.ended() == .stopped)
      #expect(await peer.socket.isOpen == false)
      // The loop starts anew, and the server was told.
      let response = try await IO.request(patient("GET", "http://127.0.0.1:\(server.port)/end?name=stopped"))
      #expect(response.text == #"{"code":1001,"reason":"","wasClean":true}"#)
      await IO.stop()
    }
  }

  @Test func whatIsPendingFails() async throws {
    await #expect(processExitsWith: .success) {
      let server = try await TestServer.shared(.deno)
      let url = "127.0.0.1:\(server.port)"
      let request = Task { try await IO.request(patient("GET", "http://\(url)/stall")) }
      let attempt = Task { try await WebSocket.connect(patient("ws://\(url)/stall")) }
      let sleep = Task { try await IO.sleep(for: .seconds(3600)) }
      await IO.run { _ = IO.after(.seconds(3600)) { fatalError("a timer ran after the stop") } }
      // A round trip: the three have begun.
      _ = try await IO.request(patient("GET", "http://\(url)/request"))
      async let first: Void = IO.stop()
      async let second: Void = IO.stop()
      _ = await (first, second)
      #expect(await failure { try await request.value }?.code == .stopped)
      #expect(await failure { try await attempt.value }?.code == .stopped)
      #expect(await failure { try await sleep.value }?.code == .stopped)
    }
  }

  /// One server never answers the close frame, the other takes no byte more.
  @Test func theBoundHolds() async throws {
    await #expect(processExitsWith: .success) {
      let server = try await TestServer.shared(.raw)
      let silent = try await Peer.connect("ws://127.0.0.1:\(server.port)/silent")
      let deaf = try await Peer.connect("ws://127.0.0.1:\(server.port)/deaf")
      await deaf.socket.send([UInt8](repeating: 0x61, count: 32 << 20))
      await IO.stop(within: .milliseconds(100))
      #expect(await silent.ended() == .stopped)
      #expect(await deaf.ended() == .stopped)
    }
  }

  @Test func whatBeginsMeanwhileFails() async throws {
    await #expect(processExitsWith: .success) {
      let server = try await TestServer.shared(.raw)
      let url = "ws://127.0.0.1:\(server.port)/silent"
      let socket = try await WebSocket.connect(patient(url))
      let begun = AsyncStream<TransportError.Code?>.makeStream()
      await IO.run {
        socket.onEnd = { _ in
          Task { @IO in
            begun.continuation.yield(await failure { try await WebSocket.connect(patient(url)) }?.code)
            begun.continuation.yield(
              await failure { try await IO.request(patient("GET", "http://127.0.0.1:1/")) }?.code)
            begun.continuation.yield(await failure { try await IO.sleep(for: .seconds(3600)) }?.code)
            begun.continuation.finish()
          }
        }
      }
      await IO.stop(within: .milliseconds(50))
      for await code in begun.stream { #expect(code == .stopped) }
    }
  }

  @Test func startAndStopManyTimes() async throws {
    await #expect(processExitsWith: .success) {
      let server = try await TestServer.shared(.deno)
      for i in 0..<50 {
        let peer = try await Peer.connect("ws://127.0.0.1:\(server.port)/echo")
        await peer.send("\(i)")
        #expect(await peer.next() == "\(i)")
        // Several stops at once, each at another moment of the others.
        await withTaskGroup { group in
          for _ in 0..<4 { group.addTask { await IO.stop(within: .seconds(60)) } }
        }
        #expect(await peer.ended() == .stopped)
      }
    }
  }

  @Test func stoppingWhatNeverRan() async throws {
    await #expect(processExitsWith: .success) {
      await IO.stop()
      await IO.stop(within: .zero)
    }
  }
}

/// What the environment says, in processes of their own.
@Suite(.serialized, .timeLimit(.minutes(5))) struct EnvironmentTests {
  @Test func theAuthoritiesFile() async throws {
    await #expect(processExitsWith: .success) {
      setenv("SSL_CERT_FILE", Tools.tls + "/ca.pem", 1)
      let server = try await TestServer.shared(.deno)
      let url = "https://localhost:\(server.ports["secure"] ?? 0)/request"
      #expect(try await IO.request(patient("GET", url)).status == 200)
    }
  }

  @Test func aProxyIsNotUsedForThisMachine() async throws {
    await #expect(processExitsWith: .success) {
      for name in ["http_proxy", "https_proxy", "all_proxy"] { setenv(name, "http://127.0.0.1:1", 1) }
      let server = try await TestServer.shared(.deno)
      for host in ["127.0.0.1", "localhost", "codex-remote.localhost"] {
        let peer = try await Peer.connect("ws://\(host):\(server.port)/echo")
        await peer.socket.close()
        #expect(try await IO.request(patient("GET", "http://\(host):\(server.port)/request")).status == 200)
      }
      let error = await failure { try await IO.request(patient("GET", "http://relay.example/")) }
      #expect(error?.code == .unreachable)
      let other = await failure { try await WebSocket.connect(patient("wss://relay.example/")) }
      #expect(other?.code == .unreachable)
    }
  }

  @Test func aProxyOfTheEnvironment() async throws {
    await #expect(processExitsWith: .success) {
      let server = try await TestServer.shared(.deno)
      let proxy = try await TestServer.proxy()
      setenv("http_proxy", "http://127.0.0.1:\(proxy.port)", 1)
      setenv("no_proxy", "elsewhere.example", 1)
      let peer = try await Peer.connect("ws://relay.example:\(server.port)/echo")
      #expect(await proxy.nextLine() == "relay.example:\(server.port)")
      await peer.send("x")
      #expect(await peer.next() == "x")
    }
  }
}
