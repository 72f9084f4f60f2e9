import Arguments
import FoundationEssentials
import Home
import Providers
import SelfHost
import Terminal
import Transport

/// What all `self-host` commands work with: this machine's state, the terminal, and providers made for one relay.
struct SelfHosting {
  let environment: [String: String]
  let terminal: Terminal
  let screen: Screen
  let home: Home
  let book: RelayBook

  init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    self.environment = environment
    terminal = Terminal(environment: environment)
    screen = Screen(terminal: terminal, accountTitle: "Account")
    home = try Home(environment: environment)
    book = RelayBook(home: home)
  }

  /// - Parameters:
  ///   - account: the provider's id of it, if it was chosen before.
  ///   - client: how requests are sent.
  func provider(
    _ provider: ProviderName, name: String, domain: String? = nil, record: RelayRecord?,
    client: @escaping HTTPClient = IO.client
  ) async throws -> any Provider {
    let credential = try await Credentials(home: home, environment: environment, terminal: terminal).find(provider)
    switch provider {
    case .cloudflare:
      let account = ["CLOUDFLARE_ACCOUNT_ID", "CF_ACCOUNT_ID"].compactMap { environment[$0] }.first { !$0.isEmpty }
      // Empty until the first deploy has ended.
      let known = record.flatMap { $0.account.isEmpty ? nil : $0.account }
      var configuration = Cloudflare.Configuration(
        relay: name, credential: credential, account: account ?? known, domain: domain)
      if let record, configuration.account == record.account {
        configuration.address = record.origin.map { RelayAddress(origin: $0) }
      }
      if let api = environment["CLOUDFLARE_API_BASE_URL"] { configuration.api = api }
      if terminal.canAsk { configuration.choose = choose }
      return Cloudflare(configuration, client: client)
    case .deno:
      var configuration = DenoDeploy.Configuration(
        relay: name, credential: credential, address: record?.origin.map { RelayAddress(origin: $0) })
      if let api = environment["DENO_DEPLOY_API_BASE_URL"] { configuration.api = api }
      return DenoDeploy(configuration, client: client)
    }
  }

  /// The provider of a relay that this machine knows.
  func provider(of record: RelayRecord) async throws -> any Provider {
    guard let name = ProviderName(rawValue: record.provider) else {
      throw UsageError("this version does not know the provider \(record.provider)")
    }
    return try await provider(name, name: record.name, record: record)
  }

  private func choose(_ accounts: [(id: String, name: String)]) async throws -> String {
    terminal.line("  The token reaches several accounts:")
    for (index, account) in accounts.enumerated() { terminal.line("    \(index + 1)  \(account.name)") }
    while let answer = try await terminal.readText("  Which one? 1 to \(accounts.count)") {
      if let number = Int(answer), accounts.indices.contains(number - 1) { return accounts[number - 1].id }
    }
    throw ProviderError(.choice, "No account was chosen: set CLOUDFLARE_ACCOUNT_ID.")
  }
}
