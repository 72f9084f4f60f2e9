import Foundation
import Testing

@testable import Terminal

@Suite(.timeLimit(.minutes(5))) struct TerminalTests {
  struct Failure: Error {}

  @Test func knowsWhatItCanShow() throws {
    let screen = try PseudoTerminal(columns: 57)
    let info = TerminalInfo(descriptor: screen.device, environment: ["TERM": "xterm"])
    #expect(info == TerminalInfo(isTerminal: true, columns: 57, hasColors: true))
    #expect(!TerminalInfo(descriptor: screen.device, environment: ["NO_COLOR": "1"]).hasColors)
    #expect(!TerminalInfo(descriptor: screen.device, environment: ["TERM": "dumb"]).isTerminal)
    let file = open("/dev/null", O_RDWR)
    defer { close(file) }
    #expect(TerminalInfo(descriptor: file, environment: [:]) == TerminalInfo(isTerminal: false))
    #expect(TerminalInfo(descriptor: file, environment: ["COLUMNS": "33"]).columns == 33)
  }

  @Test func stylesWhereColoursAreShown() {
    #expect(TerminalInfo(isTerminal: true, hasColors: true).styled("x", .bold, .red) == "\u{1b}[1;31mx\u{1b}[0m")
    #expect(TerminalInfo(isTerminal: true).styled("x", .bold) == "x")
  }

  @Test func aStepEndsWithItsTime() async throws {
    let screen = try PseudoTerminal()
    let terminal = screen.terminal()
    let value = try await terminal.step("Start the relay") {
      try await screen.waitFor("⠋ Start the relay")
      terminal.line("in between")
      try await screen.waitFor("⠙ Start the relay")
      return 7
    }
    #expect(value == 7)
    await #expect(throws: Failure.self) { try await terminal.step("Break") { throw Failure() } }
    // What stands on the screen once every line has been drawn over.
    let lines = screen.shown.split(separator: "\r\n").map { line in
      line.split(separator: "\r").last.map { $0.replacing("\u{1b}[K", with: "") } ?? ""
    }
    #expect(lines.count == 3)
    #expect(lines.first == "in between")
    #expect(lines.dropFirst().first?.wholeMatch(of: /✓ Start the relay  \d.* s/) != nil)
    #expect(lines.last?.wholeMatch(of: /✗ Break  \d.* s/) != nil)
  }

  @Test func aStepIsALineElsewhere() async throws {
    let pipe = Pipe()
    let terminal = Terminal(output: pipe.fileHandleForWriting.fileDescriptor, environment: [:])
    try await terminal.step("Start the relay") {}
    try pipe.fileHandleForWriting.close()
    let text = try pipe.fileHandleForReading.readToEnd().map { String(decoding: $0, as: UTF8.self) }
    #expect(text == "Start the relay\n")
  }

  @Test(arguments: [
    (Duration.milliseconds(49), "0.0 s"), (.milliseconds(420), "0.4 s"), (.milliseconds(9_990), "9.9 s"),
    (.seconds(12.7), "12 s"), (.seconds(59), "59 s"), (.seconds(125), "2 min 5 s"),
  ])
  func saysHowLong(duration: Duration, text: String) { #expect(seconds(duration) == text) }
}
