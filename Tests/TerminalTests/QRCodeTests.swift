import CQREncode
import Terminal
import Testing

@Suite struct QRCodeTests {
  let link = "https://codex-remote-1a2b3c.example.workers.dev/claim#hG3kP0s1xQvN8yZ5"

  @Test func showsEveryModule() throws {
    let drawn = try #require(qrCode(link, for: TerminalInfo(isTerminal: true, columns: 200)))
    // Back from half blocks to modules: each character is one above another.
    let rows = drawn.split(separator: "\n").flatMap { line -> [[Bool]] in
      [line.map { $0 == " " || $0 == "▄" }, line.map { $0 == " " || $0 == "▀" }]
    }
    let code = try #require(QRcode_encodeString8bit(link, 0, QR_ECLEVEL_L))
    defer { QRcode_free(code) }
    let width = Int(code.pointee.width)
    let modules = try #require(code.pointee.data)
    #expect(rows.count >= width + 4 && rows.allSatisfy { $0.count == width + 4 })
    let expected = rows.indices.map { y in
      (0..<width + 4).map { x in
        let isInside = (2..<width + 2).contains(x) && (2..<width + 2).contains(y)
        return isInside && modules[(y - 2) * width + x - 2] & 1 == 1
      }
    }
    #expect(rows == expected)
  }

  @Test func isDarkOnLightWhateverTheColours() throws {
    let drawn = try #require(qrCode(link, for: TerminalInfo(isTerminal: true, columns: 200, hasColors: true)))
    #expect(drawn.split(separator: "\n").allSatisfy { $0.hasPrefix("\u{1b}[97;40m") && $0.hasSuffix("\u{1b}[0m") })
  }

  @Test func isLeftOutWhereItDoesNotFit() {
    #expect(qrCode(link, for: TerminalInfo(isTerminal: true, columns: 30)) == nil)
    #expect(qrCode(String(repeating: "x", count: 5000), for: TerminalInfo(isTerminal: true, columns: 1000)) == nil)
  }
}
