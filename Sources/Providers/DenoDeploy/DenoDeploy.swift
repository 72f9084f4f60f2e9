import Cryptography
import FoundationEssentials
import Synchronization
public import Transport

/// A relay as one app with a Deno KV database in the user's own Deno Deploy organisation (REST API v2).
///
/// A revision is built first and tells its address afterwards: `https://APP.ORGANISATION.deno.net`.
public final class DenoDeploy: Provider {
  public struct Configuration: Sendable {
    /// The app's slug: 3 to 32 of `[a-z0-9-]`, no dash at either end.
    public var relay: String
    /// An organisation token, `ddo_…`.
    public var credential: Credential
    /// The address that an earlier deploy read, if this machine made it.
    public var address: RelayAddress?
    public var api: String
    /// All time limits are multiplied by this.
    public var timeFactor = 1.0

    public init(
      relay: String, credential: Credential, address: RelayAddress? = nil, api: String = "https://api.deno.com/v2"
    ) {
      (self.relay, self.credential, self.address, self.api) = (relay, credential, address, api)
    }
  }

  static let toolLabel = "custom.tool"
  static let tool = "codex-remote"
  /// Which upload and which revision the app is on: no answer of the API tells it.
  static let digestLabel = "custom.digest"
  static let revisionLabel = "custom.revision"
  /// Which call made a revision.
  static let uploadLabel = "custom.upload"
  /// The app was rolled back once: from then on the platform promotes no revision by itself.
  static let pinnedLabel = "custom.pinned"
  /// How long a revision may take to build.
  static let patience = Duration.seconds(180)

  private struct State {
    var app: DenoApp?
    var settings = Settings()
    var address: RelayAddress?
    /// What `authenticate` saw, for the `look` that follows it.
    var found: Found?
    var isPinned = false
  }

