import Testing

@testable import Anchor

/// A session and its page over a line that loses, repeats and is cut: whatever happens, each message arrives once and
/// in order on both sides, and the texts are whole.
@Suite struct SessionPropertyTests {
  struct World {
    var random: SeededGenerator
    var now = ContinuousClock.now
    var session: Session
    var page = PageModel(session: "AAAAAAAAAAAAAAAAAAAAAA")
    /// Frames on their way, oldest first.
    var toPage: [[UInt8]] = []
    var toAnchor: [[UInt8]] = []
    var scratch: [UInt8] = []
    /// What app-server got and what it sent.
    var upstream: [String] = []
    var sentByPage: [String] = []
    var plain: [String] = []
    var texts: [String: String] = [:]
    var connection = 1

    init(seed: UInt64) {
      random = SeededGenerator(seed)
      session = Session(id: page.session, signin: "s_1", connection: "c_1", at: now)
    }

    mutating func flush() {
      _ = session.flush(at: now, scratch: &scratch) { toPage.append($0) }
    }

    mutating func deliverToAnchor(_ frame: [UInt8]) {
      guard let header = SessionHeader(frame.span, from: 0) else {
        Issue.record("header refused")
        return
      }
      var got: [String] = []
      let end = session.receive(header, frame.span, at: now) { got.append(String(decoding: $0, as: UTF8.self)) }
      #expect(end == nil)
      upstream += got
      if random.chance(90) { session.wrote() }
    }

    mutating func cut() {
      toPage = []
      toAnchor = []
      session.detach()
      connection += 1
      session.wrote()
      let isResumed = session.resume("c_\(connection)", received: page.received, at: now)
      #expect(isResumed)
      page.resumed(received: session.received)
    }

    mutating func step(loses: Bool) throws {
      now += .milliseconds(Int.random(in: 0...20, using: &random))
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<30: addFromAppServer()
      case 30..<45:
        let size = random.chance(3) ? 40_000 : Int.random(in: 0...300, using: &random)
        let message = #"{"id":\#(sentByPage.count),"method":"x","params":"\#(String(repeating: "é", count: size))"}"#
        sentByPage.append(message)
        page.send(message)
      case 45..<60: toAnchor += page.flush(linesPerFrame: Int.random(in: 1...4, using: &random))
      case 60..<75: if !toAnchor.isEmpty { deliverToAnchor(toAnchor.removeFirst()) }
      case 75..<90: if !toPage.isEmpty { toAnchor += try page.take(toPage.removeFirst()) }
      case 90..<94: toAnchor.append(random.chance(50) ? page.acknowledge() : page.ping())
      case 94 where loses: cut()
      case 95 where loses: if !toPage.isEmpty { toPage.removeFirst() }
      case 96 where loses: if !toAnchor.isEmpty { toAnchor.removeFirst() }
      case 97: if let first = toAnchor.first { toAnchor.insert(first, at: 0) }
      case 98: if let first = toPage.first { toPage.insert(first, at: 0) }
      default: break
      }
      if random.chance(60) { flush() }
    }

    mutating func addFromAppServer() {
      let kind = Int.random(in: 0..<10, using: &random)
      let message: String
      if kind < 6 {
        let item = "i\(Int.random(in: 0...2, using: &random))"
        let text = "[\(item):\(texts[item, default: ""].count)]"
        texts[item, default: ""] += text
        message =
          #"{"method":"item/agentMessage/delta","params":{"threadId":"t","turnId":"u","itemId":"\#(item)","delta":"\#(text)"},"emittedAtMs":\#(plain.count + 1000)}"#
      } else {
        let size = random.chance(5) ? 25_000 : Int.random(in: 0...500, using: &random)
        message = #"{"id":\#(plain.count),"result":"\#(String(repeating: "𝄞x", count: size))"}"#
        plain.append(message)
      }
      let parsed = Parsed(message)
      let isKept = session.append(parsed.bytes, parsed.kind)
      #expect(isKept)
    }

    mutating func settle() throws {
      for _ in 0..<2000 {
        now += .milliseconds(20)
        flush()
        while !toPage.isEmpty { toAnchor += try page.take(toPage.removeFirst()) }
        toAnchor += page.flush(linesPerFrame: 3)
        toAnchor.append(page.ping())
        for frame in toAnchor { deliverToAnchor(frame) }
        toAnchor = []
        session.wrote()
        if !session.outbox.hasUnsent, page.received == session.outbox.highest, page.isAllAcknowledged { return }
      }
      Issue.record("never settles")
    }
  }

  @Test(arguments: SeededGenerator.seeds(12))
  func everythingArrivesOnceAndInOrder(seed: UInt64) async throws {
    print("SEED=\(seed)")
    var world = World(seed: seed)
    for step in 0..<800 {
      // Other tests wait for servers meanwhile.
      if step.isMultiple(of: 20) { await Task.yield() }
      try world.step(loses: true)
      // The backlog's bound is another test's matter.
      if world.session.outbox.keptBytes > 3 << 20 { try world.settle() }
    }
    try world.settle()
    // Compared outside of the macro, which would print megabytes.
    let isUpstreamWhole = world.upstream == world.sentByPage
    #expect(isUpstreamWhole, "SEED=\(seed)")
    let arePlainWhole = world.page.messages.filter { $0.hasPrefix(#"{"id""#) } == world.plain
    #expect(arePlainWhole, "SEED=\(seed)")
    var texts: [String: String] = [:]
    for message in world.page.messages where message.hasPrefix(#"{"method""#) {
      let parsed = Parsed(message)
      let item = try #require(parsed.text(parsed.params.itemID))
      texts[item, default: ""] += try #require(parsed.text(parsed.params.delta))
    }
    let areTextsWhole = texts == world.texts
    #expect(areTextsWhole, "SEED=\(seed)")
    #expect(world.session.outbox.keptBytes == 0)
  }
}
