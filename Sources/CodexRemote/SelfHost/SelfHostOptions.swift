import Arguments
import Home
import Providers
import SelfHost

/// Where a relay is to run, as it is written on the command line.
struct PlatformName: ArgumentValue {
  let platform: Platform

  init?(argument: String) {
    guard let platform = Platform.named(argument) else { return nil }
    self.platform = platform
  }
  static var choices: [String] { Platform.all.map(\.name) }
}

/// What every `self-host` command is told: which relay is meant.
struct SelfHostOptions: Sendable {
  var provider: PlatformName?
  var name: String?
  var json = false

  static let defaultName = "codex-remote"

  /// The relay that is meant: the one that was named, or the only one this machine knows.
  func record(in book: RelayBook) throws -> RelayRecord {
    let all = try book.all().filter {
      (provider == nil || $0.provider == provider?.platform.name) && (name == nil || $0.name == name)
    }
    switch all.count {
    case 1: return all[0]
    case 0:
      throw UsageError("this machine knows no such relay; `codex-remote self-host --provider …` makes or adopts one")
    default:
      let list = all.map { "--provider \($0.provider) --name \($0.name)" }.joined(separator: ", or ")
      throw UsageError("there are several relays; say \(list)")
    }
  }
}

/// A command about one relay.
protocol SelfHostAction: Action {
  var options: SelfHostOptions { get set }
}

extension SelfHostAction {
  var wantsJSON: Bool { options.json }
}

extension SelfHostAction {
  /// The parameters that say which relay is meant.
  static var whichRelay: [Parameter<Self>] {
    [
      .option("--provider", to: \.options.provider, "WHERE", "Where the relay runs."),
      .option("--name", to: \.options.name, "NAME", "Its name there; codex-remote if left out."),
      .json(to: \.options.json),
    ]
  }
}
