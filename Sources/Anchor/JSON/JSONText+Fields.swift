extension JSONText {
  /// An integer of 64 bits in its only spelling: no fraction, no exponent, no `-0`.
  static func integer(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Int64? {
    var at = range.lowerBound
    let negative = at < range.upperBound && bytes[at] == UInt8(ascii: "-")
    if negative { at += 1 }
    guard at < range.upperBound else { return nil }
    if bytes[at] == UInt8(ascii: "0"), range.count > 1 { return nil }
    var value: Int64 = 0
    while at < range.upperBound {
      let digit = bytes[at] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.subtractingReportingOverflow(Int64(digit))
      guard !overflow, !carry else { return nil }
      value = sum
      at += 1
    }
    if negative { return value }
    return value == .min ? nil : -value
  }

  /// The text of a string value at `range`, nil for other values.
  static func text(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>?) -> String? {
    guard let range, range.count >= 2, bytes[range.lowerBound] == quote else { return nil }
    return decode(bytes, range.lowerBound + 1..<range.upperBound - 1)
  }

  static func isTrue(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
    string(bytes, range, is: "true")
  }
}
