import Anchor
import Arguments
import FoundationEssentials
import Terminal
import Transport

/// `codex-remote login`: signs this machine in at a relay.
struct LoginCommand: Action {
  var relay: String?
  var name: String?
  var json = false

  var wantsJSON: Bool { json }

  static let command = Command(
    "login", "Sign this machine in at a relay.", LoginCommand.self,
    parameters: [
      .option("--relay", to: \.relay, "URL", "The relay's address; the one from before if left out."),
      .option("--name", to: \.name, "NAME", "How you will see this machine; its host name if left out."),
      .json(to: \.json),
    ],
    examples: [
      Example("codex-remote login --relay relay.example", "Shows a code to approve in a signed-in browser.")
    ])
  private typealias Example = Command.Example

  struct Result: Encodable {
    let origin: String
    let machine: String
    let name: String
    let fingerprint: String
  }

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let signedIn = try SignedIn(environment: environment)
    guard let origin = try signedIn.origin(relay) else {
      throw UsageError("which relay? Name it with --relay; `codex-remote self-host` makes one")
    }
    let terminal = Terminal(environment: environment)
    let machine = try await Self.signIn(signedIn, origin, name, terminal)
    await IO.stop()
    if json {
      print(
        Arguments.json(
          Result(origin: origin, machine: machine.id, name: machine.name, fingerprint: machine.fingerprint)))
    } else {
      terminal.line("Signed in at \(origin) as \(oneLine(machine.name)): `codex-remote anchor` connects this machine.")
    }
  }

  /// Shows what the person needs and waits for the approval.
  static func signIn(_ signedIn: SignedIn, _ origin: String, _ name: String?, _ terminal: Terminal) async throws
    -> Machine
  {
    let login = DeviceLogin(store: signedIn.store, origin: origin)
    return try await login.run(name: name ?? SignedIn.machineName) { prompt in
      terminal.line("Open this link in a browser that is signed in at \(origin):")
      terminal.line()
      terminal.line("  " + terminal.styled(prompt.link, .bold))
      terminal.line()
      if terminal.info.isTerminal, let code = qrCode(prompt.link, for: terminal.info) { terminal.line(code + "\n") }
      terminal.line("or enter the code \(terminal.styled(prompt.code, .bold)) there: Settings, Approve a machine.")
      terminal.line("Approve it only if the browser shows this key: \(prompt.fingerprint)")
      terminal.line("Waiting for the approval, at most 10 minutes; Ctrl-C ends it.")
    }
  }
}
