import Cryptography
import FoundationEssentials
import Synchronization
public import Transport

/// A relay as one Worker with SQLite Durable Objects in the user's own Cloudflare account.
///
/// An upload is live at once, and its address is known before: `https://NAME.SUBDOMAIN.workers.dev`.
/// Requests below https://api.cloudflare.com/client/v4; what each means is in the API's documentation.
public final class Cloudflare: Provider {
  public struct Configuration: Sendable {
    /// The Worker's name: `[a-z0-9-]`, at most 63, no dash at either end.
    public var relay: String
    public var credential: Credential
    /// Nil: the only account that the token reaches, or what `choose` says.
    public var account: String?
    /// A host name of a zone in this account, instead of workers.dev.
    public var domain: String?
    /// The domain may be taken from another Worker.
    public var adopts = false
    /// The address that an earlier deploy to the same account had: browsers' passkeys are bound to it, so it stays.
    public var address: RelayAddress?
    /// Where the API is; a test gives its own.
    public var api: String
    /// Asks a person which of several accounts is meant; nil where nobody can be asked.
    public var choose: AccountChoice?
    /// All time limits are multiplied by this.
    public var timeFactor = 1.0

    public init(
      relay: String, credential: Credential, account: String? = nil, domain: String? = nil,
      address: RelayAddress? = nil, api: String = "https://api.cloudflare.com/client/v4",
      choose: AccountChoice? = nil
    ) {
      self.relay = relay
      self.credential = credential
      self.account = account
      self.domain = domain
      self.address = address
      self.api = api
      self.choose = choose
    }
  }

  /// The Durable Object class of templates/cloudflare, and the binding it is reached by.
  static let className = "Scope"
  static let binding = "SCOPE"
  static let compatibilityDate = "2026-08-01"
  /// What marks a version as ours: `codex-remote/<digest>/<exports or migrations>`.
  static let mark = "codex-remote/"

  /// What all our Workers have, whatever their version.
  static let scriptTag = "codex-remote"

  private struct State {
    var account: String?
    var subdomain: String?
    var live: CloudflareVersion?
    var settings = Settings()
    /// The account does not take `exports`: classes are declared by a migration, for good.
    var usesMigrations = false
  }

  public let name = "cloudflare"
  public static let adapter = Adapter(folder: "cloudflare", entry: "cloudflare/worker.js")
  public let adapter: Adapter = Cloudflare.adapter
  private let configuration: Configuration
  private let api: CloudflareAPI
  private let state = Mutex(State())

  public init(_ configuration: Configuration, client: @escaping HTTPClient) {
    self.configuration = configuration
    let secret = configuration.credential.withSecret { $0 }
    api = CloudflareAPI(
      client: APIClient(
        base: configuration.api, platform: "Cloudflare", token: secret, send: client,
        timeFactor: configuration.timeFactor))
  }

  // MARK: - Looking

  public func authenticate() async throws -> Account {
    let account = try await chosenAccount()
    state.withLock { $0.account = account.id }
    // What the relay has already it was given once.
    if let domain = configuration.domain, domain != configuration.address?.host, !configuration.adopts {
      try await requireFree(domain)
    }
    return account
  }

  /// Throws where a host name leads to another Worker of the account: attaching it would take it away from that one.
  private func requireFree(_ domain: String) async throws {
    let found: [CloudflareDomain]
    do { found = try await api.result(try account("GET", "/workers/domains?hostname=\(domain)")) } catch let refusal
      as CloudflareAPI.Refusal
    { throw refusal.sentence("looking at the domains of this account") }
    if let other = found.first(where: { $0.hostname == domain && $0.service != configuration.relay }) {
      throw ProviderError(
        .foreign,
        "\(domain) leads to the Worker \(other.service): choose another --domain, or take it over with --adopt.")
    }
  }

  private func chosenAccount() async throws -> Account {
    if let id = configuration.account { return Account(id: id, description: "Cloudflare account \(id)") }
    let accounts: [CloudflareAccount]
    do { accounts = try await api.result(.init("GET", "/accounts?page=1&per_page=50")) } catch let refusal
      as CloudflareAPI.Refusal
    { throw refusal.sentence("listing your accounts") }
    if accounts.count == 1 { return Account(id: accounts[0].id, description: "Cloudflare account \(accounts[0].name)") }
    guard !accounts.isEmpty else {
      throw ProviderError(
        .credentials,
        "The token (\(configuration.credential.source)) reaches no account: give it Account Settings: Read, or set"
          + " CLOUDFLARE_ACCOUNT_ID.")
    }
    guard let choose = configuration.choose else {
      let list = accounts.map { "\($0.id) (\($0.name))" }.joined(separator: ", ")
      throw ProviderError(.choice, "The token reaches several accounts: set CLOUDFLARE_ACCOUNT_ID to one of \(list).")
    }
    let id = try await choose(accounts.map { ($0.id, $0.name) })
    let name = accounts.first { $0.id == id }?.name ?? id
    return Account(id: id, description: "Cloudflare account \(name)")
  }

