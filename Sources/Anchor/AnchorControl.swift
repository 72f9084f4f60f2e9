public import Home
public import Processes

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What other processes do to a running anchor.
public enum AnchorControl {
  /// What was ended.
  public struct Ended: Sendable, Equatable {
    public var anchor = false
    public var appServer = false
  }

  /// Ends the anchor for a relay and the app-server that it started, or that an earlier one left. Running turns are
  /// interrupted. Throws `AnchorError` when the anchor does not end within 15 s, and `HomeError`.
  public static func stop(_ home: Home, origin: String) async throws -> Ended {
    var ended = Ended()
    if let process = try process(home, origin: origin) {
      kill(process.pid, SIGTERM)
      try await wait(for: process, origin)
      ended.anchor = true
    }
    let folder = MachineStore.folder(of: origin)
    if let appServer = AppServerProcess.left(home, folder: folder) {
      await appServer.stop()
      ended.appServer = true
    }
    return ended
  }

  /// The anchor that runs for a relay, or nil where none does. Its lock tells it even where its status could not be
  /// written. Throws `HomeError`.
  public static func process(_ home: Home, origin: String) throws -> ProcessIdentity? {
    let folder = MachineStore.folder(of: origin)
    // A status of a process that is not here is believed too: a container that shares the home sees the same lock, and
    // another process under the anchor's id.
    if let status = try home.readJSON(AnchorStatus.self, from: StatusFile.name(folder)) {
      return status.process.isRunning ? status.process : nil
    }
    return try home.lockHolder(lockName(folder)).flatMap { ProcessIdentity(of: $0) }
  }

  /// Held by the anchor of a relay's folder as long as it runs.
  static func lockName(_ folder: String) -> String { "\(folder)/anchor.lock" }

  /// Whether an app-server runs that an anchor for this relay left behind.
  public static func hasAppServer(_ home: Home, origin: String) -> Bool {
    AppServerProcess.left(home, folder: MachineStore.folder(of: origin)) != nil
  }

  private static func wait(for process: ProcessIdentity, _ origin: String) async throws {
    let deadline = ContinuousClock.now + .seconds(15)
    while process.isRunning {
      guard ContinuousClock.now < deadline else {
        throw AnchorError(
          "The anchor for \(origin) (process \(process.pid)) does not end: end it with `kill -9 \(process.pid)`.")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
