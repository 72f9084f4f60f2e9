import Testing

@testable import Anchor

@Suite final class BacklogTests {
  var outbox = Outbox()
  let now = ContinuousClock.now

  func delta(_ item: String, _ text: String, at time: Int = 1) -> Parsed {
    Parsed(
      #"{"method":"item/agentMessage/delta","params":{"threadId":"t","turnId":"u","itemId":"\#(item)","delta":"\#(text)"},"emittedAtMs":\#(time)}"#
    )
  }

  func completed(_ item: String) -> Parsed {
    Parsed(#"{"method":"item/completed","params":{"item":{"id":"\#(item)"},"threadId":"t","turnId":"u"}}"#)
  }

  func plain(_ number: Int, size: Int = 10) -> Parsed {
    Parsed(#"{"id":\#(number),"result":"\#(String(repeating: "x", count: size))"}"#)
  }

  func request(_ id: Int) -> Parsed { Parsed(#"{"method":"item/x/requestApproval","id":\#(id),"params":{}}"#) }

  func add(_ message: Parsed) { _ = outbox.append(message.bytes, message.kind) }

  /// All that leaves when everything is acknowledged at once.
  func drain() -> [String] {
    var messages: [String] = []
    var partial = ""
    while let frame = outbox.takeFrame(at: now) {
      var bytes: [UInt8] = []
      outbox.appendLines(of: frame, to: &bytes)
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
      for (index, line) in lines.enumerated() {
        if frame.more, index == lines.count - 1 {
          partial += line
        } else {
          messages.append(partial + line)
          partial = ""
        }
      }
      _ = outbox.acknowledge(frame.first + frame.count - 1, at: now)
    }
    return messages
  }

  @Test func aSmallBacklogIsLeftAlone() {
    let messages = [delta("a", "1"), delta("a", "2"), completed("a"), plain(1)]
    for message in messages { add(message) }
    #expect(drain() == messages.map { String(decoding: $0.bytes, as: UTF8.self) })
  }

  @Test func requestsOvertakeDeltasAndNothingElse() {
    add(delta("a", "1"))
    add(plain(1))
    add(delta("a", "2"))
    add(delta("b", "3"))
    add(request(0))
    add(Parsed(#"{"method":"serverRequest/resolved","params":{"threadId":"t","requestId":0}}"#))
    let order = drain().map { text in
      text.contains("delta")
        ? "delta" : text.contains("resolved") ? "resolved" : text.contains("Approval") ? "request" : "plain"
    }
    #expect(order == ["delta", "plain", "request", "resolved", "delta", "delta"])
  }

  @Test func nothingGoesIntoTheMiddleOfAMessage() {
    let long = delta("a", String(repeating: "é", count: 40_000))
    add(long)
    let first = outbox.takeFrame(at: now)
    #expect(first?.more == true)
    add(request(0))
    _ = outbox.acknowledge(1, at: now)
    var rest: [UInt8] = []
    let frame = outbox.takeFrame(at: now)
    if let frame { outbox.appendLines(of: frame, to: &rest) }
    #expect(frame?.more == false)
    let lines = String(decoding: rest, as: UTF8.self).split(separator: "\n")
    #expect(lines.first?.hasPrefix("é") == true)
    #expect(lines.last?.contains("requestApproval") == true)
  }

  @Test func pastTheBoundAdjacentDeltasOfOneItemAreJoined() throws {
    for number in 0..<5000 { add(delta("a", "<\(number)>", at: 1000 + number)) }
    #expect(outbox.waitingBytes < 400 << 10)
    let messages = drain()
    #expect(messages.count < 2500)
    let whole = try messages.map { try #require(Parsed($0).text(Parsed($0).params.delta)) }.joined()
    #expect(whole == (0..<5000).map { "<\($0)>" }.joined())
    // Each carries the time of its first delta.
    var position = 0
    for message in messages {
      let parsed = Parsed(message)
      let time = parsed.head?.emittedAt.flatMap { JSONText.integer(parsed.bytes.span, $0) }
      #expect(time == Int64(1000 + position))
      position += parsed.text(parsed.params.delta)?.split(separator: ">").count ?? 0
    }
  }

  @Test func deltasOfDifferentPartsStayApart() {
    func part(_ index: Int) -> Parsed {
      Parsed(
        #"{"method":"item/reasoning/summaryTextDelta","params":{"threadId":"t","turnId":"u","itemId":"r","delta":"x","summaryIndex":\#(index)},"emittedAtMs":1}"#
      )
    }
    for _ in 0..<2000 { add(plain(0, size: 200)) }
    for index in 0..<10 { add(part(index / 5)) }
    #expect(drain().filter { $0.contains("summaryTextDelta") }.count == 2)
  }

  @Test func deltasWithTheirCompletionBehindThemAreDropped() {
    for number in 0..<4000 {
      add(delta("a", "x", at: number))
      add(delta("b", "y", at: number))
    }
    add(completed("a"))
    let messages = drain()
    #expect(!messages.contains { $0.contains(#""itemId":"a""#) })
    #expect(messages.filter { $0.contains(#""itemId":"b""#) }.count >= 1)
    #expect(messages.last?.contains("item/completed") == true)
  }

  @Test func whatIsNoDeltaIsNeverDropped() {
    for number in 0..<3000 {
      add(plain(number, size: 100))
      if number.isMultiple(of: 10) { add(delta("a", "x")) }
    }
    add(completed("a"))
    #expect(drain().filter { $0.contains(#""id":"#) && $0.contains("result") }.count == 3000)
  }

  @Test func theBacklogHasABound() {
    var kept = true
    var count = 0
    while kept, count < 10_000 {
      kept = outbox.append(plain(count, size: 1000).bytes, .plain)
      count += 1
    }
    #expect(!kept)
    #expect(outbox.keptBytes <= Limits.backlog + 2000)
  }

  @Test func aLongMessageIsCutBetweenCodePoints() {
    let text = #"{"id":1,"result":"\#(String(repeating: "𝄞é", count: 50_000))"}"#
    add(Parsed(text))
    var parts: [String] = []
    while let frame = outbox.takeFrame(at: now) {
      var bytes: [UInt8] = []
      outbox.appendLines(of: frame, to: &bytes)
      #expect(bytes.count <= Limits.lines)
      let part = String(validating: bytes.dropFirst(), as: UTF8.self)
      #expect(part != nil)
      parts.append(part ?? "")
      _ = outbox.acknowledge(frame.first, at: now)
    }
    #expect(parts.count > 4)
    let isWhole = parts.joined() == text
    #expect(isWhole)
  }
}
