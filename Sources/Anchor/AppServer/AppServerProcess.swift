import Cryptography
import FoundationEssentials
import Home
import Processes

/// A running app-server: one that this anchor started, one that an earlier anchor left, or someone else's.
struct AppServerProcess: Sendable {
  /// Nil for someone else's.
  let child: ChildProcess?
  let socket: String
  /// Changes with each app-server process: request ids begin at 0 with each.
  let incarnation: String
  /// The program's path; empty for someone else's.
  let codex: String
  let isAdopted: Bool

  /// What is kept so that the next anchor finds it.
  private struct Record: Codable {
    var process: ProcessIdentity
    var socket: String
    var incarnation: String
    var codex: String
    var codexHome: String
  }

  private static func recordName(_ folder: String) -> String { "\(folder)/app-server.json" }

  private static func codexHome(_ environment: [String: String]) -> String {
    environment["CODEX_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? (environment["HOME"] ?? "") + "/.codex"
  }

  /// Starts, adopts or finds app-server as the configuration says. It may not listen yet. Throws `CodexError`,
  /// `HomeError`, `ProcessError`.
  static func obtain(_ configuration: AnchorConfiguration, folder: String) async throws -> AppServerProcess {
    switch configuration.appServer {
    case .attached(let path):
      let socket = path ?? codexHome(configuration.environment) + "/app-server-control/app-server-control.sock"
      guard let identity = SocketPath.identity(socket) else {
        throw CodexError(
          .notRunning,
          "No app-server listens at \(socket): start it with `codex app-server daemon start`, or leave out --attach.")
      }
      return AppServerProcess(child: nil, socket: socket, incarnation: identity, codex: "", isAdopted: true)
    case .spawned(let path):
      if let adopted = try await adopt(configuration, folder: folder) { return adopted }
      return try spawn(Codex.find(path, environment: configuration.environment), configuration, folder: folder)
    }
  }

  private static func adopt(_ configuration: AnchorConfiguration, folder: String) async throws -> AppServerProcess? {
    guard let record = try? configuration.home.readJSON(Record.self, from: recordName(folder)),
      let child = ChildProcess.adopt(record.process)
    else { return nil }
    guard record.codexHome == codexHome(configuration.environment), SocketPath.identity(record.socket) != nil else {
      // It serves another CODEX_HOME, or nobody can reach it any more.
      await child.stop()
      return nil
    }
    return AppServerProcess(
      child: child, socket: record.socket, incarnation: record.incarnation, codex: record.codex, isAdopted: true)
  }

  private static func spawn(
    _ codex: String, _ configuration: AnchorConfiguration, folder: String
  ) throws -> AppServerProcess {
    let home = configuration.home
    let socket = try SocketPath.make(home: home, relayFolder: folder)
    try? FileManager.default.removeItem(atPath: socket)
    try home.directory(folder)
    let log = try home.path(of: "\(folder)/app-server.log")
    trim(log)
    let launch = Launch(
      codex, ["app-server", "--listen", "unix://\(socket)"], environment: configuration.environment,
      directory: configuration.workingDirectory)
    let child = try ChildProcess.spawn(launch, log: log)
    let incarnation = randomToken(bytes: 16)
    let record = Record(
      process: child.identity, socket: socket, incarnation: incarnation, codex: codex,
      codexHome: codexHome(configuration.environment))
    do { try home.writeJSON(record, to: recordName(folder)) } catch {
      child.signal(9)
      throw error
    }
    return AppServerProcess(child: child, socket: socket, incarnation: incarnation, codex: codex, isAdopted: false)
  }

  /// A log that grew large begins anew.
  private static func trim(_ log: String) {
    let size = (try? FileManager.default.attributesOfItem(atPath: log))?[.size] as? Int
    if let size, size > 1 << 20 { try? FileManager.default.removeItem(atPath: log) }
  }

  /// Whether this very process still listens; false once another took its place.
  var isAlive: Bool { child.map { $0.identity.isRunning } ?? (SocketPath.identity(socket) == incarnation) }

  /// Stops it and forgets it. Someone else's is left alone.
  func stop(_ home: Home, folder: String) async {
    guard let child else { return }
    await child.stop()
    try? home.remove(Self.recordName(folder))
  }

  /// The app-server that an anchor left behind for the relay of this folder, if it runs.
  static func left(_ home: Home, folder: String) -> ChildProcess? {
    guard let record = try? home.readJSON(Record.self, from: recordName(folder)) else { return nil }
    return ChildProcess.adopt(record.process)
  }

  /// The last line that app-server wrote before it ended.
  static func lastWords(_ home: Home, folder: String) -> String {
    guard let data = try? home.read("\(folder)/app-server.log") else { return "" }
    let text = String(decoding: data.suffix(4096), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).last.map { String($0.prefix(300)) } ?? ""
  }
}