  public let name = "deno"
  public let tellsAddressLate = true
  public static let adapter = Adapter(
    folder: "deno", entry: "deno/deploy.js", extra: ["deno.json": Array(#"{"unstable":["kv"]}"#.utf8)])
  public let adapter: Adapter = DenoDeploy.adapter
  private let configuration: Configuration
  private let api: APIClient
  private let state: Mutex<State>

  public init(_ configuration: Configuration, client: @escaping HTTPClient) {
    self.configuration = configuration
    api = APIClient(
      base: configuration.api, platform: "Deno Deploy", token: configuration.credential.withSecret { $0 },
      send: client, timeFactor: configuration.timeFactor)
    state = Mutex(State(address: configuration.address))
  }

  // MARK: - Looking

  public func authenticate() async throws -> Account {
    if configuration.credential.withSecret({ $0.hasPrefix("ddp_") }) {
      throw ProviderError(
        .credentials,
        "This is a personal token (ddp_…), which Deno Deploy's API does not take: make an organisation token (ddo_…) in"
          + " the organisation's settings at console.deno.com.")
    }
    // Looking at the app proves the token, and no other call tells whose it is.
    let found = try await seen()
    state.withLock { $0.found = found }
    return Account(id: "", description: "Deno Deploy, with \(configuration.credential)")
  }

  public func look() async throws -> Found {
    if let found = state.withLock({ $0.found.take() }) { return found }
    return try await seen()
  }

  private func seen() async throws -> Found {
    let response = try await api(.init("GET", "/apps/\(configuration.relay)"))
    if isNotFound(response) { return .nothing }
    guard response.status == 200 else { throw refusal(response, "looking at the app") }
    let app = try api.decode(DenoApp.self, from: response)
    guard app.labels?[Self.toolLabel] == Self.tool else {
      // Known, so that whoever takes it over changes it and does not make it.
      state.withLock { $0.app = app }
      return .foreign(
        "The organisation has an app named \(configuration.relay) that is no relay of codex-remote: choose another"
          + " --name, or take it over with --adopt.")
    }
    state.withLock {
      $0.app = app
      $0.isPinned = app.labels?[Self.pinnedLabel] != nil
    }
    guard let id = app.labels?[Self.revisionLabel] else { return .relay(nil) }
    return .relay(Revision(id: id, digest: app.labels?[Self.digestLabel]))
  }

  public func relays() async throws -> [String] {
    var names: [String] = []
    var cursor: String?
    repeat {
      let response = try await api(.init("GET", "/apps?limit=100\(cursor.map { "&cursor=\($0)" } ?? "")"))
      guard isSuccess(response) else { throw refusal(response, "looking at the apps") }
      let apps = try api.decode([DenoApp].self, from: response)
      names += apps.filter { $0.labels?[Self.toolLabel] == Self.tool }.map(\.slug)
      // The link may lead elsewhere: only its cursor is taken.
      let next = response.headers["link"].flatMap { $0.contains(#"rel="next""#) ? $0 : nil }
      cursor = next?.firstMatch(of: #/[?&]cursor=([^&>]+)/#).map { String($0.1) }
    } while cursor != nil
    return names
  }

  // MARK: - Changing

  public func configure(_ settings: Settings) async throws {
    state.withLock { $0.settings = settings }
    guard state.withLock({ $0.app }) != nil else { return try await create(settings) }
    // An app that was taken over starts something else until now.
    let changes = DenoChanges(
      config: .init(runtime: .init(entrypoint: adapter.entry)), envVars: Self.variables(settings))
    let response = try await api(.init("PATCH", "/apps/\(configuration.relay)", json: changes))
    guard isSuccess(response) else { throw refusal(response, "setting the relay's secrets") }
  }

  private func create(_ settings: Settings) async throws {
    let new = DenoNewApp(
      slug: configuration.relay, labels: [Self.toolLabel: Self.tool],
      config: .init(runtime: .init(entrypoint: adapter.entry)), envVars: Self.variables(settings))
    let response = try await api(.init("POST", "/apps", json: new))
    if response.status == 409 {
      // Our own first call, whose answer was lost; or somebody else's app, which `look` tells.
      guard case .relay = try await look() else {
        throw ProviderError(
          .nameTaken, "The name \(configuration.relay) is taken at Deno Deploy: choose another --name.")
      }
      return try await configure(settings)
    }
    guard isSuccess(response) else { throw refusal(response, "making the app") }
    let app = try api.decode(DenoApp.self, from: response)
    state.withLock { $0.app = app }
  }

  private static func variables(_ settings: Settings) -> [DenoVariable] {
    settings.variables.sorted { $0.key < $1.key }.map { DenoVariable(key: $0.key, value: $0.value, secret: false) }
      + settings.secrets.sorted { $0.key < $1.key }.map { DenoVariable(key: $0.key, value: $0.value, secret: true) }
  }

  public func upload(_ upload: Upload) async throws -> Revision {
    let database = try await ensureDatabase()
    var assets: [String: DenoDeployment.File] = [:]
    for (path, bytes) in upload.files {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ProviderError(.other, "\(path) is no UTF-8 text: rebuild codex-remote.")
      }
      assets[path] = .init(content: text)
    }
    let mark = randomToken(bytes: 16)
    // Databases are named on every deploy: nothing says that an app keeps them.
    var call = try APIClient.Call(
      "POST", "/apps/\(configuration.relay)/deploy",
      json: DenoDeployment(
        assets: assets, labels: [Self.digestLabel: upload.digest, Self.uploadLabel: mark],
        production: .init(databases: [.init(instance: database, name: "default")])))
    call.timeout = .seconds(120)
    call.beforeRepeat = { try await self.uploaded(mark) }
    let response = try await api(call)
    guard isSuccess(response) else { throw refusal(response, "uploading the relay") }
    return Revision(id: try api.decode(DenoRevision.self, from: response).id, digest: upload.digest)
  }

  /// The newest revision if it is of this very upload; nil also where the platform does not show labels. One of the same
  /// code will not do: what it was built with may be the secrets before.
  private func uploaded(_ mark: String) async throws -> HTTPResponse? {
    let response = try await api(.init("GET", "/apps/\(configuration.relay)/revisions?limit=1"))
    guard isSuccess(response), let newest = try api.decode([DenoRevision].self, from: response).first,
      newest.labels?[Self.uploadLabel] == mark
    else { return nil }
    return HTTPResponse(
      status: 200, headers: ["Content-Type": "application/json"],
      body: Array(try JSONEncoder().encode(["id": newest.id, "status": newest.status])))
  }

  static func databaseSlug(_ relay: String) -> String { String(relay.prefix(29)) + "-kv" }

  /// The database's name is the app's, so that a lost answer or another machine finds it again.
  private func ensureDatabase() async throws -> String {
    let slug = Self.databaseSlug(configuration.relay)
    // An app that had a revision had its database.
    if state.withLock({ $0.app?.labels?[Self.revisionLabel] }) != nil { return slug }
    let response = try await api(
      .init("POST", "/database_instances", json: DenoNewDatabase(slug: slug, connection: .init(engine: "denokv"))))
    if isSuccess(response) || response.status == 409 { return slug }
    throw refusal(response, "making the database")
  }

  public func activate(_ revision: Revision) async throws {
    let deadline = ContinuousClock.now + Self.patience * configuration.timeFactor
    // A revision that has succeeded and gets no address is not live: nothing else tells that an app is pinned.
    var polls = 0
    var promotesAt = state.withLock { $0.isPinned } ? 0 : 5
    while true {
      let response = try await api(.init("GET", "/revisions/\(revision.id)"))
      guard isSuccess(response) else { throw refusal(response, "waiting for the revision") }
      let state = try api.decode(DenoRevision.self, from: response)
      if state.status == "succeeded", let host = state.host, promotesAt > 0 {
        self.state.withLock { $0.address = RelayAddress(origin: "https://\(host)") }
        return try await remember(revision)
      }
      if state.status == "succeeded" {
        polls += 1
        if polls > promotesAt {
          try await promote(revision)
          promotesAt = .max
          continue
        }
      }
      if state.hasEnded, state.status != "succeeded" {
        let why = state.failureDetail?.message ?? state.status
        throw ProviderError(.notReady, "Deno Deploy could not start the relay: \(why)")
      }
      guard ContinuousClock.now < deadline else {
        throw ProviderError(.notReady, "Deno Deploy has not started the relay in 3 minutes: run this again.")
      }
      try await api.sleep(.milliseconds(1000))
    }
  }

  /// Writes down which revision the app is on; labels are replaced whole.
  private func remember(_ revision: Revision) async throws {
    var labels = [Self.toolLabel: Self.tool, Self.revisionLabel: revision.id]
    labels[Self.digestLabel] = revision.digest
    if state.withLock({ $0.isPinned }) { labels[Self.pinnedLabel] = "yes" }
    let response = try await api(
      .init("PATCH", "/apps/\(configuration.relay)", json: DenoChanges(labels: labels)))
    guard isSuccess(response) else { throw refusal(response, "writing down the revision") }
  }

  public func address() async throws -> RelayAddress? {
    if let known = state.withLock({ $0.address }) { return known }
    guard case .relay(let revision?) = try await look() else { return nil }
    let response = try await api(.init("GET", "/revisions/\(revision.id)"))
    guard isSuccess(response) else { return nil }
    let host = try api.decode(DenoRevision.self, from: response).host
    let address = host.map { RelayAddress(origin: "https://\($0)") }
    state.withLock { $0.address = address }
    return address
  }

  // MARK: - After

  public func logs(limit: Int) async throws -> [String] {
    struct Logs: Decodable {
      struct Line: Decodable { let timestamp: String?, level: String?, message: String? }
      let logs: [Line]
    }
    let end = Date.now
    let start = end.addingTimeInterval(-3600).formatted(.iso8601)
    let response = try await api(
      .init(
        "GET",
        "/apps/\(configuration.relay)/logs?start=\(start)&end=\(end.formatted(.iso8601))&limit=\(min(limit, 100))"))
    guard isSuccess(response) else { throw refusal(response, "reading the relay's log") }
    return try api.decode(Logs.self, from: response).logs.map {
      "\($0.timestamp ?? "") \($0.level ?? "") \($0.message ?? "")"
    }
  }

  public func rollBack(to revision: Revision, withItsSecrets: Bool) async throws {
    try await promote(revision)
    try await remember(revision)
  }

  /// Makes a revision live and pins the app: from then on each must be promoted.
  private func promote(_ revision: Revision) async throws {
    let response = try await api(.init("POST", "/revisions/\(revision.id)/promote"))
    guard isSuccess(response) else { throw refusal(response, "making the revision live") }
    state.withLock { $0.isPinned = true }
  }

  /// Deletes the app. Its database stays: the API has no call that deletes one.
  public func destroy() async throws {
    try await requireOwn()
    let response = try await api(.init("DELETE", "/apps/\(configuration.relay)"))
    guard isSuccess(response) || isNotFound(response) else { throw refusal(response, "deleting the app") }
  }

  /// Throws where the app is at other addresses than the one that this machine knows: the token may be for another
  /// organisation, which has a relay of that name too.
  private func requireOwn() async throws {
    guard let known = configuration.address?.origin,
      let revision = state.withLock({ $0.app?.labels?[Self.revisionLabel] })
    else { return }
    let response = try await api(.init("GET", "/revisions/\(revision)"))
    guard isSuccess(response) || isNotFound(response) else { throw refusal(response, "looking at the revision") }
    var hosts = isSuccess(response) ? try api.decode(DenoRevision.self, from: response).hosts : []
    if hosts.isEmpty {
      // That one is not live, so no address leads to it; to another one they may.
      let response = try await api(.init("GET", "/apps/\(configuration.relay)/revisions?limit=30"))
      guard isSuccess(response) else { throw refusal(response, "looking at the revisions") }
      hosts = try api.decode([DenoRevision].self, from: response).flatMap(\.hosts)
    }
    if hosts.contains(where: { "https://\($0)" == known }) { return }
    guard let host = hosts.first else {
      throw ProviderError(
        .foreign,
        "Deno Deploy does not say where the app of that name is, so it may be another one than \(known): deploy it again"
          + " with `codex-remote self-host upgrade` and then run this again, or delete the app at console.deno.com.")
    }
    throw ProviderError(
      .foreign,
      "The app of that name that the token reaches is at \(host), not at \(known): give a token of the organisation"
        + " that has the relay, or delete the app at console.deno.com.")
  }

  // MARK: - Answers

  private func isSuccess(_ response: HTTPResponse) -> Bool { (200..<300).contains(response.status) }

  /// Which status an unknown app has is not documented: 404, or any refusal whose code says so.
  private func isNotFound(_ response: HTTPResponse) -> Bool {
    response.status == 404 || ((400..<500).contains(response.status) && code(response).hasSuffix("NOT_FOUND"))
  }

  private func code(_ response: HTTPResponse) -> String {
    (try? JSONDecoder().decode(DenoProblem.self, from: Data(response.body)))?.error.code ?? ""
  }

  private func refusal(_ response: HTTPResponse, _ doing: String) -> ProviderError {
    let problem = try? JSONDecoder().decode(DenoProblem.self, from: Data(response.body)).error
    let said = "Deno Deploy: \(problem?.code ?? "status \(response.status)") \(problem?.message ?? "")"
    switch (response.status, problem?.code) {
    case (401, _), (403, _):
      return ProviderError(
        .credentials,
        "Deno Deploy does not take the token (\(said)): make an organisation token (ddo_…) in the organisation's"
          + " settings at console.deno.com.")
    case (_, "DATABASE_INSTANCE_LIMIT_EXCEEDED"):
      return ProviderError(
        .limit,
        "Your Deno Deploy plan has no further database (\(said)): delete one that you do not need in the console, or"
          + " rename it to \(Self.databaseSlug(configuration.relay)).")
    case (_, "SLUG_ALREADY_IN_USE"):
      return ProviderError(
        .nameTaken, "The name \(configuration.relay) is taken at Deno Deploy: choose another --name.")
    default: return ProviderError(.other, "\(doing.prefix(1).uppercased() + doing.dropFirst()) failed (\(said)).")
    }
  }
}
