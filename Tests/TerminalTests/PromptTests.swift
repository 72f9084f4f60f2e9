import Foundation
import Terminal
import Testing

@Suite(.timeLimit(.minutes(5))) struct PromptTests {
  @Test(arguments: [("y", true), ("YES", true), ("n", false), ("No", false), ("", true)])
  func asksForYesOrNo(answer: String, meaning: Bool) async throws {
    let screen = try PseudoTerminal()
    async let result = screen.terminal().confirm("Deploy it?", default: true)
    try await screen.waitFor("Deploy it? [Y/n] ")
    screen.type(answer + "\n")
    #expect(try await result == meaning)
  }

  @Test func asksAgain() async throws {
    let screen = try PseudoTerminal()
    async let result = screen.terminal().confirm("Really?", default: false)
    try await screen.waitFor("Really? [y/N] ")
    screen.type("perhaps\n")
    try await screen.waitFor("Please answer y or n.")
    screen.type("\n")
    #expect(try await result == false)
  }

  @Test func theEndIsNoAnswer() async throws {
    let screen = try PseudoTerminal()
    async let result = screen.terminal().confirm("Really?", default: true)
    try await screen.waitFor("Really?")
    screen.type("\u{4}")
    #expect(try await result == nil)
  }

  @Test func asksNobodyWhereNobodyIs() async throws {
    let file = open("/dev/null", O_RDWR)
    defer { close(file) }
    let terminal = Terminal(input: file, output: file, environment: [:])
    #expect(try await terminal.confirm("Really?", default: true) == nil)
    #expect(try await terminal.readSecret("Token") == nil)
  }

  @Test func readsASecretWithoutShowingIt() async throws {
    let screen = try PseudoTerminal()
    async let result = screen.terminal().readSecret("Token")
    try await screen.waitFor("Token: ")
    try await screen.waitForEcho(false)
    let long = String(repeating: "k", count: 10_000)
    screen.type("wrong\u{15} s€x\u{7f}\u{7f}3cret\(long) \r")
    #expect(try await result == "s3cret" + long)
    #expect(screen.echoes)
    #expect(screen.shown == "Token: \r\n")
  }

  @Test func cancellingShowsTypingAgain() async throws {
    let screen = try PseudoTerminal()
    let task = Task { try await screen.terminal().readSecret("Token") }
    try await screen.waitForEcho(false)
    screen.type("abc")
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(screen.echoes)
  }

  @Test func controlDIsNoSecret() async throws {
    let screen = try PseudoTerminal()
    async let result = screen.terminal().readSecret("Token")
    try await screen.waitForEcho(false)
    screen.type("\u{4}")
    #expect(try await result == nil)
    #expect(screen.echoes)
  }
}
