/// The text with everything escaped that would start a new line, move a cursor or turn the direction of reading, so
/// that what comes from elsewhere cannot forge a line.
public func oneLine(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
      let escaped = scalar == "\n" ? "\\n" : scalar == "\t" ? "\\t" : "\\u{\(String(scalar.value, radix: 16))}"
      result.append(contentsOf: escaped.unicodeScalars)
    default: result.append(scalar)
    }
  }
  return String(result)
}
