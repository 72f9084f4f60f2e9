import Anchor
import Arguments
import FoundationEssentials
import Processes
import Terminal

/// `codex-remote logout`: forgets the key with which this machine signs in.
struct LogoutCommand: Action {
  var relay: String?
  var json = false

  var wantsJSON: Bool { json }

  static let command = Command(
    "logout", "Forget this machine's sign-in at a relay.", LogoutCommand.self,
    parameters: [
      .option("--relay", to: \.relay, "URL", "The relay's address; the only one if left out."),
      .json(to: \.json),
    ],
    examples: [Command.Example("codex-remote logout", "Deletes this machine's key.")])

  func run() async throws {
    let signedIn = try SignedIn()
    guard let origin = try signedIn.origin(relay), try signedIn.store.load(origin) != nil else {
      throw CommandError("This machine is not signed in\(relay.map { " at \($0)" } ?? ""): there is nothing to forget.")
    }
    if let process = try AnchorControl.process(signedIn.home, origin: origin) {
      throw CommandError(
        "An anchor for \(origin) runs (process \(process.pid)): end it first with `codex-remote stop`.")
    }
    // Nothing would find it afterwards.
    if AnchorControl.hasAppServer(signedIn.home, origin: origin) {
      throw CommandError("Codex app-server runs on for \(origin): end it first with `codex-remote stop`.")
    }
    try signedIn.store.remove(origin)
    if json {
      print(Arguments.json(["origin": origin]))
    } else {
      Terminal(environment: ProcessInfo.processInfo.environment).line(
        "Signed out of \(origin). Revoke the machine in the browser too, and it is gone from the list there.")
    }
  }
}

/// A sentence that ends a command.
struct CommandError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
