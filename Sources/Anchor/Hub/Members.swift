/// The members of a request's parameters, as byte ranges of the message.
struct Members {
  let bytes: [UInt8]
  private let values: [String: Range<Int>]

  /// Parameters with a member twice have none: parsers differ in which one they take.
  init(_ bytes: [UInt8], _ params: Range<Int>?) {
    self.bytes = bytes
    var found: [String: Range<Int>] = [:]
    var isDouble = false
    if let params {
      JSONText.forEachMember(of: bytes.span, from: params.lowerBound) { key, value in
        if found.updateValue(value, forKey: JSONText.decode(bytes.span, key)) != nil { isDouble = true }
      }
    }
    values = isDouble ? [:] : found
  }

  subscript(_ name: String) -> Range<Int>? { values[name] }

  func text(_ name: String) -> String? { JSONText.text(bytes.span, self[name]) }

  /// A string or, where it is null or missing, `.some(nil)`; nil for anything else.
  func optionalText(_ name: String) -> String?? {
    guard let range = self[name], !JSONText.string(bytes.span, range, is: "null") else { return .some(nil) }
    return text(name).map { .some($0) }
  }
}
