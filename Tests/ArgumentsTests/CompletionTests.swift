import Foundation
import Testing

@testable import Arguments

@Suite struct CompletionTests {
  @Test(arguments: [
    ([""], ["deploy", "doctor", "completion", "--version", "--help"]), (["d"], ["deploy", "doctor"]),
    (["se"], []), (["deploy", "--no"], ["--no-login"]), (["deploy", "--provider", ""], ["cloudflare", "deno"]),
    (["deploy", "-p", "d"], ["deno"]), (["deploy", "--name", ""], []), (["deploy", "st"], ["status"]),
    (["completion", "b"], ["bash"]), (["nothing", ""], ["--version", "--help"]),
    ([], ["deploy", "doctor", "completion", "--version", "--help"]),
  ])
  func proposesWhatCanFollow(words: [String], proposals: [String]) async {
    #expect(tool.completions(words) == proposals)
  }

  @Test func answersTheShell() async {
    #expect(await run("__complete", "deploy", "-p", "") == (0, "cloudflare\ndeno\n", ""))
  }

  /// Loads the script into a real bash and asks it as the Tab key would, with a program that shows what it was asked.
  @Test func bashAsksTheProgram() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "complete-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(Shell.bash.script(for: "my-tool").utf8).write(to: URL(filePath: folder + "/script"))
    let script = """
      my-tool() { for word in "$@"; do echo "<$word>"; done; }
      source "$1/script"
      COMP_WORDS=(my-tool deploy "a b" --na rest); COMP_CWORD=3
      eval "$(complete -p my-tool | sed 's/.*-F \\([a-z_]*\\) .*/\\1/')"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["bash", "-c", script, "bash", folder]
    process.standardOutput = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd().map { String(decoding: $0, as: UTF8.self) }
    process.waitUntilExit()
    #expect(text == "<__complete>\n<deploy>\n<a b>\n<--na>\n")
  }

  @Test(arguments: Shell.allCases) func namesTheProgram(shell: Shell) {
    #expect(shell.script(for: "my-tool").contains("my-tool") && shell.script(for: "my-tool").contains("__complete"))
  }
}
