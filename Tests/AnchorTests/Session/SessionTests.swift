import Testing

@testable import Anchor

@Suite final class SessionTests {
  static let id = "AAAAAAAAAAAAAAAAAAAAAA"
  var session = Session(id: id, signin: "s_1", connection: "c_1", at: .now)
  var now = ContinuousClock.now
  var scratch: [UInt8] = []

  func flush() -> (frames: [String], wake: ContinuousClock.Instant?) {
    var frames: [String] = []
    let wake = session.flush(at: now, scratch: &scratch) { frames.append(String(decoding: $0, as: UTF8.self)) }
    return (frames, wake)
  }

  func receive(_ text: String) -> (messages: [String], end: SessionEnd?) {
    let bytes = Array(text.utf8)
    guard let header = SessionHeader(bytes.span, from: 0) else { return ([], .unknown) }
    var messages: [String] = []
    let end = session.receive(header, bytes.span, at: now) { messages.append(String(decoding: $0, as: UTF8.self)) }
    return (messages, end)
  }

  func resume(_ connection: String, received: Int) -> Bool {
    session.resume(connection, received: received, at: now)
  }

  func add(_ size: Int) { _ = session.append([UInt8](repeating: UInt8(ascii: "x"), count: size), .plain) }

  @Test func aFrameIsTwoHeadersAndLines() {
    add(3)
    add(2)
    let head = #"{"type":"data","to":"c_1"}"# + "\n"
    #expect(flush().frames == [head + #"{"type":"message","session":"\#(Self.id)","seq":1,"ack":0}"# + "\nxxx\nxx"])
  }

  @Test func anAcknowledgementLeavesOnceWhatCameIsWritten() {
    let open = #"{"type":"message","session":"\#(Self.id)","seq":1,"ack":0}"#
    #expect(receive(open + "\none\ntwo").messages == ["one", "two"])
    #expect(flush().frames.isEmpty)
    session.wrote()
    #expect(flush().frames.first?.contains(#""type":"ack""#) == true)
    #expect(flush().frames.isEmpty)
    // The same lines again are dropped and acknowledged again.
    #expect(receive(open + "\none\ntwo").messages.isEmpty)
    #expect(flush().frames.first?.contains(#""ack":2"#) == true)
  }

