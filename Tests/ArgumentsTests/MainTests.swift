import Testing

@testable import Arguments

@Suite struct MainTests {
  @Test func succeedsSilently() async {
    #expect(await run("deploy", "go") == (0, "", ""))
    #expect(await run("--version") == (0, "1.2.3\n", ""))
    #expect(await run("--version", "--json") == (0, "{\"version\":\"1.2.3\"}\n", ""))
  }

  @Test func usageErrorsNameTheCommandsOwnHelp() async {
    #expect(
      await run("deploy", "go", "--jsno")
        == (
          64, "",
          "tool: unknown option --jsno; did you mean --json?\nRun 'tool deploy --help' to see how it is used.\n"
        ))
    #expect(await run() == (64, "", "tool: a command is missing\nRun 'tool --help' to see how it is used.\n"))
    #expect(
      await run("deploy", "usage")
        == (
          64, "", "tool: --name and --tag exclude each other\nRun 'tool deploy --help' to see how it is used.\n"
        ))
  }

  @Test func usageErrorsAreJSONForScripts() async {
    let help = "Run 'tool deploy --help' to see how it is used.\n"
    #expect(
      await run("deploy", "--json", "go", "--prot")
        == (
          64, "{\"error\":\"unknown option --prot; did you mean --port?\"}\n",
          "tool: unknown option --prot; did you mean --port?\n\(help)"
        ))
    let usage = "--name and --tag exclude each other"
    #expect(await run("deploy", "usage", "--json") == (64, "{\"error\":\"\(usage)\"}\n", "tool: \(usage)\n\(help)"))
    #expect(await run("deploy", "usage", "--", "--json") == (64, "", "tool: \(usage)\n\(help)"))
    #expect(await run("deploy", "--prot", "--", "--json").output == "")
  }

  @Test func failuresAreOneSentence() async {
    let sentence = "The relay does not answer. Start it and try again."
    #expect(await run("deploy", "fail") == (1, "", "tool: \(sentence)\n"))
    #expect(await run("deploy", "fail", "--json") == (1, "{\"error\":\"\(sentence)\"}\n", "tool: \(sentence)\n"))
    #expect(await run("deploy", "exit", "--json") == (3, "", ""))
    #expect(await run("deploy", "cancel") == (1, "", ""))
  }

  @Test func writesJSONOnOneLine() {
    struct Result: Encodable { let url = "https://x/y", b = 1, a: String? = nil }
    #expect(json(Result()) == #"{"b":1,"url":"https://x/y"}"#)
  }
}