  public func look() async throws -> Found {
    do {
      let deployments: CloudflareDeployments? = try await api.found(try script("GET", "/deployments"))
      guard let id = deployments?.deployments.first?.versions.first?.versionId else { return .nothing }
      let version: CloudflareVersion = try await api.result(try script("GET", "/versions/\(id)"))
      guard version.tag.hasPrefix(Self.mark) else {
        return .foreign(
          "The account has a Worker named \(configuration.relay) that is no relay of codex-remote: choose another"
            + " --name, or take it over with --adopt.")
      }
      state.withLock {
        $0.live = version
        $0.usesMigrations = version.tag.hasSuffix("/migrations")
      }
      return .relay(Revision(id: version.id, digest: digest(of: version)))
    } catch let refusal as CloudflareAPI.Refusal { throw refusal.sentence("looking at the Workers of this account") }
  }

  public func relays() async throws -> [String] {
    do {
      let scripts: [CloudflareScript] = try await api.result(
        try account("GET", "/workers/scripts?tags=\(Self.scriptTag):yes"))
      return scripts.map(\.id)
    } catch let refusal as CloudflareAPI.Refusal { throw refusal.sentence("looking at the Workers of this account") }
  }

  private func digest(of version: CloudflareVersion) -> String? {
    let parts = version.tag.split(separator: "/")
    return parts.count == 3 ? String(parts[1]) : nil
  }

  // MARK: - Changing

  /// Kept until the upload, which takes variables and secrets with the code: no half-configured Worker ever answers.
  public func configure(_ settings: Settings) async throws { state.withLock { $0.settings = settings } }

  public func upload(_ upload: Upload) async throws -> Revision {
    do {
      if known == nil, domain == nil { _ = try await subdomain() }
      return try await put(upload)
    } catch let refusal as CloudflareAPI.Refusal { throw refusal.sentence("uploading the relay") }
  }

  private func put(_ upload: Upload) async throws -> Revision {
    let (isFirst, usesMigrations) = state.withLock { ($0.live == nil, $0.usesMigrations) }
    do { return try await put(upload, migrations: usesMigrations) } catch let refusal as CloudflareAPI.Refusal {
      // How an account that lacks `exports` says so is not documented: any refusal of the first upload that no
      // code explains is tried once the older way.
      let explained: Set = [9106, 9109, 10000, 10027, 10034, 10063, 10075, 10097]
      guard isFirst, !usesMigrations, (400..<500).contains(refusal.status),
        refusal.codes.allSatisfy({ !explained.contains($0) })
      else { throw refusal }
      state.withLock { $0.usesMigrations = true }
      do { return try await put(upload, migrations: true) } catch let refusal as CloudflareAPI.Refusal
        where refusal.codes.contains(10079)
      {
        // The class is there by now: from our own call, whose answer was lost.
        guard case .relay = try await look() else { throw refusal }
        return try await put(upload, migrations: true)
      }
    }
  }

  private func put(_ upload: Upload, migrations: Bool) async throws -> Revision {
    let (settings, live) = state.withLock { ($0.settings, $0.live) }
    var bindings = [
      CloudflareMetadata.Binding(type: "durable_object_namespace", name: Self.binding, className: Self.className)
    ]
    var variables = settings.variables
    variables["ORIGIN"] = try await address()?.origin
    for (name, text) in variables.sorted(by: { $0.key < $1.key }) {
      bindings.append(.init(type: "plain_text", name: name, text: text))
    }
    for (name, text) in settings.secrets.sorted(by: { $0.key < $1.key }) {
      bindings.append(.init(type: "secret_text", name: name, text: text))
    }
    var metadata = CloudflareMetadata(
      mainModule: upload.entry, compatibilityDate: Self.compatibilityDate, bindings: bindings,
      annotations: [
        "workers/tag": "\(Self.mark)\(upload.digest)/\(migrations ? "migrations" : "exports")",
        "workers/message": "codex-remote, build \(upload.build)",
      ])
    if !migrations {
      metadata.exports = [Self.className: .init()]
    } else if live == nil {
      metadata.migrations = .init(newTag: "v1", steps: [.init(newSqliteClasses: [Self.className])])
    }
    var form = Multipart(boundary: "codex-remote-\(randomToken(bytes: 16))")
    form.append("metadata", type: "application/json", Array(try APIClient.Call.encoder.encode(metadata)))
    // The main module comes first.
    let paths = [upload.entry] + upload.files.keys.filter { $0 != upload.entry }.sorted()
    for path in paths where path.hasSuffix(".js") {
      guard let content = upload.files[path] else { continue }
      form.append(path, filename: path, type: "application/javascript+module", content)
    }
    form.finish()
    var call = try script("PUT", "?excludeScript=true&bindings_inherit=strict")
    call.headers["Content-Type"] = form.contentType
    call.body = form.body
    call.timeout = .seconds(120)
    let uploaded: CloudflareUploaded = try await api.result(call)
    return Revision(id: uploaded.deploymentId.map(hyphenated) ?? "", digest: upload.digest)
  }

