/// Walks over JSON text in place: no tree, no copy, no recursion, so that neither size nor nesting costs memory.
///
/// These functions find where values end; they read valid JSON as RFC 8259 means it and stop somewhere harmless in
/// anything else. Text from outside goes through `isValid` first.
enum JSONText {
  static let quote = UInt8(ascii: "\""), backslash = UInt8(ascii: "\\")

  static func skipSpace(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int {
    var at = start
    while at < bytes.count {
      let byte = bytes[at]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { break }
      at += 1
    }
    return at
  }

  /// The index past a string whose opening quote is at `start`.
  static func skipString(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int? {
    var at = start + 1
    while true {
      at = plainEnd(bytes, from: at)
      guard at < bytes.count else { return nil }
      switch bytes[at] {
      case quote: return at + 1
      case backslash: at += 2
      default: at += 1  // a control character: not valid, and no matter here
      }
    }
  }

  /// The index of the next quote, backslash or control character; eight bytes at a time.
  static func plainEnd(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    let raw = bytes.bytes
    var at = start
    while at &+ 8 <= raw.byteCount {
      let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
      let quotes = word ^ (ones &* UInt64(quote))
      let slashes = word ^ (ones &* UInt64(backslash))
      let found =
        ((quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | (word &- ones &* 0x20) & ~word) & high
      // A borrow may mark bytes above the first hit as well, never one below it.
      if found != 0 { return at &+ found.trailingZeroBitCount / 8 }
      at &+= 8
    }
    while at < bytes.count, bytes[at] != quote, bytes[at] != backslash, bytes[at] >= 0x20 { at += 1 }
    return at
  }

  /// The index past the value that begins at `start`, which is no space.
  static func skipValue(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int? {
    var at = start
    var depth = 0
    while at < bytes.count {
      switch bytes[at] {
      case quote:
        guard let end = skipString(bytes, from: at) else { return nil }
        at = end
        if depth == 0 { return at }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        at += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return at == start ? nil : at }
        depth -= 1
        at += 1
        if depth == 0 { return at }
      case UInt8(ascii: ","), 0x20, 0x0a, 0x0d, 0x09:
        if depth == 0 { return at == start ? nil : at }
        at += 1
      default: at += 1
      }
    }
    return depth == 0 && at > start ? at : nil
  }

  /// Calls `body` with the key (without its quotes) and the value of each member of the object that begins at `start`.
  /// - Returns: the index past the object, or nil where there is none.
  @discardableResult
  static func forEachMember(
    of bytes: borrowing Span<UInt8>, from start: Int, _ body: (_ key: Range<Int>, _ value: Range<Int>) -> Void
  ) -> Int? {
    var at = skipSpace(bytes, from: start)
    guard at < bytes.count, bytes[at] == UInt8(ascii: "{") else { return nil }
    at = skipSpace(bytes, from: at + 1)
    if at < bytes.count, bytes[at] == UInt8(ascii: "}") { return at + 1 }
    while at < bytes.count, bytes[at] == quote {
      guard let keyEnd = skipString(bytes, from: at) else { return nil }
      let colon = skipSpace(bytes, from: keyEnd)
      guard colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else { return nil }
      let value = skipSpace(bytes, from: colon + 1)
      guard let valueEnd = skipValue(bytes, from: value) else { return nil }
      body(at + 1..<keyEnd - 1, value..<valueEnd)
      let next = skipSpace(bytes, from: valueEnd)
      guard next < bytes.count else { return nil }
      if bytes[next] == UInt8(ascii: "}") { return next + 1 }
      guard bytes[next] == UInt8(ascii: ",") else { return nil }
      at = skipSpace(bytes, from: next + 1)
    }
    return nil
  }

  /// Whether the inside of a string is this ASCII text, escapes resolved.
  static func string(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>, is text: StaticString) -> Bool {
    if range.count == text.utf8CodeUnitCount {
      return text.withUTF8Buffer { text in
        for offset in 0..<text.count where bytes[range.lowerBound + offset] != text[offset] { return false }
        return true
      }
    }
    // An escape makes it longer; without one it is another text.
    guard range.count > text.utf8CodeUnitCount, bytes.contains(backslash, in: range) else { return false }
    return decode(bytes, range) == text.description
  }

  /// The text of a string's inside, escapes resolved; lone surrogates become U+FFFD.
  static func decode(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> String {
    if !bytes.contains(backslash, in: range) {
      return bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
    var units: [UInt16] = []
    var result = ""
    var at = range.lowerBound
    func flush() {
      result += String(decoding: units, as: UTF16.self)
      units = []
    }
    while at < range.upperBound {
      guard bytes[at] == backslash, at + 1 < range.upperBound else {
        flush()
        var end = at + 1
        while end < range.upperBound, bytes[end] != backslash { end += 1 }
        result += bytes.extracting(at..<end).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        at = end
        continue
      }
      switch bytes[at + 1] {
      case UInt8(ascii: "n"): units.append(0x0a)
      case UInt8(ascii: "t"): units.append(0x09)
      case UInt8(ascii: "r"): units.append(0x0d)
      case UInt8(ascii: "b"): units.append(0x08)
      case UInt8(ascii: "f"): units.append(0x0c)
      case UInt8(ascii: "u") where at + 6 <= range.upperBound:
        var unit: UInt16 = 0
        for index in at + 2..<at + 6 { unit = unit << 4 | UInt16(hexDigit(bytes[index]) ?? 0) }
        units.append(unit)
        at += 4
      case let other: units.append(UInt16(other))
      }
      at += 2
    }
    flush()
    return result
  }

  static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension Span where Element == UInt8 {
  func contains(_ byte: UInt8, in range: Range<Int>) -> Bool {
    for index in range where self[index] == byte { return true }
    return false
  }
}
