import Anchor
import Arguments
import FoundationEssentials
import Home
import Providers
import SelfHost
import Terminal
import Transport

/// `self-host claim`: a new link while nobody owns the relay, or one for an owner who is locked out.
struct SelfHostClaimCommand: SelfHostAction {
  var options = SelfHostOptions()
  var recovers = false

  static let command = Command(
    "claim", "Make a new claim link while nobody owns the relay.", SelfHostClaimCommand.self,
    parameters: whichRelay + [
      .flag("--recover", to: \.recovers, "Make a link for a locked-out owner: it ends all sign-ins.")
    ])

  func run() async throws {
    let hosting = try SelfHosting()
    let record = try options.record(in: hosting.book)
    guard let origin = record.origin else {
      throw CommandError("The relay's deploy was not finished: run codex-remote self-host again.")
    }
    let address = RelayAddress(origin: origin)
    if recovers {
      let link = try await recover(address, deployKey: record.deployKey, client: IO.client)
      await IO.stop()
      if options.json { return writeAll(Arguments.json(["recover": link]) + "\n", to: 1) }
      hosting.screen.line("  Open this link as the owner and make a passkey. It works once, within the hour, and ends")
      hosting.screen.line("  all sign-ins:")
      return hosting.screen.link(link)
    }
    let outcome = try await claim(address, machine: nil, deployKey: record.deployKey, client: IO.client)
    await IO.stop()
    guard case .link(let link, _, _, _) = outcome else {
      throw CommandError(
        "The relay has an owner already: sign in at \(origin), ask its owner for an invite, or say --recover if the"
          + " owner is locked out.")
    }
    if options.json { return writeAll(Arguments.json(["claim": link]) + "\n", to: 1) }
    hosting.screen.line("  Open this link and make a passkey. It works once, within the hour:")
    hosting.screen.link(link)
  }
}

/// `self-host upgrade`: what this program carries, onto a relay that is there.
struct SelfHostUpgradeCommand: SelfHostAction {
  var options = SelfHostOptions()
  var templates: String?

  static let command = Command(
    "upgrade", "Bring the relay up to date with this program.", SelfHostUpgradeCommand.self,
    parameters: whichRelay + [.option("--templates", to: \.templates, "DIR", "").hidden()])

  func run() async throws {
    try await SelfHostChange.deploy(options, templates: templates, rotates: false)
  }
}

/// `self-host rotate`: a new deploy key.
struct SelfHostRotateCommand: SelfHostAction {
  var options = SelfHostOptions()
  var templates: String?

  static let command = Command(
    "rotate", "Make a new deploy key; nobody is signed out.", SelfHostRotateCommand.self,
    parameters: whichRelay + [.option("--templates", to: \.templates, "DIR", "").hidden()])

  func run() async throws {
    try await SelfHostChange.deploy(options, templates: templates, rotates: true)
  }
}

enum SelfHostChange {
  static func deploy(_ options: SelfHostOptions, templates: String?, rotates: Bool) async throws {
    let hosting = try SelfHosting()
    let record = try options.record(in: hosting.book)
    var deployment = SelfHostDeployment(
      hosting: hosting, platform: try hosting.platform(of: record), name: record.name, templates: templates)
    deployment.rotates = rotates
    let result = try await deployment.run(asks: false)
    await IO.stop()
    if options.json {
      struct Report: Encodable { let origin: String, build: String, changed: Bool }
      let report = Report(
        origin: result.deployment.address.origin, build: result.deployment.build,
        changed: !result.deployment.isUnchanged)
      writeAll(Arguments.json(report) + "\n", to: 1)
    }
  }
}

/// `self-host rollback`: what ran before the last change.
struct SelfHostRollbackCommand: SelfHostAction {
  var options = SelfHostOptions()

  static let command = Command(
    "rollback", "Put back what ran before the last change.", SelfHostRollbackCommand.self, parameters: whichRelay)

  func run() async throws {
    let hosting = try SelfHosting()
    var (record, lock) = try hosting.locked(options)
    defer { lock.release() }
    guard let previous = record.previous else {
      throw CommandError("This machine knows no earlier version of \(record.name) to go back to.")
    }
    let provider = try await hosting.provider(of: record)
    try await authenticate(provider, account: record.account)
    try await provider.rollBack(to: previous, withItsSecrets: false)
    (record.previous, record.revision) = (record.revision, previous)
    record.build = nil
    try hosting.book.save(record)
    await IO.stop()
    hosting.screen.done("Rolled back", "\(record.name) runs what it ran before")
  }
}

/// `self-host destroy`: the relay and all accounts on it.
struct SelfHostDestroyCommand: SelfHostAction {
  var options = SelfHostOptions()
  var yes = false

  static let command = Command(
    "destroy", "Delete the relay and all accounts on it.", SelfHostDestroyCommand.self,
    parameters: whichRelay + [.flag("--yes", to: \.yes, "Do not ask for the relay's name first.")])

  func run() async throws {
    let hosting = try SelfHosting()
    let (record, lock) = try hosting.locked(options)
    defer { lock.release() }
    let provider = try await hosting.provider(of: record)
    if !yes {
      hosting.screen.line(
        "  This deletes \(record.origin ?? record.name): its accounts, passkeys, machines and sign-ins.")
      hosting.screen.line("  Your Codex threads lie on your machines and stay.")
      if let remains = try hosting.platform(of: record).remains(record.name) { hosting.screen.line("  \(remains)") }
      let typed = try await hosting.terminal.readText("  Type its name, \(record.name), to go on")
      guard let typed else { throw CommandError("Nobody can be asked here: say --yes to delete \(record.name).") }
      guard typed == record.name else { throw CommandError("The name is another one: nothing was deleted.") }
    }
    try await authenticate(provider, account: record.account)
    try await requireOwn(record, provider)
    try await provider.destroy()
    try hosting.book.remove(record)
    if let origin = record.origin { try? MachineStore(home: hosting.home).remove(origin) }
    await IO.stop()
    hosting.screen.done("Deleted", record.name)
  }

  /// Throws where what has the relay's name is something else, or where the relay runs elsewhere than the token reaches.
  private func requireOwn(_ record: RelayRecord, _ provider: any Provider) async throws {
    switch try await provider.look() {
    case .relay: break
    case .foreign:
      throw CommandError(
        "What is named \(record.name) there is no relay of codex-remote: nothing was deleted, and if it is to go, delete"
          + " it at the provider's own page, then run this again.")
    case .nothing:
      guard let origin = record.origin, case .answers = await RelayHealth.ask(origin) else { break }
      throw CommandError(
        "There is no \(record.name) where the token reaches, and \(origin) answers: nothing was deleted; give a token of"
          + " the account that has it.")
    }
  }
}
