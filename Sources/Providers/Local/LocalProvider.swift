public import Home

/// The relay as a deno process on this machine, listening on loopback only.
///
/// Everything lies in `relay/` of the home: `code/<revision>`, `data/<host>` (the relay's store), `state.json`, `process.json`
/// and `relay.log`.
/// A relay that an earlier run left behind, because it was killed, is stopped; a foreign program never is.
public actor LocalProvider: Provider {
  public nonisolated let name = "local"
  public nonisolated let adapter = Adapter(
    folder: "deno", entry: "deno/main.js", extra: ["deno.json": Array("{ \"unstable\": [\"kv\"] }\n".utf8)])

  /// What survives this process.
  private struct State: Codable {
    var revision: Revision?
    var previous: Revision?
  }

  private static let stateFile = "relay/state.json"

  private let home: Home
  private let port: Int
  private let origin: String
  private let environment: [String: String]
  private var deno: Deno?
  private var settings = Settings()
  private var process: DenoProcess?
  /// The start under way, which a stop has to end too.
  private var starting: Task<DenoProcess, any Error>?

  /// - Parameters:
  ///   - origin: what the relay is pinned to.
  ///   - port: where it listens, on 127.0.0.1 and [::1].
  ///   - environment: says where deno is (`DENO`, `PATH`); the relay itself gets none of it.
  public init(home: Home, origin: String, port: Int, environment: [String: String]) {
    (self.home, self.origin, self.port, self.environment) = (home, origin, port, environment)
  }

  public func authenticate() async throws -> Account {
    let deno = try await Deno.find(environment: environment)
    self.deno = deno
    return Account(id: "", description: "deno \(deno.version)")
  }

  public func look() async throws -> Found {
    guard let state = try home.readJSON(State.self, from: Self.stateFile) else { return .nothing }
    return .relay(state.revision)
  }

  public func configure(_ settings: Settings) async throws {
    self.settings.variables.merge(settings.variables) { $1 }
    self.settings.secrets.merge(settings.secrets) { $1 }
  }

  public func upload(_ upload: Upload) async throws -> Revision {
    let revision = Revision(id: upload.digest, digest: upload.digest)
    try CodeFolder(home: home, revision: revision).write(upload)
    return revision
  }

  public func activate(_ revision: Revision) async throws {
    await stop()
    try await start(revision)
    let kept = try updateState {
      if $0.revision != revision { ($0.previous, $0.revision) = ($0.revision, revision) }
    }
    CodeFolder.removeAll(in: home, but: [kept.revision, kept.previous])
  }

  public func address() async throws -> RelayAddress? {
    RelayAddress(origin: origin, url: "http://127.0.0.1:\(port)")
  }

  public func logs(limit: Int) async throws -> [String] { process?.lines(limit: limit) ?? [] }

  public func rollBack(to revision: Revision, withItsSecrets: Bool) async throws { try await activate(revision) }

  public func destroy() async throws {
    await stop()
    try home.remove("relay")
  }

  /// Ends the relay: this run's, even one that is just being started, or what a killed run left behind.
  public func stop() async {
    let (process, starting) = (process, starting)
    self.process = nil
    starting?.cancel()
    if let started = try? await starting?.value { await started.stop() }
    if let process {
      await process.stop()
    } else if starting == nil {
      await DenoProcess.endLeftBehind("relay", home: home)
    }
  }

  /// Starts the relay again each time it ends without having been asked to; returns once it was stopped.
  ///
  /// - Parameter report: takes a sentence each time.
  /// - Throws: what starting it again throws, or `CancellationError`.
  public func keepRunning(_ report: @Sendable (String) -> Void) async throws {
    var delay = Duration.milliseconds(100)
    while let process {
      let start = ContinuousClock.now
      let reason = try await process.ended()
      guard self.process === process else { return }
      // A relay that ends as soon as it starts must not keep the machine busy.
      delay = start.duration(to: .now) > .seconds(10) ? .milliseconds(100) : min(delay * 2, .seconds(10))
      report("The relay ended (\(reason)) and is started again.")
      try await Task.sleep(for: delay)
      guard self.process === process, let revision = try home.readJSON(State.self, from: Self.stateFile)?.revision
      else { return }
      do {
        try await self.start(revision)
      } catch is CancellationError where !Task.isCancelled {
        return  // Stopped while it was being started.
      }
    }
  }

  private func start(_ revision: Revision) async throws {
    let deno =
      if let deno { deno } else { try await Deno.find(environment: environment) }
    self.deno = deno
    // Passkeys are bound to a host: under another one nobody could sign in, so each has a store of its own.
    let host = origin.split(separator: "/").last?.prefix { $0 != ":" } ?? ""
    let data = try home.directory("relay/data/\(host)")
    var variables = settings.variables.merging(settings.secrets) { $1 }
    variables["ORIGIN"] = origin
    variables["HOSTNAMES"] = "127.0.0.1,::1"
    variables["PORT"] = String(port)
    variables["KV_PATH"] = data + "/relay.sqlite3"
    let module = try DenoModule(
      name: "relay", entry: adapter.entry, directory: CodeFolder(home: home, revision: revision).path,
      options: [
        "--config=deno.json", "--allow-net=127.0.0.1:\(port),[::1]:\(port)", "--allow-read=\(data)",
        "--allow-write=\(data)",
      ],
      variables: variables)
    let starting = Task { [home] in try await deno.start(module, home: home) }
    self.starting = starting
    defer { if self.starting == starting { self.starting = nil } }
    do {
      let started = try await withTaskCancellationHandler {
        try await starting.value
      } onCancel: {
        starting.cancel()
      }
      // Called off just when it had got ready, by a stop or by whoever asked for the start.
      guard !starting.isCancelled else {
        await started.stop()
        throw CancellationError()
      }
      process = started
    } catch let error as ProviderError where error.code == .addressInUse {
      throw ProviderError(
        .addressInUse, "Port \(port) is in use by another program: stop that, or choose another port with --port.")
    }
  }

  private func updateState(_ change: (inout State) -> Void) throws -> State {
    var state = try home.readJSON(State.self, from: Self.stateFile) ?? State()
    change(&state)
    try home.writeJSON(state, to: Self.stateFile)
    return state
  }
}