  @Test func aLoneMessageWaitsForNothingAndABurstIsGathered() {
    for _ in 0..<2 { add(50_000) }
    #expect(flush().frames.count == 1, "the smallest window holds one of them")
    // Acknowledged fast: the window opens.
    for number in 1...2 {
      now += .milliseconds(20)
      _ = receive(#"{"type":"ack","session":"\#(Self.id)","ack":\#(number),"seq":0}"#)
      _ = flush()
    }
    for _ in 0..<2 { add(40_000) }
    #expect(flush().frames.count == 2)
    add(10)
    let held = flush()
    #expect(held.frames.isEmpty)
    #expect(held.wake == now + Limits.gatherFor)
    now += Limits.gatherFor
    #expect(flush().frames.count == 1)
  }

  @Test func whatWasSentIsSentAgainAfterAResume() {
    add(1)
    add(2)
    _ = flush()
    session.detach()
    add(3)
    #expect(flush().frames.isEmpty)
    #expect(resume("c_2", received: 1))
    let frames = flush().frames
    #expect(frames.count == 1)
    #expect(frames.first?.contains(#""to":"c_2""#) == true)
    #expect(frames.first?.hasSuffix("\"seq\":2,\"ack\":0}\nxx\nxxx") == true)
  }

  @Test func numbersThatCannotBeEndTheSession() {
    add(1)
    _ = flush()
    #expect(!resume("c_2", received: 2))
    #expect(receive(#"{"type":"ack","session":"\#(Self.id)","ack":2,"seq":0}"#).end == .unknown)
    #expect(receive(#"{"type":"ack","session":"\#(Self.id)","ack":1,"seq":0}"#).end == nil)
    #expect(!resume("c_2", received: 0), "what was acknowledged is gone")
    #expect(receive(#"{"type":"message","session":"\#(Self.id)","ack":1}"#).end == .unknown)
  }

  @Test func lostLinesAreAskedForOnce() {
    let second = #"{"type":"message","session":"\#(Self.id)","seq":2,"ack":0}"# + "\ntwo"
    #expect(receive(second).messages.isEmpty)
    #expect(flush().frames.first?.contains(#""gap":true,"ack":0"#) == true)
    _ = receive(second)
    #expect(flush().frames.isEmpty)
    // A ping brings it up again, and its answer does not swallow the question.
    _ = receive(#"{"type":"ping","session":"\#(Self.id)","n":5,"ack":0,"seq":2}"#)
    let frames = flush().frames
    #expect(frames.count == 2)
    #expect(frames.first?.contains(#""type":"pong""#) == true && frames.first?.contains(#""n":5"#) == true)
    #expect(frames.last?.contains(#""gap":true"#) == true)
    #expect(
      receive(#"{"type":"message","session":"\#(Self.id)","seq":1,"ack":0}"# + "\none\ntwo").messages == ["one", "two"])
  }

  @Test func headersOfTheWrongKindAreNone() {
    #expect(sessionHeader(#"{"type":"message","session":"\#(Self.id)","seq":1}"#)?.seq == 1)
    for text in [
      "", "{}", #"{"type":"message"}"#, #"{"type":"message","session":"short"}"#,
      #"{"type":"hop","session":"\#(Self.id)"}"#, #"{"type":"ack","session":"\#(Self.id)","ack":-1}"#,
      #"{"type":"ack","session":"\#(Self.id)","ack":1.5}"#, #"{"type":"ack","session":"\#(Self.id)","ack":"1"}"#,
      #"{"type":"ack","session":"\#(Self.id)","x":"\#(String(repeating: "y", count: 1100))"}"#,
    ] {
      #expect(sessionHeader(text) == nil, "\(text)")
    }
  }

  @Test func theHighestNumberIsAGap() {
    var inbox = Inbox()
    let line = Array("{}".utf8)
    #expect(inbox.receive(line.span, from: 0, first: .max, more: false) { _ in } == .gap)
  }

  @Test func anOpenIsDecidedBySignInAndHistory() {
    var tombstones = Tombstones()
    tombstones.add(Self.id, signin: "s_1", .overflow)
    func decide(_ text: String, _ signin: String, _ existing: Session?, ready: Bool = true) -> OpenDecision? {
      sessionHeader(text).map {
        OpenDecision.decide(
          $0, signin: signin, existing: existing, tombstones: existing == nil ? tombstones : Tombstones(),
          isAppServerReady: ready)
      }
    }
    let new = #"{"type":"open","session":"BAAAAAAAAAAAAAAAAAAAAA","protocol":1}"#
    let again = #"{"type":"open","session":"\#(Self.id)","protocol":1,"resume":true,"received":0}"#
    let twice = #"{"type":"open","session":"\#(Self.id)","protocol":1}"#
    #expect(decide(new, "s_1", nil) == .open)
    #expect(decide(new, "s_1", nil, ready: false) == .refuse(.appServerDown))
    #expect(decide(again, "s_1", session) == .resume)
    #expect(decide(again, "s_2", session) == .refuse(.unknown))
    #expect(decide(twice, "s_1", session) == .refuseAndEnd(.duplicate))
    #expect(decide(twice, "s_2", session) == .refuse(.unknown))
    #expect(decide(again, "s_1", nil) == .refuse(.overflow))
    #expect(decide(again, "s_2", nil) == .refuse(.unknown))
    #expect(decide(twice, "s_1", nil) == .refuse(.duplicate))
    #expect(decide(#"{"type":"open","session":"\#(Self.id)","protocol":2}"#, "s_1", session) == .refuse(.version))
  }
}
