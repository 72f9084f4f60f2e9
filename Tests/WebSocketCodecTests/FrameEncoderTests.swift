import Testing
import WebSocketCodec

@Suite struct FrameEncoderTests {
  /// Takes a client frame apart, as RFC 6455, 5.2 and 5.3 say.
  func unmasked(_ bytes: [UInt8]) -> (opcode: UInt8, payload: [UInt8], isMinimal: Bool) {
    var length = Int(bytes[1] & 127)
    var at = 2
    var isMinimal = true
    if length >= 126 {
      let count = length == 126 ? 2 : 8
      length = bytes[2..<(2 + count)].reduce(0) { $0 << 8 | Int($1) }
      at += count
      isMinimal = length > (count == 2 ? 125 : 65_535)
    }
    let key = bytes[at..<(at + 4)]
    let body = bytes[(at + 4)...]
    let payload = zip(0..., body).map { $1 ^ key[key.startIndex + $0 % 4] }
    precondition(bytes[0] & 0x80 != 0 && bytes[1] & 0x80 != 0 && payload.count == length)
    return (bytes[0] & 15, payload, isMinimal)
  }

  @Test func everyLengthUpToSeventyAndAroundTheForms() {
    for count in Array(0...70) + [124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537, 1 << 20] {
      let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
      var out: [UInt8] = []
      appendFrame(.binary, payload.span, key: 0xA1B2_C3D4, to: &out)
      let taken = unmasked(out)
      #expect(taken.opcode == 2 && taken.payload == payload && taken.isMinimal, "\(count) bytes")
      #expect(out.count <= count + maxFrameOverhead)
    }
  }

  @Test func framesFollowEachOther() {
    var out: [UInt8] = [1, 2, 3]
    let one = Array("one".utf8)
    appendFrame(.text, one.span, key: 1, to: &out)
    let first = out.count
    let nothing: [UInt8] = []
    appendFrame(.ping, nothing.span, key: 2, to: &out)
    #expect(Array(out[..<3]) == [1, 2, 3])
    #expect(unmasked(Array(out[3..<first])).payload == one)
    #expect(unmasked(Array(out[first...])).opcode == 9)
  }

  /// The example of RFC 6455, 5.7.
  @Test func theStandardsExample() {
    var out: [UInt8] = []
    let hello = Array("Hello".utf8)
    appendFrame(.text, hello.span, key: 0x3D21_FA37, to: &out)
    #expect(out == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
  }

  @Test func closePayloads() {
    #expect(closePayload(1000) == [3, 0xE8])
    #expect(closePayload(4001, "bye") == [0x0F, 0xA1] + Array("bye".utf8))
    #expect(closePayload(1005, "bye") == [])
    #expect(closePayload(1006) == [])
    #expect(closePayload(0) == [])
    // Cut at a character's boundary.
    let long = closePayload(1000, String(repeating: "é", count: 100))
    #expect(long.count == 2 + 122)
    #expect(String(validating: long[2...], as: UTF8.self) == String(repeating: "é", count: 61))
  }
}
