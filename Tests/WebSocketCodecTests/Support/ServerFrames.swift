import WebSocketCodec

/// A server's frame, written down independently of the codec.
func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
  var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
  switch payload.count {
  case 0...125: bytes.append(UInt8(payload.count))
  case 126...0xFFFF: bytes += [126] + bigEndian(payload.count, 2)
  default: bytes += [127] + bigEndian(payload.count, 8)
  }
  return bytes + payload
}

func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

struct Decoded: Equatable {
  var events: [WebSocketEvent] = []
  var violation: ProtocolViolation?
}

/// Feeds the parts one after the other, until a violation.
func decode(_ parts: some Sequence<ArraySlice<UInt8>>, maxMessage: Int = 1 << 20) -> Decoded {
  var decoder = FrameDecoder(maxMessage: maxMessage)
  var decoded = Decoded()
  for part in parts {
    let bytes = Array(part)
    var offset = 0
    do throws(ProtocolViolation) {
      while let event = try decoder.next(bytes.span, &offset) { decoded.events.append(event) }
      precondition(offset == bytes.count, "all of a part is consumed")
    } catch {
      decoded.violation = error
      return decoded
    }
  }
  return decoded
}

func decode(_ bytes: [UInt8], maxMessage: Int = 1 << 20) -> Decoded {
  decode([bytes[...]], maxMessage: maxMessage)
}

extension Array where Element == UInt8 {
  /// In two parts, at every place.
  var halves: [[ArraySlice<UInt8>]] { (0...count).map { [self[..<$0], self[$0...]] } }

  func parts(of size: Int) -> [ArraySlice<UInt8>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }

  /// In parts of random sizes, empty ones among them.
  func randomParts(_ random: inout Seeded) -> [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    var start = 0
    while start < count {
      let end = Swift.min(count, start + Int.random(in: 0...Swift.max(1, count / 3), using: &random))
      parts.append(self[start..<end])
      start = end
    }
    return parts
  }
}

/// SplitMix64: the same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  let seed: UInt64

  init(_ seed: UInt64) {
    self.seed = seed
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}
