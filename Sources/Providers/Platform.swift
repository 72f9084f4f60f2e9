public import Transport

/// A provider as people choose it: all that the program knows of it before there is a relay.
///
/// Each implementation of ``Provider`` that `self-host` offers has one, listed in ``all``. Nothing outside this module
/// names a provider.
public struct Platform: Sendable {
  /// The word people choose it by: "cloudflare".
  public let name: String
  /// Its name in sentences: "Cloudflare".
  public let title: String
  public let adapter: Adapter
  public let token: TokenSource
  /// Why it takes no `--domain`, and what to do instead; nil where it does.
  public var domainRefusal: String?
  /// Where people see what the relay uses of its plan: none of the APIs tells it to the token.
  public let usagePage: String
  /// What a deletion leaves behind there, as a sentence, for the relay of that name.
  public var remains: @Sendable (_ relay: String) -> String? = { _ in nil }
  /// A client that sends what only reads, shows what would change something, and answers that as the platform would.
  public let rehearsal:
    @Sendable (_ client: @escaping HTTPClient, _ show: @escaping @Sendable (HTTPRequest) -> Void) -> HTTPClient
  public let make: @Sendable (RelayPlace) -> any Provider

  public static func named(_ name: String) -> Platform? { all.first { $0.name == name } }
}

/// Where a platform's token comes from, in the order in which it is looked for.
public struct TokenSource: Sendable {
  /// Environment variables, the one to recommend first.
  public let variables: [String]
  /// A login that another program of this machine has, by asking that program.
  public var borrowed: (@Sendable (_ environment: [String: String]) async -> Credential?)?
  /// The page where a person makes one, with its permissions filled in where the platform allows that.
  public let page: String
  /// What to make there: "an API token with …".
  public let what: String
}

/// What a provider of one relay is made from.
public struct RelayPlace: Sendable {
  public var relay: String
  public var credential: Credential
  /// The account and the address of an earlier deploy, if this machine knows one.
  public var account: String?
  public var address: RelayAddress?
  public var domain: String?
  /// What has the relay's name or domain may be taken over, whatever it is.
  public var adopts = false
  public var environment: [String: String]
  /// Asks a person which of several accounts is meant; nil where nobody can be asked.
  public var choose: AccountChoice?
  public var client: HTTPClient
  /// All time limits are multiplied by this.
  public var timeFactor = 1.0

  public init(
    relay: String, credential: Credential, environment: [String: String], client: @escaping HTTPClient
  ) {
    (self.relay, self.credential, self.environment, self.client) = (relay, credential, environment, client)
  }
}

/// Answers with the id of the account that was chosen.
public typealias AccountChoice = @Sendable (_ accounts: [(id: String, name: String)]) async throws -> String
