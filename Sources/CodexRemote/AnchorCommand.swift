import Anchor
import Arguments
import FoundationEssentials
import Processes
import Terminal
import Transport

/// `codex-remote anchor`: connects this machine, in the foreground.
struct AnchorCommand: Action {
  var relay: String?
  var name: String?
  var attach: String?
  var codex: String?

  static let command = Command(
    "anchor", "Connect this machine to a relay, in the foreground.", AnchorCommand.self,
    parameters: [
      .option("--relay", to: \.relay, "URL", "The relay's address; the only one if left out."),
      .option("--name", to: \.name, "NAME", "How you will see this machine, if it is not signed in yet."),
      .option(
        "--attach", to: \.attach, alone: sharedDaemon, "PATH",
        "Use the app-server that runs at this socket; the shared daemon's without PATH."),
      .option("--codex", to: \.codex, "PATH", "The codex to start; the first on PATH if left out."),
    ],
    examples: [
      Command.Example("codex-remote anchor", "Ctrl-C ends it, and codex with it unless a turn runs."),
      Command.Example("codex-remote anchor --relay relay.example", "Signs in first if that is needed."),
      Command.Example("codex-remote anchor --attach", "Shares threads with the terminal UI."),
    ])

  /// `--attach` without a path.
  private static let sharedDaemon = ""

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let terminal = Terminal(environment: environment)
    let configuration = try await configuration(environment, terminal)
    let signals = terminationSignals()
    let (events, continuation) = AsyncStream.makeStream(of: AnchorEvent.self, bufferingPolicy: .bufferingNewest(1000))
    let anchor = Anchor(configuration) { continuation.yield($0) }
    let watching = Task { await Self.watch(signals, anchor, isAttached: attach != nil, terminal) }
    async let _ = Self.show(events, terminal)
    let end: AnchorEnd
    do {
      defer {
        continuation.finish()
        watching.cancel()
      }
      end = try await anchor.run()
    }
    await IO.stop()
    let runsOn = AnchorControl.hasAppServer(configuration.home, origin: configuration.machine.origin)
    if case .refused(let sentence) = end {
      throw CommandError(runsOn ? "\(sentence) Codex app-server runs on: `codex-remote stop` ends it." : sentence)
    }
    if runsOn { terminal.line("The anchor has ended; codex app-server runs on, and the next anchor takes it over.") }
  }

  private func configuration(_ environment: [String: String], _ terminal: Terminal) async throws -> AnchorConfiguration
  {
    var source = AppServerSource.spawned(codex: codex)
    if let attach {
      guard codex == nil else { throw UsageError("--codex and --attach do not go together") }
      source = .attached(socket: attach == Self.sharedDaemon ? nil : attach)
    } else {
      // Before anything else: without codex there is nothing to connect.
      source = .spawned(codex: try await Codex.check(codex, environment: environment).path)
    }
    let signedIn = try SignedIn(environment: environment)
    guard let origin = try signedIn.origin(relay) else {
      throw CommandError(
        "This machine is signed in at no relay: run `codex-remote up`, or `codex-remote login --relay URL`.")
    }
    var machine = try signedIn.store.load(origin)
    if machine == nil { machine = try await LoginCommand.signIn(signedIn, origin, name, terminal) }
    guard let machine else { throw CommandError("This machine is not signed in at \(origin).") }
    return AnchorConfiguration(
      home: signedIn.home, machine: machine, appServer: source, environment: environment,
      workingDirectory: FileManager.default.currentDirectoryPath, version: version)
  }

  /// The first Ctrl-C ends anchor and app-server unless a turn runs or waits; the second does in any case. Other
  /// signals end the anchor alone.
  private static func watch(
    _ signals: AsyncStream<TerminationSignal>, _ anchor: Anchor, isAttached: Bool, _ terminal: Terminal
  ) async {
    var wasWarned = false
    for await signal in signals {
      switch signal {
      case .interrupt:
        if !isAttached, !wasWarned, await anchor.hasActiveTurns {
          wasWarned = true
          terminal.line(
            "A turn runs or waits for you: Ctrl-C again ends it too; `kill \(ProcessIdentity.current.pid)` ends the "
              + "anchor alone and lets it go on.")
        } else {
          return await anchor.stop(.anchorAndAppServer)
        }
      case .terminate, .hangup: return await anchor.stop(.anchorOnly)
      }
    }
  }

  private static func show(_ events: AsyncStream<AnchorEvent>, _ terminal: Terminal) async {
    for await event in events {
      if let line = line(event) { terminal.line(oneLine(line)) }
    }
  }

  private static func line(_ event: AnchorEvent) -> String? {
    switch event {
    case .codexReady(let version, _, let adopted):
      "Codex \(version) is ready\(adopted ? ", running from before" : "")."
    case .codexLost(let reason, _): reason
    case .connected(let origin, let owner):
      "Connected to \(origin)\(owner.map { ", \($0)'s relay" } ?? ", which nobody has claimed yet")."
    case .claimed(let owner): "\(owner) claimed the relay."
    case .disconnected(let reason, _): reason
    case .sessions: nil
    }
  }
}
