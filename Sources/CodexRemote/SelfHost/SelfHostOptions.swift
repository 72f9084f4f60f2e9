import Arguments
import Home
import SelfHost

/// Where a relay is to run.
enum ProviderName: String, ArgumentValue, CaseIterable, Sendable {
  case cloudflare, deno
}

/// What every `self-host` command is told: which relay is meant.
struct SelfHostOptions: Sendable {
  var provider: ProviderName?
  var name: String?
  var json = false

  static let defaultName = "codex-remote"

  /// The relay that is meant: the one that was named, or the only one this machine knows.
  func record(in book: RelayBook) throws -> RelayRecord {
    let all = try book.all().filter {
      (provider == nil || $0.provider == provider?.rawValue) && (name == nil || $0.name == name)
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
