public import Home

/// What an anchor tells while it runs.
public enum AnchorEvent: Sendable, Equatable {
  /// App-server answers. `adopted`: it ran already, started by an earlier anchor or (with `--attach`) by someone else.
  case codexReady(version: String, path: String, adopted: Bool)
  /// App-server ended or could not be started; it is tried again after the delay. `reason` is a sentence.
  case codexLost(reason: String, retryIn: Duration)
  /// The relay greeted this machine and so the whole way to it works. `owner` is nil while no one has claimed it.
  case connected(origin: String, owner: String?)
  /// Someone claimed the relay, and with it this machine.
  case claimed(owner: String)
  /// The link broke or was refused; it is dialled again after the delay. `reason` is a sentence.
  case disconnected(reason: String, retryIn: Duration)
  /// How many browsers' sessions there are now.
  case sessions(Int)
}

/// Why an anchor ended.
public enum AnchorEnd: Sendable, Equatable {
  /// It was asked to.
  case stopped
  /// Dialling again would not help: revoked, or too old for the relay. The sentence says what to do next.
  case refused(String)
}

/// What an end takes with it.
public enum AnchorStop: Sendable {
  /// App-server lives on with its turns and approvals, and the next anchor adopts it.
  case anchorOnly
  /// App-server's running turns are interrupted.
  case anchorAndAppServer
}

/// Where codex is and which app-server is meant.
public enum AppServerSource: Sendable, Equatable {
  /// Start `codex app-server`, or adopt the one that an earlier anchor started. `codex` is the program's path, nil for
  /// the first `codex` on PATH.
  case spawned(codex: String?)
  /// Attach to an app-server that someone else runs, at this socket; nil for the shared daemon's under `CODEX_HOME`.
  case attached(socket: String?)
}

/// What an anchor needs to know. Nothing else is read from the environment.
public struct AnchorConfiguration: Sendable {
  /// Where state is kept: under `relays/`, one folder a relay, and sockets under `run/`.
  public var home: Home
  /// What this anchor signs in as. Its origin is where the anchor dials, unless `loopbackPort` is set.
  public var machine: Machine
  /// For a relay on this machine behind its origin: dial 127.0.0.1 at this port without TLS, with the origin's Host.
  public var loopbackPort: Int?
  /// A file of certificate authorities in PEM instead of the system's.
  public var certificates: String?
  public var appServer: AppServerSource
  /// The environment of app-server; `CODEX_HOME` and `HOME` in it say where codex keeps its files.
  public var environment: [String: String]
  /// What app-server takes for the current directory, and what `anchor/info` reports.
  public var workingDirectory: String
  /// This program's version, as in `codex-remote --version`.
  public var version: String

  public init(
    home: Home, machine: Machine, loopbackPort: Int? = nil, certificates: String? = nil,
    appServer: AppServerSource = .spawned(codex: nil), environment: [String: String], workingDirectory: String,
    version: String
  ) {
    self.home = home
    self.machine = machine
    self.loopbackPort = loopbackPort
    self.certificates = certificates
    self.appServer = appServer
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.version = version
  }
}
