import Testing

@testable import Arguments

@Suite struct ParsingTests {
  @Test(arguments: [
    ["-p", "deno", "--port=8080", "go"], ["go", "--port", "8080", "--provider=deno"],
    ["--provider", "cloudflare", "-p=deno", "--port", "8080", "go"],
  ])
  func readsOptionsAnywhere(words: [String]) throws {
    guard case .run(let action as Deploy, _) = try tool.parse(["deploy"] + words) else {
      Issue.record("no action")
      return
    }
    #expect(action.provider == .deno && action.port == Port(argument: "8080") && action.mode == "go")
    #expect(action.name == "relay" && action.login == nil && action.tags.isEmpty && !action.isJSON)
  }

  @Test func readsEveryKind() throws {
    let action = try parse("--tag", "a", "go", "--tag=b=c", "--no-login", "x", "--json", "y", "--", "--json", "-")
    #expect(action?.tags == ["a", "b=c"])
    #expect(action?.login == false && action?.isJSON == true)
    #expect(action?.target == "x" && action?.rest == ["y", "--json", "-"])
    #expect(try parse("go", "--name=")?.name == "")
  }

  @Test func readsAnOptionalValue() throws {
    #expect(try parse("go", "--attach")?.attach == "default")
    #expect(try parse("go", "--attach", "--json")?.attach == "default")
    #expect(try parse("go", "--attach", "/sock")?.attach == "/sock")
    #expect(try parse("--attach=/sock", "go")?.attach == "/sock")
    #expect(try parse("go")?.attach == nil)
  }

  @Test(arguments: [
    (["deploy", "go", "--prot=3"], "unknown option --prot; did you mean --port?", "tool deploy"),
    (["deploy", "go", "--port"], "--port needs a value: --port N", "tool deploy"),
    (["deploy", "go", "--name", "--json"], "--name needs a value: --name NAME", "tool deploy"),
    (["deploy", "go", "--json=yes"], "--json takes no value", "tool deploy"),
    (["deploy", "go", "-p", "dneo"], "-p cannot be dneo; did you mean deno?", "tool deploy"),
    (["deploy", "go", "-p", "aws"], "-p cannot be aws; use cloudflare, deno", "tool deploy"),
    (["deploy", "go", "--port", "abc"], "--port cannot be abc; use 1024 to 65535", "tool deploy"),
    (["deploy", "go", "--port", "1023"], "--port cannot be 1023; use 1024 to 65535", "tool deploy"),
    (["deploy", "go", "--port", "65536"], "--port cannot be 65536; use 1024 to 65535", "tool deploy"),
    (["deploy", "go", "--port="], "--port cannot be an empty value; use 1024 to 65535", "tool deploy"),
    (["deploy"], "missing MODE", "tool deploy"),
    (["deply"], "unknown command deply; did you mean deploy?", "tool"),
    (["status"], "unknown command status; did you mean deploy status?", "tool"),
    (["secrt"], "unknown command secrt", "tool"),
    (["--json"], "unknown option --json", "tool"),
    ([], "a command is missing", "tool"),
    (["doctor", "x"], "unexpected argument x", "tool doctor"),
    (["doctor", "--help2"], "unknown option --help2", "tool doctor"),
  ])
  func saysWhatIsWrong(words: [String], message: String, command: String) {
    var expected = UsageError(message)
    expected.command = command
    #expect(throws: expected) { try tool.parse(words) }
  }

  @Test func runsTheCommandBelowAnother() throws {
    guard case .run(let action, let command) = try tool.parse(["deploy", "status"]) else {
      Issue.record("no action")
      return
    }
    #expect(action is Empty && command == "tool deploy status")
  }

  @Test(arguments: [("", "abc", 3), ("abc", "abc", 0), ("prot", "port", 1), ("kitten", "sitting", 3), ("ab", "", 2)])
  func measuresTheDistance(a: String, b: String, count: Int) { #expect(distance(a, b) == count) }
}
