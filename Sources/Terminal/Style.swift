/// A way to set text apart (ECMA-48, SGR). The colours are the terminal's own, readable on light and dark.
public enum Style: Int, Sendable {
  case bold = 1
  case dim = 2
  case red = 31
  case green = 32
  case yellow = 33
  case cyan = 36
}

extension TerminalInfo {
  /// The text in a style where colours are shown, and as it is elsewhere.
  public func styled(_ text: String, _ styles: Style...) -> String {
    guard hasColors, !styles.isEmpty else { return text }
    return "\u{1b}[\(styles.map { String($0.rawValue) }.joined(separator: ";"))m\(text)\u{1b}[0m"
  }
}
