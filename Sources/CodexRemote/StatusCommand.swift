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
    var problem: (any Error)?
    let (own, demo) = (try Self.entries(signedIn, &problem), try Self.entries(signedIn.demo, &problem))
    if json, problem == nil { return print(Arguments.json(own + demo)) }
    if own.isEmpty, demo.isEmpty, problem == nil {
      print("This machine is signed in at no relay: run `codex-remote up`, or `codex-remote login --relay URL`.")
    }
    if !json {
      for entry in own { Self.show(entry, starting: Self.command(entry.origin, UpOptions())) }
      for entry in demo { Self.show(entry, starting: Self.command(entry.origin, UpOptions(demo: true))) }
    }
    if let problem { throw problem }
  }

  /// - Parameter problem: the first of a relay that cannot be shown; the others are.
  private static func entries(_ signedIn: SignedIn, _ problem: inout (any Error)?) throws -> [Entry] {
    var entries: [Entry] = []
    for record in try signedIn.store.records() {
      do {
        let origin = try record.get()
        guard let machine = try signedIn.store.load(origin) else { continue }
        entries.append(
          Entry(
            origin: origin, machine: machine.id, name: machine.name, fingerprint: machine.fingerprint,
            anchor: try AnchorStatus.read(signedIn.home, origin: origin),
            appServer: AnchorControl.hasAppServer(signedIn.home, origin: origin)))
      } catch {
        problem = problem ?? error
      }
    }
    return entries
  }

  /// The command that starts an anchor for a relay: the relay of `up` runs only while `up` does.
  private static func command(_ origin: String, _ up: UpOptions) -> String {
    guard up.demo || origin.hasPrefix("http://codex-remote.localhost") else { return "codex-remote anchor" }
    let port = origin.split(separator: ":").last.flatMap { Int($0) } ?? up.listeningPort
    return "codex-remote up" + (up.demo ? " --demo" : "") + (port == up.listeningPort ? "" : " --port \(port)")
  }

  private static func show(_ entry: Entry, starting command: String) {
    // Names and problems come from the relay.
    print(oneLine("\(entry.origin), as \(entry.name) (\(entry.fingerprint))"))
    for line in lines(entry, starting: command) { print("  \(oneLine(line))") }
  }

  private static func lines(_ entry: Entry, starting command: String) -> [String] {
    guard let anchor = entry.anchor else {
      return [
        entry.appServer
          ? "No anchor runs; its codex app-server does. `\(command)` takes it over, `codex-remote stop` ends it."
          : "No anchor runs: `\(command)` connects this machine."
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
