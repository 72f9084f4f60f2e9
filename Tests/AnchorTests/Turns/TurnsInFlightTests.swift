import FoundationEssentials
import Testing

@testable import Anchor

@Suite final class TurnsInFlightTests {
  var turns = TurnsInFlight()

  struct Running: Decodable, Equatable {
    struct Item: Decodable, Equatable {
      struct Delta: Decodable, Equatable {
        var method: String
        var index: Int?
        var text: [Mark]
        var whole: String { text.map(\.text).joined() }
      }
      struct Mark: Decodable, Equatable {
        var time: Int
        var text: String
        init(from decoder: any Decoder) throws {
          var pair = try decoder.unkeyedContainer()
          time = try pair.decode(Int.self)
          text = try pair.decode(String.self)
        }
      }
      struct Content: Decodable, Equatable { var type: String }
      var itemId: String
      var item: Content?
      var deltas: [Delta]
    }
    var turnId: String?
    var truncated: Bool
    var items: [Item]
  }

  func see(_ text: String, from source: Int = TurnsInFlight.own) {
    let parsed = Parsed(text)
    if let head = parsed.head { turns.observe(parsed.bytes, head, parsed.params, source: source) }
  }

  func begin(_ turn: String = "u", thread: String = "t", from source: Int = TurnsInFlight.own) {
    see(
      #"{"method":"turn/started","params":{"threadId":"\#(thread)","turn":{"id":"\#(turn)"}},"emittedAtMs":1}"#,
      from: source)
  }

  func end(_ turn: String = "u", thread: String = "t", from source: Int = TurnsInFlight.own) {
    see(
      #"{"method":"turn/completed","params":{"threadId":"\#(thread)","turn":{"id":"\#(turn)"}},"emittedAtMs":1}"#,
      from: source)
  }

  func item(
    _ phase: String, _ id: String, turn: String = "u", thread: String = "t", from source: Int = TurnsInFlight.own
  ) {
    see(
      #"{"method":"item/\#(phase)","params":{"item":{"type":"agentMessage","id":"\#(id)"},"threadId":"\#(thread)","turnId":"\#(turn)"},"emittedAtMs":1}"#,
      from: source)
  }

  func delta(
    _ id: String, _ text: String, at time: Int, turn: String = "u", thread: String = "t",
    from source: Int = TurnsInFlight.own
  ) {
    see(
      #"{"method":"item/agentMessage/delta","params":{"threadId":"\#(thread)","turnId":"\#(turn)","itemId":"\#(id)","delta":"\#(text)"},"emittedAtMs":\#(time)}"#,
      from: source)
  }

  func running(_ thread: String = "t") throws -> Running {
    try JSONDecoder().decode(Running.self, from: Data(turns.running(thread)))
  }

  @Test func keepsWhatTheHistoryDoesNotHaveYet() throws {
    begin()
    item("started", "a")
    delta("a", #"x\"y"#, at: 5)
    delta("a", "z", at: 5)
    delta("a", "é", at: 6)
    let now = try running()
    #expect(now.turnId == "u" && !now.truncated)
    #expect(now.items.first?.item?.type == "agentMessage")
    #expect(now.items.first?.deltas.first?.text.map(\.text) == ["x\"yz", "é"])
    #expect(now.items.first?.deltas.first?.text.map(\.time) == [5, 6])
    item("completed", "a")
    #expect(try running().items.isEmpty)
    end()
    #expect(try running().turnId == nil)
    #expect(turns.keptBytes == 0)
  }

  @Test func aTurnThatWasNotSeenToBeginIsKeptToo() throws {
    delta("a", "x", at: 5)
    #expect(try running().turnId == "u")
    #expect(try running().items.first?.item == nil)
  }

  @Test func partsOfAnItemStayApart() throws {
    for index in [0, 1, 0] {
      see(
        #"{"method":"item/reasoning/summaryTextDelta","params":{"threadId":"t","turnId":"u","itemId":"r","delta":"\#(index)","summaryIndex":\#(index)},"emittedAtMs":9}"#
      )
    }
    let deltas = try running().items[0].deltas
    #expect(deltas.map(\.index) == [0, 1])
    #expect(deltas.map(\.whole) == ["00", "1"])
  }

  /// Two connections bring the same deltas, each from some point on, one ahead of the other.
  @Test(arguments: SeededGenerator.seeds(40))
  func connectionsThatOverlapAreJoinedOnce(seed: UInt64) async throws {
    var random = SeededGenerator(seed)
    turns = TurnsInFlight()
    var time = 1000
    let all = (0..<200).map { number -> (text: String, time: Int) in
      if random.chance(40) { time += Int.random(in: 1...3, using: &random) }
      return ("<\(number)>", time)
    }
    // The session's connection has all of it; the own one begins somewhere, between two milliseconds or within one.
    var next = [1: 0, TurnsInFlight.own: Int.random(in: 0..<all.count, using: &random)]
    let start = next[TurnsInFlight.own] ?? 0
    while next.values.contains(where: { $0 < all.count }) {
      let source = random.chance(50) ? 1 : TurnsInFlight.own
      guard let place = next[source], place < all.count else { continue }
      if source == TurnsInFlight.own, place == start { turns.subscribed("t") }
      delta("a", all[place].text, at: all[place].time, from: source)
      next[source] = place + 1
    }
    let whole = try running().items[0].deltas[0].whole
    #expect(whole == all.map(\.text).joined(), "SEED=\(seed)")
  }

  @Test func aConnectionThatLagsBringsNothingBack() throws {
    begin("u", from: 1)
    item("started", "a", from: 1)
    delta("a", "x", at: 5, from: 1)
    item("completed", "a", from: 1)
    end("u", from: 1)
    begin("v", from: 1)
    delta("b", "new", at: 9, turn: "v", from: 1)
    // Another one is behind by a turn.
    begin("u", from: 2)
    delta("a", "x", at: 5, from: 2)
    end("u", from: 2)
    #expect(try running().turnId == "v")
    #expect(try running().items.map(\.itemId) == ["b"])
  }

  @Test func aThreadHasABound() throws {
    begin()
    for number in 0..<3000 {
      delta("a\(number / 1000)", String(repeating: "x", count: 1000), at: number)
      #expect(turns.keptBytes <= TurnsInFlight.threadLimit)
    }
    let now = try running()
    #expect(now.truncated)
    #expect(now.items.last?.itemId == "a2")
    end()
    #expect(turns.keptBytes == 0)
  }

  @Test func allThreadsTogetherHaveABound() throws {
    for thread in 0..<20 {
      for number in 0..<900 {
        delta("a", String(repeating: "x", count: 1000), at: number, turn: "u\(thread)", thread: "t\(thread)")
      }
      #expect(turns.keptBytes <= TurnsInFlight.limit)
    }
    #expect(try running("t0").truncated)
    #expect(try !running("t19").truncated)
    for thread in 0..<20 { end("u\(thread)", thread: "t\(thread)") }
    #expect(turns.keptBytes == 0)
  }
}
