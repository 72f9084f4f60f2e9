import Testing
import WebSocketCodec

/// Random streams; a failure prints the seed, which gives the same stream again.
@Suite struct RandomStreamTests {
  /// 64 seeds that differ from run to run.
  static let seeds = (0..<64).map { _ in UInt64.random(in: .min ... .max) }

  @Test(arguments: seeds)
  func validStreamsGiveTheirMessages(seed: UInt64) {
    var random = Seeded(seed)
    var bytes: [UInt8] = []
    var events: [WebSocketEvent] = []
    func control() {
      let payload = random.bytes(Int.random(in: 0...125, using: &random))
      let isPing = Bool.random(using: &random)
      bytes += frame(isPing ? 9 : 10, payload)
      events.append(isPing ? .ping(payload) : .pong(payload))
    }
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      if Int.random(in: 0..<4, using: &random) == 0 { control() }
      let isText = Bool.random(using: &random)
      let payload = isText ? text(&random) : random.bytes(length(&random))
      var rest = payload[...]
      var opcode: UInt8 = isText ? 1 : 2
      while Bool.random(using: &random) {
        let part = rest.prefix(Int.random(in: 0...rest.count, using: &random))
        bytes += frame(opcode, Array(part), isFinal: false)
        rest = rest.dropFirst(part.count)
        opcode = 0
        if Bool.random(using: &random) { control() }
      }
      bytes += frame(opcode, Array(rest))
      events.append(isText ? .text(payload) : .binary(payload))
    }
    #expect(decode(bytes.randomParts(&random)) == Decoded(events: events), "seed \(seed)")
  }

  /// However damaged bytes are cut, the decoder says the same and never traps.
  @Test(arguments: seeds)
  func damagedStreamsAreTakenTheSameWayInAnyParts(seed: UInt64) {
    var random = Seeded(seed)
    var bytes = frame(1, text(&random)) + frame(9, random.bytes(20)) + frame(2, random.bytes(length(&random)))
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      let index = Int.random(in: 0..<min(bytes.count, 40), using: &random)
      bytes[index] = UInt8.random(in: 0...255, using: &random)
    }
    let whole = decode(bytes)
    #expect(decode(bytes.randomParts(&random)) == whole, "seed \(seed)")
    #expect(decode(bytes.parts(of: 1)) == whole, "seed \(seed)")
  }

  @Test(arguments: seeds)
  func noiseNeverTraps(seed: UInt64) {
    var random = Seeded(seed)
    let bytes = random.bytes(Int.random(in: 0...400, using: &random))
    #expect(decode(bytes) == decode(bytes.parts(of: 1)), "seed \(seed)")
    let answer = Array("HTTP/1.1 ".utf8) + bytes
    var whole = UpgradeReader(key: "k")
    var single = UpgradeReader(key: "k")
    let outcome = whole.read(answer.span)
    var last = UpgradeReader.Outcome.more
    for byte in answer where last == .more {
      let one = [byte]
      last = single.read(one.span)
    }
    #expect(outcome == last, "seed \(seed)")
  }

  private func length(_ random: inout Seeded) -> Int {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: 0
    case 1: Int.random(in: 120...130, using: &random)
    case 2: Int.random(in: 65_530...65_540, using: &random)
    default: Int.random(in: 0...2_000, using: &random)
    }
  }

  private func text(_ random: inout Seeded) -> [UInt8] {
    let alphabet = ["a", "é", "漢", "😀", "\n", "\u{0}", "e\u{301}"]
    let count = Int.random(in: 0...300, using: &random)
    return (0..<count).flatMap { _ in Array((alphabet.randomElement(using: &random) ?? "").utf8) }
  }
}
