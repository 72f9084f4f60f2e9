import Anchor
import Arguments
import FoundationEssentials
import Home
import Processes
import Terminal

/// `codex-remote status`: what runs on this machine.
struct StatusCommand: Action {
  var json = false

  var wantsJSON: Bool { json }

  static let command = Command(
    "status", "Show the relays this machine is signed in at, and whether it is connected.", StatusCommand.self,
    parameters: [.json(to: \.json)],
    examples: [
      Command.Example("codex-remote status"),
      Command.Example("codex-remote status --json", "The same for scripts."),
    ])

  struct Entry: Encodable {
    let origin: String
    let machine: String
    let name: String
    let fingerprint: String
    /// What the running anchor tells; missing where none runs.
    let anchor: AnchorStatus?
    /// An app-server runs that an anchor for this relay started.
    let appServer: Bool
  }

  func run() async throws {
    let signedIn = try SignedIn()
    // The demo has a home of its own, and runs on this machine all the same.
    let entries = try Self.entries(signedIn.home) + Self.entries(Demo.home(in: signedIn.home))
    if json { return print(Arguments.json(entries)) }
    if entries.isEmpty {
      print("This machine is signed in at no relay: run `codex-remote up`, or `codex-remote login --relay URL`.")
    }
    for entry in entries {
      // Names and problems come from the relay.
      print(oneLine("\(entry.origin), as \(entry.name) (\(entry.fingerprint))"))
      for line in Self.lines(entry) { print("  \(oneLine(line))") }
    }
  }

  private static func entries(_ home: Home) throws -> [Entry] {
    let store = MachineStore(home: home)
    return try store.origins().compactMap { origin in
      guard let machine = try store.load(origin) else { return nil }
      return Entry(
        origin: origin, machine: machine.id, name: machine.name, fingerprint: machine.fingerprint,
        anchor: try AnchorStatus.read(home, origin: origin),
        appServer: AnchorControl.hasAppServer(home, origin: origin))
    }
  }

  static func lines(_ entry: Entry) -> [String] {
    guard let anchor = entry.anchor else {
      return [
        entry.appServer
          ? "No anchor runs; its codex app-server does. `codex-remote anchor` takes it over, `stop` ends it."
          : "No anchor runs: `codex-remote anchor` connects this machine."
      ]
    }
    var lines: [String] = []
    switch anchor.link {
    case .connected: lines.append("Connected\(anchor.owner.map { ", \($0)'s" } ?? ", nobody has claimed it yet").")
    case .connecting: lines.append("Connecting.")
    case .disconnected: lines.append(anchor.linkProblem ?? "Not connected.")
    }
    lines.append(anchor.codexVersion.map { "Codex \($0) is ready." } ?? anchor.codexProblem ?? "Codex is starting.")
    let pages = anchor.sessions == 1 ? "1 page is open" : "\(anchor.sessions) pages are open"
    lines.append("\(pages); process \(anchor.process.pid) since \(anchor.since.formatted(.iso8601)).")
    return lines
  }
}
