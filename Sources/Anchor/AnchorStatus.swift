public import FoundationEssentials
public import Home
public import Processes
import Synchronization

/// What a running anchor last told about itself, as `codex-remote status` shows it.
public struct AnchorStatus: Codable, Sendable, Equatable {
  public enum Link: String, Codable, Sendable { case connecting, connected, disconnected }

  public var origin: String
  /// The name under which people see the machine.
  public var name: String
  public var process: ProcessIdentity
  public var version: String
  public var since: Date
  public var link = Link.connecting
  /// Why there is no link, or no codex: sentences.
  public var linkProblem: String?
  public var codexProblem: String?
  public var owner: String?
  public var codexVersion: String?
  public var codexPath: String?
  public var sessions = 0

  /// The anchor that runs for a relay, or nil where none does. Throws `HomeError`.
  public static func read(_ home: Home, origin: String) throws -> AnchorStatus? {
    let name = StatusFile.name(MachineStore.folder(of: origin))
    guard let status = try home.readJSON(AnchorStatus.self, from: name), status.process.isRunning else { return nil }
    return status
  }

  mutating func take(_ event: AnchorEvent) {
    switch event {
    case .codexReady(let version, let path, _):
      (codexVersion, codexPath, codexProblem) = (version, path, nil)
    case .codexLost(let reason, _): (codexVersion, codexProblem) = (nil, reason)
    case .connected(_, let name): (link, owner, linkProblem) = (.connected, name, nil)
    case .claimed(let name): owner = name
    case .disconnected(let reason, _): (link, linkProblem) = (.disconnected, reason)
    case .sessions(let count): sessions = count
    }
  }
}

/// Keeps the status in a file beside the machine's. Writing happens off the I/O loop, the newest state only.
final class StatusFile: Sendable {
  private struct State {
    var status: AnchorStatus
    var isWriting = false
    var isStale = false
    var isOver = false
    var overWaiter: CheckedContinuation<Void, Never>?
  }

  private let home: Home
  private let name: String
  private let state: Mutex<State>

  static func name(_ folder: String) -> String { "\(folder)/anchor.json" }

  init(_ configuration: AnchorConfiguration, folder: String) {
    home = configuration.home
    name = Self.name(folder)
    let status = AnchorStatus(
      origin: configuration.machine.origin, name: configuration.machine.name, process: .current,
      version: configuration.version, since: .now)
    state = Mutex(State(status: status))
    write()
  }

  func take(_ event: AnchorEvent) {
    state.withLock { $0.status.take(event) }
    write()
  }

  /// The anchor ends: nothing is to be found any more.
  func remove() async {
    await withCheckedContinuation { waiter in
      let isIdle = state.withLock { state in
        state.isOver = true
        if state.isWriting { state.overWaiter = waiter }
        return !state.isWriting
      }
      if isIdle { waiter.resume() }
    }
    try? home.remove(name)
  }

  private func write() {
    let begins = state.withLock { state in
      if state.isOver { return false }
      if state.isWriting {
        state.isStale = true
        return false
      }
      state.isWriting = true
      return true
    }
    if begins { Task.detached { self.writeAll() } }
  }

  private func writeAll() {
    while true {
      let status = state.withLock { state in
        state.isStale = false
        return state.status
      }
      // A status that cannot be written must not end the anchor.
      try? home.writeJSON(status, to: name)
      let (isDone, waiter) = state.withLock { state in
        if state.isStale, !state.isOver { return (false, nil as CheckedContinuation<Void, Never>?) }
        state.isWriting = false
        return (true, state.overWaiter)
      }
      if isDone {
        waiter?.resume()
        return
      }
    }
  }
}
