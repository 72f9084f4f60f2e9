import Anchor
import Arguments
import FoundationEssentials

/// `codex-remote stop`: ends the anchor and its app-server.
struct StopCommand: Action {
  var relay: String?
  var json = false

  var wantsJSON: Bool { json }

  static let command = Command(
    "stop", "End the anchor and its codex app-server; running turns are interrupted.", StopCommand.self,
    parameters: [
      .option("--relay", to: \.relay, "URL", "The relay whose anchor is meant; all if left out."),
      .json(to: \.json),
    ],
    examples: [Command.Example("codex-remote stop")])

  struct Entry: Encodable {
    let origin: String
    let anchor: Bool
    let appServer: Bool
  }

  func run() async throws {
    let own = try SignedIn()
    var entries: [Entry] = []
    for signedIn in [own, try own.demo] {
      for origin in try signedIn.origins(relay) {
        let ended = try await AnchorControl.stop(signedIn.home, origin: origin)
        if ended.anchor || ended.appServer {
          entries.append(Entry(origin: origin, anchor: ended.anchor, appServer: ended.appServer))
        }
      }
    }
    if json { return print(Arguments.json(entries)) }
    if entries.isEmpty { print("Nothing runs.") }
    for entry in entries {
      let what = [entry.anchor ? "the anchor" : nil, entry.appServer ? "codex app-server" : nil].compactMap { $0 }
      print("\(entry.origin): ended \(what.joined(separator: " and ")).")
    }
  }
}
