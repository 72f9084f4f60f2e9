import Anchor
import Arguments
import Cryptography
import FoundationEssentials
import Home
import Processes
import Providers
import SelfHost
import Terminal
import Transport

/// `codex-remote self-host`: a relay in the user's own account.
struct SelfHostCommand: SelfHostAction {
  var options = SelfHostOptions()
  var domain: String?
  var login: Bool?
  var dryRun = false
  var yes = false
  var adopts = false
  var templates: String?

  static let command = Command(
    "self-host", "Run a relay of your own on Cloudflare or Deno Deploy.", SelfHostCommand.self,
    parameters: [
      .option("--provider", to: \.options.provider, "WHERE", "Where the relay is to run."),
      .option("--name", to: \.options.name, "NAME", "Its name there; codex-remote if left out."),
      .option("--domain", to: \.domain, "HOST", "A host name of a zone in your Cloudflare account."),
      .flag("--login", to: \.login, as: true, "Sign this machine in to it."),
      .flag("--no-login", to: \.login, as: false, "Do not, and do not ask."),
      .flag("--dry-run", to: \.dryRun, "Show every request that would change something; change nothing."),
      .flag("--yes", to: \.yes, "Do not ask before making or changing anything."),
      .flag("--adopt", to: \.adopts, "Take over what has that name there, whatever it is."),
      .option("--templates", to: \.templates, "DIR", "").hidden(),
      .json(to: \.options.json),
    ],
    commands: [
      SelfHostListCommand.command, SelfHostStatusCommand.command, SelfHostClaimCommand.command,
      SelfHostRotateCommand.command, SelfHostUpgradeCommand.command, SelfHostRollbackCommand.command,
      SelfHostLogsCommand.command, SelfHostDestroyCommand.command,
    ],
    examples: [
      Command.Example("codex-remote self-host --provider cloudflare --login", "A Worker in your account."),
      Command.Example("codex-remote self-host --provider deno --login", "An app in your organisation."),
      Command.Example("codex-remote self-host --provider deno --dry-run", "Shows what it would send."),
    ])

  func run() async throws {
    guard let platform = options.provider?.platform else {
      let ways = Platform.all.map { "--provider \($0.name)" }.joined(separator: " or ")
      throw UsageError("where is it to run? Say \(ways)")
    }
    if domain != nil, let refusal = platform.domainRefusal { throw UsageError(refusal) }
    // As browsers write host names.
    let domain = domain?.lowercased()
    if let domain, domain.wholeMatch(of: #/[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+/#) == nil {
      throw UsageError("--domain \(domain) is no host name; give one like relay.example.com")
    }
    let name = options.name ?? SelfHostOptions.defaultName
    guard name.wholeMatch(of: #/[a-z0-9][a-z0-9-]{1,28}[a-z0-9]/#) != nil else {
      throw UsageError("--name \(name): 3 to 30 of a-z, 0-9 and dashes, with none at either end")
    }
    let deployment = SelfHostDeployment(
      hosting: try SelfHosting(), platform: platform, name: name, domain: domain, adopts: adopts,
      templates: templates, json: options.json)
    if dryRun { return try await deployment.rehearse() }
    let result = try await deployment.run(asks: !yes)
    let signsIn = try await wantsLogin(deployment.hosting.terminal)
    try await deployment.finish(result, signsIn: signsIn)
    await IO.stop()
  }

  private func wantsLogin(_ terminal: Terminal) async throws -> Bool {
    if let login { return login }
    return try await terminal.confirm("  Sign this machine in to it?", default: true) ?? false
  }
}
