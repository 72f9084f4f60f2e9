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
    var problem: (any Error)?
    for signedIn in [own, try own.demo] {
      for record in try signedIn.records(relay) {
        // One that fails keeps none of the others running.
        do {
          let origin = try record.get()
          let ended = try await AnchorControl.stop(signedIn.home, origin: origin)
          if ended.anchor || ended.appServer {
            entries.append(Entry(origin: origin, anchor: ended.anchor, appServer: ended.appServer))
          }
        } catch {
          problem = problem ?? error
        }
      }
    }
    if json, problem == nil { return print(Arguments.json(entries)) }
    if entries.isEmpty, problem == nil { print("Nothing runs.") }
    for entry in entries where !json {
      let what = [entry.anchor ? "the anchor" : nil, entry.appServer ? "codex app-server" : nil].compactMap { $0 }
      print("\(entry.origin): ended \(what.joined(separator: " and ")).")
    }
    if let problem { throw problem }
  }
}
