extension JSONText {
  /// What serde_json, codex's parser, takes by default; also what keeps the stack of open containers in two words.
  static let maximumDepth = 127

  /// Whether the bytes are one JSON value (RFC 8259) nested at most 127 deep. That they are UTF-8 is known already.
  static func isValid(_ bytes: borrowing Span<UInt8>) -> Bool {
    // One bit for each open container, set for an object.
    var open = [UInt64](repeating: 0, count: 2)
    var depth = 0
    func isObject() -> Bool { open[(depth - 1) >> 6] >> UInt64((depth - 1) & 63) & 1 == 1 }
    func push(object: Bool) -> Bool {
      guard depth < maximumDepth else { return false }
      let bit: UInt64 = 1 << UInt64(depth & 63)
      if object { open[depth >> 6] |= bit } else { open[depth >> 6] &= ~bit }
      depth += 1
      return true
    }

    enum Want { case value, valueOrEnd, key, keyOrEnd, commaOrEnd }
    var want = Want.value
    var at = skipSpace(bytes, from: 0)
    while at < bytes.count {
      let byte = bytes[at]
      switch want {
      case .key where byte == quote, .keyOrEnd where byte == quote:
        guard let end = validString(bytes, from: at) else { return false }
        let colon = skipSpace(bytes, from: end)
        guard colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else { return false }
        at = colon + 1
        want = .value
      case .keyOrEnd where byte == UInt8(ascii: "}"), .valueOrEnd where byte == UInt8(ascii: "]"):
        depth -= 1
        at += 1
        want = .commaOrEnd
      case .key, .keyOrEnd: return false
      case .commaOrEnd:
        guard depth > 0 else { return false }
        switch byte {
        case UInt8(ascii: ","): want = isObject() ? .key : .value
        case UInt8(ascii: "}") where isObject(), UInt8(ascii: "]") where !isObject(): depth -= 1
        default: return false
        }
        at += 1
      case .value, .valueOrEnd:
        switch byte {
        case UInt8(ascii: "{"):
          guard push(object: true) else { return false }
          at += 1
          want = .keyOrEnd
        case UInt8(ascii: "["):
          guard push(object: false) else { return false }
          at += 1
          want = .valueOrEnd
        default:
          guard let end = validScalar(bytes, from: at) else { return false }
          at = end
          want = .commaOrEnd
        }
      }
      at = skipSpace(bytes, from: at)
    }
    return depth == 0 && want == .commaOrEnd
  }

  private static func validScalar(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int? {
    switch bytes[start] {
    case quote: validString(bytes, from: start)
    case UInt8(ascii: "t"): word(bytes, from: start, "true")
    case UInt8(ascii: "f"): word(bytes, from: start, "false")
    case UInt8(ascii: "n"): word(bytes, from: start, "null")
    default: validNumber(bytes, from: start)
    }
  }

  private static func word(_ bytes: borrowing Span<UInt8>, from start: Int, _ text: StaticString) -> Int? {
    let end = start + text.utf8CodeUnitCount
    return end <= bytes.count && string(bytes, start..<end, is: text) ? end : nil
  }

  private static func validString(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int? {
    var at = start + 1
    while true {
      at = plainEnd(bytes, from: at)
      guard at < bytes.count else { return nil }
      if bytes[at] == quote { return at + 1 }
      guard bytes[at] == backslash, at + 1 < bytes.count else { return nil }
      switch bytes[at + 1] {
      case quote, backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
        UInt8(ascii: "r"), UInt8(ascii: "t"):
        at += 2
      case UInt8(ascii: "u"):
        guard at + 6 <= bytes.count else { return nil }
        for index in at + 2..<at + 6 where hexDigit(bytes[index]) == nil { return nil }
        at += 6
      default: return nil
      }
    }
  }

  private static func validNumber(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int? {
    var at = start
    func digits(_ bytes: borrowing Span<UInt8>) -> Bool {
      let first = at
      while at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) { at += 1 }
      return at > first
    }
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    if at < bytes.count, bytes[at] == UInt8(ascii: "0") { at += 1 } else if !digits(bytes) { return nil }
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      guard digits(bytes) else { return nil }
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      guard digits(bytes) else { return nil }
    }
    return at
  }
}
