import FoundationEssentials
import Testing
import Transport

@testable import Anchor

@Suite struct BackoffTests {
  @Test(arguments: SeededGenerator.seeds(20))
  func theBoundDoublesUpToItsMost(seed: UInt64) {
    var random = SeededGenerator(seed)
    var backoff = Backoff()
    var bound = Duration.milliseconds(500)
    for _ in 0..<20 {
      let wait = backoff.next(using: &random)
      #expect(wait >= .zero && wait <= bound, "SEED=\(seed)")
      bound = min(bound * 2, .seconds(30))
    }
    backoff.reset()
    #expect(backoff.next(using: &random) <= .milliseconds(500))
  }

  @Test func theWholeSpanIsUsed() {
    var random = SeededGenerator(1)
    let waits = (0..<200).map { _ in
      var backoff = Backoff()
      return backoff.next(using: &random)
    }
    #expect(waits.contains { $0 < .milliseconds(100) } && waits.contains { $0 > .milliseconds(400) })
  }
}

@Suite struct RelayDialerTests {
  private func socket(_ origin: String, port: Int? = nil) -> WebSocketOptions {
    RelayDialer(origin: origin, loopbackPort: port).socket(token: "x")
  }

  @Test func aRelayElsewhereIsDialledAsItIsCalled() {
    #expect(socket("https://relay.example").url == "wss://relay.example/anchor?protocol=1")
    #expect(socket("https://relay.example").headers["Host"] == nil)
    #expect(socket("https://relay.example").headers["Authorization"] == "Bearer x")
  }

  @Test func aRelayOnThisMachineKeepsItsName() {
    let own = socket("http://codex-remote.localhost:8787")
    #expect(own.url == "ws://127.0.0.1:8787/anchor?protocol=1")
    #expect(own.headers["Host"] == "codex-remote.localhost:8787")
    let behind = socket("https://me.tailnet.example", port: 9000)
    #expect(behind.url == "ws://127.0.0.1:9000/anchor?protocol=1")
    #expect(behind.headers["Host"] == "me.tailnet.example")
  }
}

@Suite struct LinkFailureTests {
  private func refused(_ status: Int, _ body: String) -> LinkFailure {
    LinkFailure(
      TransportError(.refused, response: HTTPResponse(status: status, body: Array(body.utf8))),
      origin: "https://relay.example")
  }

  private func isFinal(_ failure: LinkFailure) -> Bool { if case .final = failure { true } else { false } }

  @Test func refusalsSayWhatToDo() {
    #expect(refused(401, #"{"error":{"code":"clock","message":"m","time":12000}}"#) == .clock(12000))
    for time in ["1e300", "-1", "null"] {
      let failure = refused(401, #"{"error":{"code":"clock","message":"m","time":\#(time)}}"#)
      #expect(failure != .clock(0) && !isFinal(failure))
    }
    #expect(isFinal(refused(401, #"{"error":{"code":"unknown-machine","message":"m"}}"#)))
    guard case .retry(let sentence) = refused(401, #"{"error":{"code":"bad-token","message":"Why."}}"#) else {
      Issue.record("not tried again")
      return
    }
    #expect(sentence.hasSuffix("Why."))
    #expect(!isFinal(refused(502, "<html>")))
  }

  @Test func endsSayWhatToDo() {
    let origin = "https://relay.example"
    for code: UInt16 in [1001, 1006, 1009, 1012, 4000, 4003, 4004, 4005, 4999] {
      #expect(!isFinal(LinkFailure(.closed(code: code, reason: ""), origin: origin)))
    }
    for code: UInt16 in [4001, 4002] { #expect(isFinal(LinkFailure(.closed(code: code, reason: ""), origin: origin))) }
    #expect(!isFinal(LinkFailure(.lost("x"), origin: origin)))
  }

  @Test func aLinkThatFellSilentIsNoRestart() {
    func sentence(_ reason: String) -> String {
      let failure = LinkFailure(.closed(code: 1001, reason: reason), origin: "https://relay.example")
      guard case .retry(let sentence) = failure else { return "not tried again" }
      return sentence
    }
    #expect(sentence("silent").contains("heard nothing from this machine for 15 s"))
    #expect(sentence("").contains("restarts") && sentence("restart").contains("restarts"))
  }
}

@Suite struct RelayFrameTests {
  @Test func readsTheHeaderAndFindsThePayload() throws {
    let bytes = Array("{\"type\":\"data\",\"from\":\"c_1\",\"role\":\"browser\",\"signin\":\"s_1\"}\nabc".utf8)
    let frame = RelayFrame(bytes.span)
    #expect(frame?.from == "c_1" && frame?.signin == "s_1" && frame?.role == "browser")
    #expect(frame.map { String(decoding: bytes[$0.payload...], as: UTF8.self) } == "abc")
    let hello = RelayFrame(Array(#"{"type":"hello","user":{"id":"u_1","name":"Ada"}}"#.utf8).span)
    #expect(hello?.userName == "Ada")
    #expect(RelayFrame(Array(#"{"type":"hello","user":null}"#.utf8).span)?.userName == nil)
  }

  @Test func whatIsNoFrameIsNone() {
    for text in ["", "pong", "[]", "{}", #"{"type":""}"#, #"{"type":"data""#, "\n"] {
      let frame = RelayFrame(Array(text.utf8).span)
      #expect(frame == nil)
    }
  }
}
