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
  ///   - record: what this machine knows of the relay.
  ///   - client: how requests are sent.
  func provider(
    _ platform: Platform, name: String, domain: String? = nil, adopts: Bool = false, record: RelayRecord?,
    client: @escaping HTTPClient = IO.client
  ) async throws -> any Provider {
    let credential = try await Credentials(home: home, environment: environment, terminal: terminal).find(platform)
    var place = RelayPlace(relay: name, credential: credential, environment: environment, client: client)
    // The account is empty until the first deploy has ended, and where there is only one.
    place.account = record.flatMap { $0.account.isEmpty ? nil : $0.account }
    place.address = record?.origin.map { RelayAddress(origin: $0) }
    (place.domain, place.adopts) = (domain, adopts)
    place.timeFactor = timeFactor
    if terminal.canAsk { place.choose = choose }
    return platform.make(place)
  }

  /// For tests: all time limits of `self-host` are multiplied by it.
  var timeFactor: Double { environment["CODEX_REMOTE_TIME_FACTOR"].flatMap(Double.init) ?? 1 }

  /// The provider of a relay that this machine knows.
  func provider(of record: RelayRecord) async throws -> any Provider {
    try await provider(platform(of: record), name: record.name, record: record)
  }

  /// Held while a relay is changed. Throws where another run holds it.
  func lock(_ provider: String, _ name: String) throws -> FileLock {
    guard let lock = try book.lock(provider, name) else {
      throw CommandError("Another run works on this relay: wait until it has ended, then run this again.")
    }
    return lock
  }

  /// The relay that is meant, and its lock, without which nobody changes it.
  func locked(_ options: SelfHostOptions) throws -> (RelayRecord, FileLock) {
    let found = try options.record(in: book)
    let lock = try lock(found.provider, found.name)
    // Another run may have changed it until now.
    return (try options.record(in: book), lock)
  }

  func platform(of record: RelayRecord) throws -> Platform {
    guard let platform = Platform.named(record.provider) else {
      throw UsageError("this version does not know the provider \(record.provider)")
    }
    return platform
  }

  private func choose(_ accounts: [(id: String, name: String)]) async throws -> String {
    terminal.line("  The token reaches several accounts:")
    for (index, account) in accounts.enumerated() { terminal.line("    \(index + 1)  \(oneLine(account.name))") }
    while let answer = try await terminal.readText("  Which one? 1 to \(accounts.count)") {
      if let number = Int(answer), accounts.indices.contains(number - 1) { return accounts[number - 1].id }
    }
    throw ProviderError(.choice, "No account was chosen: set CLOUDFLARE_ACCOUNT_ID.")
  }
}