  public func activate(_ revision: Revision) async throws {
    struct Enable: Encodable {
      let enabled = true, previewsEnabled = false
      private enum CodingKeys: CodingKey { case enabled, previewsEnabled }
    }
    do {
      if let domain {
        try await attach(domain)
      } else {
        try await api.perform(try script("POST", "/subdomain", json: Enable()))
      }
    } catch let refusal as CloudflareAPI.Refusal { throw refusal.sentence("opening the relay's address") }
  }

  private func attach(_ domain: String) async throws {
    try await api.perform(
      try account("PUT", "/workers/domains", json: CloudflareDomain(hostname: domain, service: configuration.relay)))
  }

  public func address() async throws -> RelayAddress? {
    if let domain { return RelayAddress(origin: "https://\(domain)") }
    if let known { return known }
    do { return RelayAddress(origin: "https://\(configuration.relay).\(try await subdomain()).workers.dev") } catch let
      refusal as CloudflareAPI.Refusal
    { throw refusal.sentence("reading the workers.dev name") }
  }

  /// Where the relay is, as this machine or the running Worker knows it: passkeys are bound to its host.
  private var known: RelayAddress? {
    if let address = configuration.address { return address }
    let bindings = state.withLock { $0.live?.resources?.bindings }
    return bindings?.first { $0.name == "ORIGIN" }?.text.map { RelayAddress(origin: $0) }
  }

  /// A host name of one's own: the one that is asked for, or the one that the relay has.
  private var domain: String? {
    if let domain = configuration.domain { return domain }
    let origin = known?.origin ?? ""
    guard origin.hasPrefix("https://"), !origin.hasSuffix(".workers.dev") else { return nil }
    return String(origin.dropFirst("https://".count))
  }

  /// The account's workers.dev name; one is made where there is none.
  private func subdomain() async throws -> String {
    if let known = state.withLock({ $0.subdomain }) { return known }
    var found: CloudflareSubdomain? = try await api.found(try account("GET", "/workers/subdomain"))
    if found == nil {
      // The names are shared by all of Cloudflare's users, so one with a random end is free.
      let wanted = CloudflareSubdomain(subdomain: "relay-\(randomName())")
      do { found = try await api.result(try account("PUT", "/workers/subdomain", json: wanted)) } catch let refusal
        as CloudflareAPI.Refusal where refusal.codes.contains(10036)
      {
        // It has one by now: from our own first call, whose answer was lost.
        found = try await api.result(try account("GET", "/workers/subdomain"))
      }
    }
    let name = found?.subdomain ?? ""
    state.withLock { $0.subdomain = name }
    return name
  }

  private func randomName() -> String {
    String((0..<8).map { _ in "bcdfghjklmnpqrstvwxz23456789".randomElement() ?? "x" })
  }

  // MARK: - After

  /// Workers' logs are a live stream only.
  public func logs(limit: Int) async throws -> [String] {
    throw ProviderError(
      .other, "Cloudflare keeps no log of a Worker: open the Worker's Logs page at dash.cloudflare.com while it runs.")
  }

  public func rollBack(to revision: Revision, withItsSecrets: Bool) async throws {
    struct Deployment: Encodable {
      struct Version: Encodable {
        let versionId: String, percentage = 100
        private enum CodingKeys: CodingKey { case versionId, percentage }
      }
      let strategy = "percentage", versions: [Version]
      private enum CodingKeys: CodingKey { case strategy, versions }
    }
    do {
      try await api.perform(
        try script(
          "POST", "/deployments\(withItsSecrets ? "?force=true" : "")",
          json: Deployment(versions: [.init(versionId: revision.id)])))
    } catch let refusal as CloudflareAPI.Refusal { throw refusal.sentence("going back to the version before") }
  }

  /// Deletes the Worker and with it the data of its Durable Objects.
  public func destroy() async throws {
    do { try await api.perform(try script("DELETE", "?force=true")) } catch let refusal as CloudflareAPI.Refusal {
      guard !refusal.codes.contains(where: CloudflareAPI.notFound.contains) else { return }
      throw refusal.sentence("deleting the relay")
    }
  }

  // MARK: - Paths

  private func account(_ method: String, _ path: String, json: (any Encodable & Sendable)? = nil) throws
    -> APIClient.Call
  {
    guard let account = state.withLock({ $0.account }) else {
      throw ProviderError(.credentials, "No Cloudflare account is chosen yet.")
    }
    return try .init(method, "/accounts/\(account)\(path)", json: json)
  }

  private func script(_ method: String, _ path: String, json: (any Encodable & Sendable)? = nil) throws
    -> APIClient.Call
  {
    try account(method, "/workers/scripts/\(configuration.relay)\(path)", json: json)
  }
}

/// A version's id as the rest of the API writes it, from the form without hyphens.
private func hyphenated(_ id: String) -> String {
  guard id.count == 32 else { return id }
  let c = Array(id)
  return [c[0..<8], c[8..<12], c[12..<16], c[16..<20], c[20..<32]].map { String($0) }.joined(separator: "-")
}
