import Testing

@testable import Arguments

@Suite struct HelpTests {
  @Test(arguments: [["--help"], ["-h"], ["help"], ["--help", "deploy"]])
  func showsTheCommands(words: [String]) throws {
    guard case .show(let text) = try tool.parse(words) else {
      Issue.record("no help")
      return
    }
    #expect(
      text == """
        A tool.

        Usage: tool <command> …

        Commands:
          deploy      Deploy the relay.
          doctor      Look.
          completion  Write the script that completes words in your shell.

        Options:
          --version   Show the version; with --json for scripts.
          -h, --help  Show this help.
        """)
  }

  @Test(arguments: [["deploy", "--help"], ["deploy", "--port", "x", "-h"], ["help", "deploy"], ["deploy", "help"]])
  func showsOptionsAndExamples(words: [String]) throws {
    guard case .show(let text) = try tool.parse(words) else {
      Issue.record("no help")
      return
    }
    #expect(
      text == """
        Deploy the relay.

        Usage: tool deploy [options] MODE [TARGET] [WORD…]
               tool deploy <command> …

        Arguments:
          MODE                 What to do.
          TARGET               What with.
          WORD…                More.

        Options:
          --provider, -p NAME  Where. One of cloudflare, deno.
          --name NAME          Its name.
          --port N             Its port.
          --tag TAG            A tag; may be given again.
          --attach [PATH]      Attach.
          --login              Sign in.
          --no-login           Do not.
          --json               Write the result as JSON on standard output.
          -h, --help           Show this help.

        Commands:
          status               Show the relay.

        Examples:
          tool deploy go
              Deploys it.
          tool deploy go --json
        """)
  }

  @Test func helpAfterTwoDashesIsAWord() throws {
    #expect(try parse("--", "--help")?.mode == "--help")
  }

  @Test func fitsTheTerminal() throws {
    guard case .show(let text) = try tool.parse(["deploy", "--help"], columns: 40) else {
      Issue.record("no help")
      return
    }
    #expect(text.contains("\n                       cloudflare, deno."))
    #expect(wrap("one two three", width: 7) == "one two\nthree")
    #expect(wrap("", width: 7) == "")
  }
}
