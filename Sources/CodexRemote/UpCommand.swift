import Arguments
import FoundationEssentials
import Terminal

/// `codex-remote up`: a relay, codex and the anchor on this machine, until Ctrl-C.
struct UpCommand: Action {
  var options = UpOptions()

  static let command = Command(
    "up", "Start everything on this machine and print the link to open.", UpCommand.self,
    parameters: [
      .flag("--demo", to: \.options.demo, "Try it without an account: a scripted model, in a folder of its own."),
      .option("--port", to: \.options.port, "N", "Where the relay listens on loopback: 4390, in the demo 4391."),
      .option(
        "--origin", to: \.options.origin, "URL", "The https address of a TLS front of your own, which phones can open."),
      .option("--codex", to: \.options.codex, "PATH", "The codex to start; the first on PATH if left out."),
      .flag("--no-open", to: \.options.opensBrowser, as: false, "Print the link, but open no browser."),
      .option("--templates", to: \.options.templates, "DIR", "").hidden(),
    ],
    examples: [
      Command.Example("codex-remote up", "Uses your own Codex; Ctrl-C ends everything it started."),
      Command.Example("codex-remote up --demo", "Needs no account and never touches your Codex's files."),
      Command.Example("codex-remote up --origin https://desk.tail1234.ts.net", "Behind `tailscale serve 4390`."),
    ])

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    try await Up(options, environment: environment, terminal: Terminal(environment: environment)).run()
  }
}
