import Testing
import WebSocketCodec

@Suite struct FrameDecoderTests {
  /// Fragments with control frames between them, each length form, a close frame.
  static let big = [UInt8](repeating: UInt8(ascii: "A"), count: 70_000)
  static let stream =
    frame(1, Array("Hel".utf8), isFinal: false) + frame(9, [1, 2]) + frame(0, [], isFinal: false) + frame(10, [])
    + frame(0, Array("lo".utf8)) + frame(2, [UInt8](repeating: 7, count: 200)) + frame(1, [])
    + frame(1, Array("é".utf8))
    + frame(8, [0x03, 0xE8] + Array("bye".utf8))
  static let events: [WebSocketEvent] = [
    .ping([1, 2]), .pong([]), .text(Array("Hello".utf8)), .binary([UInt8](repeating: 7, count: 200)), .text([]),
    .text(Array("é".utf8)), .close(code: 1000, reason: "bye"),
  ]

  @Test func everySplitGivesTheSameEvents() {
    for halves in Self.stream.halves {
      #expect(decode(halves) == Decoded(events: Self.events), "split at \(halves[0].count)")
    }
    for size in 1...Self.stream.count {
      #expect(decode(Self.stream.parts(of: size)) == Decoded(events: Self.events), "in parts of \(size)")
    }
  }

  @Test(arguments: [0, 1, 124, 125, 126, 127, 255, 256, 65_534, 65_535, 65_536, 65_537, 200_000])
  func everyLengthForm(count: Int) {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let bytes = frame(2, payload) + frame(9, [])
    #expect(decode(bytes) == Decoded(events: [.binary(payload), .ping([])]))
    #expect(decode(bytes.parts(of: 4093)) == Decoded(events: [.binary(payload), .ping([])]))
  }

  @Test func controlFramesOfEveryLength() {
    for count in 0...125 {
      let payload = [UInt8](repeating: 0xFF, count: count)
      #expect(decode(frame(9, payload) + frame(10, payload)).events == [.ping(payload), .pong(payload)])
    }
  }

  struct Invalid: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    var code: UInt16 = 1002
    var before: [WebSocketEvent] = []
  }

  static let invalid = [
    Invalid(testDescription: "first reserved bit", bytes: [0xC1, 0]),
    Invalid(testDescription: "second reserved bit", bytes: [0xA1, 0]),
    Invalid(testDescription: "third reserved bit", bytes: [0x91, 0]),
    Invalid(testDescription: "data opcode 3", bytes: [0x83, 0]),
    Invalid(testDescription: "data opcode 7", bytes: [0x87, 0]),
    Invalid(testDescription: "control opcode 11", bytes: [0x8B, 0]),
    Invalid(testDescription: "control opcode 15", bytes: [0x8F, 0]),
    Invalid(testDescription: "masked", bytes: [0x81, 0x80, 0, 0, 0, 0]),
    Invalid(testDescription: "fragmented ping", bytes: [0x09, 0]),
    Invalid(testDescription: "fragmented close", bytes: [0x08, 0]),
    Invalid(testDescription: "ping of 126", bytes: [0x89, 126, 0, 126]),
    Invalid(testDescription: "ping of 2^16", bytes: [0x89, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
    Invalid(testDescription: "continuation of nothing", bytes: [0x80, 0]),
    Invalid(testDescription: "continuation after a whole message", bytes: [0x81, 0, 0x80, 0], before: [.text([])]),
    Invalid(testDescription: "message in a message", bytes: [0x01, 0, 0x81, 0]),
    Invalid(testDescription: "length 125 in two bytes", bytes: [0x82, 126, 0, 125]),
    Invalid(testDescription: "length 65535 in eight bytes", bytes: [0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
    Invalid(testDescription: "top bit of a length", bytes: [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]),
    Invalid(testDescription: "close of one byte", bytes: [0x88, 1, 3]),
    Invalid(
      testDescription: "frame after close", bytes: [0x88, 0, 0x89, 0], before: [.close(code: 1005, reason: "")]),
    Invalid(testDescription: "text that is not UTF-8", bytes: [0x81, 2, 0xC3, 0x28], code: 1007),
    Invalid(testDescription: "text cut in a character", bytes: [0x81, 1, 0xC3], code: 1007),
    Invalid(testDescription: "surrogate", bytes: [0x81, 3, 0xED, 0xA0, 0x80], code: 1007),
    Invalid(testDescription: "overlong slash", bytes: [0x81, 2, 0xC0, 0xAF], code: 1007),
    Invalid(testDescription: "beyond Unicode", bytes: [0x81, 4, 0xF4, 0x90, 0x80, 0x80], code: 1007),
    Invalid(testDescription: "close reason that is not UTF-8", bytes: [0x88, 3, 3, 0xE8, 0xFF], code: 1007),
    Invalid(testDescription: "longer than allowed", bytes: [0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 1], code: 1009),
    Invalid(
      testDescription: "longest length", bytes: [0x82, 127, 0x7F] + [UInt8](repeating: 255, count: 7), code: 1009),
  ]

  @Test(arguments: invalid)
  func isRefused(_ invalid: Invalid) {
    for parts in [[invalid.bytes[...]]] + invalid.bytes.halves + [invalid.bytes.parts(of: 1)] {
      let decoded = decode(parts)
      #expect(decoded.events == invalid.before)
      #expect(decoded.violation?.code == invalid.code)
      #expect(decoded.violation.map { $0.reason.utf8.count <= 123 } == true)
    }
  }

  @Test func everyCloseCode() {
    // One expectation for all: each costs more than what it checks.
    let taken = (0...65_535).filter { code in
      let decoded = decode(frame(8, bigEndian(code, 2)))
      return decoded == Decoded(events: [.close(code: UInt16(code), reason: "")])
    }
    let refused = (0...65_535).filter { decode(frame(8, bigEndian($0, 2))).violation?.code == 1002 }
    #expect(taken == Array(1000...1003) + Array(1007...1014) + Array(3000...4999))
    #expect(taken.count + refused.count == 65_536)
  }

  @Test func charactersMayBeCutByFragmentsAndParts() {
    let text = Array("aé漢😀".utf8)
    for cut in 0...text.count {
      let bytes = frame(1, Array(text[..<cut]), isFinal: false) + frame(0, Array(text[cut...]))
      #expect(decode(bytes.parts(of: 1)) == Decoded(events: [.text(text)]))
    }
  }

  @Test func theLimitCountsAllFragments() {
    let half = [UInt8](repeating: 1, count: 50)
    let atLimit = frame(2, half, isFinal: false) + frame(0, half)
    #expect(decode(atLimit, maxMessage: 100).events == [.binary(half + half)])
    let over = frame(2, half, isFinal: false) + frame(0, half, isFinal: false) + frame(0, [1])
    #expect(decode(over, maxMessage: 100).violation?.code == 1009)
    // Each message counts for itself, and control frames do not count.
    let several = frame(2, half + half) + frame(9, half) + frame(2, half + half)
    #expect(decode(several, maxMessage: 100).events.count == 3)
  }

  @Test func aLengthAloneIsRefusedBeforeItsBytesCome() {
    #expect(decode([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0]).violation?.code == 1009)
  }

  @Test func nothingIsTakenAfterTheCloseFrame() {
    let decoded = decode([[0x88, 0], [], [0x81, 0]])
    #expect(decoded.events == [.close(code: 1005, reason: "")])
    #expect(decoded.violation?.code == 1002)
  }
}
