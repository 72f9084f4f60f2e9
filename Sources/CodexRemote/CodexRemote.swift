import Arguments
import FoundationEssentials
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@main struct CodexRemote {
  static let command = Command(
    "codex-remote", "Drive Codex on this machine from a phone or any browser.",
    commands: [
      UpCommand.command, SelfHostCommand.command, AnchorCommand.command, LoginCommand.command, LogoutCommand.command,
      StatusCommand.command, StopCommand.command, .completion(for: "codex-remote"),
    ],
    examples: [
      Command.Example("codex-remote up --demo", "Try it: a real Codex with a scripted model."),
      Command.Example("codex-remote up", "Use it with your own Codex."),
    ],
    version: Version(version).text, versionJSON: Arguments.json(Version(version)))

  static func main() async {
    let columns = TerminalInfo(descriptor: 1, environment: ProcessInfo.processInfo.environment).columns
    let words = Array(CommandLine.arguments.dropFirst())
    let code = await command.main(words, columns: columns, sentence: { oneLine("\($0)") })
    // Not `exit`: it tears OpenSSL down while the I/O loop's thread, which is on its way out, still gives back what
    // OpenSSL keeps for a thread; now and then that ended in a crash after all was done.
    fflush(nil)
    _exit(code)
  }
}
