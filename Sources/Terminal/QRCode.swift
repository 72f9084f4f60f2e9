import CQREncode

/// A QR code (ISO/IEC 18004, error correction L) in half blocks, two rows a line, with a margin of two modules.
///
/// It is dark on light whatever the terminal's colours, where there are colours; without them it is right for light
/// text on a dark ground.
/// - Returns: nil for text that is too long for a code or a code too wide for the terminal.
public func qrCode(_ text: String, for info: TerminalInfo) -> String? {
  guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L) else { return nil }
  defer { QRcode_free(code) }
  let width = Int(code.pointee.width)
  let margin = 2
  guard let modules = code.pointee.data, width + 2 * margin <= info.columns else { return nil }
  func isDark(_ x: Int, _ y: Int) -> Bool {
    (0..<width).contains(x) && (0..<width).contains(y) && modules[y * width + x] & 1 == 1
  }
  return stride(from: -margin, to: width + margin, by: 2).map { y in
    let row = (-margin..<width + margin).map { x -> Character in
      switch (isDark(x, y), isDark(x, y + 1)) {
      case (true, true): " "
      case (true, false): "▄"
      case (false, true): "▀"
      case (false, false): "█"
      }
    }
    return info.hasColors ? "\u{1b}[97;40m\(String(row))\u{1b}[0m" : String(row)
  }.joined(separator: "\n")
}
