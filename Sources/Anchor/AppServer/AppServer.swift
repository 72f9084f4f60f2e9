import Home
import Processes
import Transport

/// Keeps an app-server running, or attached, with the anchor's own connection to it.
@IO final class AppServer {
  /// What sessions connect to.
  struct Ready: Sendable {
    let process: AppServerProcess
    let version: String
    var incarnation: String { process.incarnation }
  }

  private let configuration: AnchorConfiguration
  private let folder: String
  private(set) var ready: Ready?
  var watch = ThreadWatch()
  var own: OwnConnection?
  private var process: AppServerProcess?
  private var backoff = Backoff(first: .milliseconds(200))
  private var task: Task<Void, Never>?
  var janitor: IO.Timer?

  var onReady: (@IO (Ready) -> Void)?
  /// Sessions end, and their turns did.
  var onEnded: (@IO () -> Void)?
  /// It is down; it is tried again after the delay.
  var onLost: (@IO (_ reason: String, _ retryIn: Duration) -> Void)?
  /// A notification on the own connection.
  var onNotification: (@IO ([UInt8], MessageHead, ParamRanges) -> Void)?
  /// The own connection gets this thread's events from now on, or does not any more; nil for all of them.
  var onSubscription: (@IO (_ thread: String?, _ isSubscribed: Bool) -> Void)?

  init(_ configuration: AnchorConfiguration, folder: String) {
    self.configuration = configuration
    self.folder = folder
  }

  /// Whether a turn runs, or waits for someone.
  var hasActiveTurns: Bool { !watch.active.isEmpty }

  /// Whether the own connection is there.
  var isConnected: Bool { own?.isOpen == true }

  /// Runs until `leave` or `stop`.
  func run() async {
    let task = Task { @IO in await keepRunning() }
    self.task = task
    await task.value
  }

  /// Ends the connections; app-server lives on.
  func leave() {
    task?.cancel()
    janitor?.cancel()
    own?.close()
  }

  /// Ends app-server too, unless it is someone else's.
  func stop() async {
    leave()
    await task?.value
    await process?.stop(configuration.home, folder: folder)
    process = nil
  }

  private func keepRunning() async {
    while !Task.isCancelled {
      let began = ContinuousClock.now
      var reason: String
      do {
        reason = try await runOnce()
      } catch {
        reason = "\(error)"
      }
      let wasReady = ready != nil
      ready = nil
      own = nil
      watch.reset()
      onSubscription?(nil, false)
      if Task.isCancelled { return }
      if wasReady { onEnded?() }
      // One that ran for a while is started again at once.
      if wasReady, began.duration(to: .now) >= Backoff.healthyAfter { backoff.reset() }
      let delay = wasReady && backoff.isFresh ? .zero : backoff.next()
      onLost?(reason, delay)
      do { try await IO.sleep(for: delay) } catch { return }
    }
  }

  /// Obtains app-server, connects and waits for its end.
  /// - Returns: a sentence about the end.
  private func runOnce() async throws -> String {
    let (configuration, folder) = (configuration, folder)
    let process = try await Task.detached {
      try await AppServerProcess.obtain(configuration, folder: folder)
    }.value
    self.process = process
    try Task.checkCancellation()
    guard let connection = try await connect(process) else { throw await failure(process) }
    guard let version = connection.version, version >= .oldest else {
      connection.close()
      let found = connection.version?.description ?? "of an unknown version"
      await process.stop(configuration.home, folder: folder)
      throw CodexError.tooOld(found, process.codex.isEmpty ? "The app-server at \(process.socket)" : process.codex)
    }
    own = connection
    let ready = Ready(process: process, version: version.description)
    self.ready = ready
    onReady?(ready)
    lookForActiveThreads()
    sweep()
    return await waitForEnd(process, connection)
  }

  /// Connects as soon as app-server listens.
  /// - Returns: nil if it ended before, or does not answer for 20 s.
  private func connect(_ process: AppServerProcess) async throws -> OwnConnection? {
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      do {
        return try await OwnConnection.open(process.socket, version: configuration.version) { [weak self] in
          self?.notified($0, $1)
        }
      } catch {
        try Task.checkCancellation()
        let hasEnded = process.child.map { $0.ending != nil } ?? true
        guard hasEnded || ContinuousClock.now > deadline else {
          try await IO.sleep(for: .milliseconds(5))
          continue
        }
        return nil
      }
    }
  }

  /// Why app-server does not answer.
  private func failure(_ process: AppServerProcess) async -> CodexError {
    let (configuration, folder) = (configuration, folder)
    guard let child = process.child else {
      return CodexError(
        .notRunning,
        "The app-server at \(process.socket) does not answer: start it with `codex app-server daemon start`.")
    }
    await child.stop()
    return await Task.detached {
      // An old codex does not know what it was asked for; its version says more than its last words.
      do { _ = try await Codex.check(process.codex, environment: configuration.environment) } catch {
        if let error = error as? CodexError, error.code == .tooOld { return error }
      }
      let words = AppServerProcess.lastWords(configuration.home, folder: folder)
      return CodexError(
        .failed,
        "codex app-server did not start\(words.isEmpty ? "" : ", saying \"\(words)\""): "
          + "try `\(process.codex) app-server` by hand.")
    }.value
  }

  private func waitForEnd(_ process: AppServerProcess, _ connection: OwnConnection) async -> String {
    await withTaskGroup(of: String?.self) { group in
      if let child = process.child {
        group.addTask {
          switch try? await child.ended() {
          case nil: nil
          case .exited(let code): "codex app-server ended with status \(code); it is started again."
          case .killed(let signal): "codex app-server was killed by signal \(signal); it is started again."
          case .gone: "codex app-server ended; it is started again."
          }
        }
      }
      group.addTask { await self.keepConnection(process, connection) }
      let first = await group.next() ?? nil
      group.cancelAll()
      own?.close()
      return first ?? "The anchor ends."
    }
  }

  /// Connects again while the same app-server is there, which may have cut a connection that it found too slow.
  private func keepConnection(_ process: AppServerProcess, _ first: OwnConnection) async -> String? {
    var connection = first
    while true {
      let current = connection
      await withTaskCancellationHandler {
        await current.waitForEnd()
      } onCancel: {
        Task { @IO in current.close() }
      }
      watch.reset()
      onSubscription?(nil, false)
      var wait = Backoff(first: .milliseconds(50), most: .seconds(5))
      while true {
        if Task.isCancelled { return nil }
        let isAlive = await Task.detached { process.isAlive }.value
        if !isAlive {
          // Of its own process the end is told by the other task, with the reason.
          if process.child == nil { return Self.ended(process) }
          return await Self.forever()
        }
        if let next = try? await connect(process), !Task.isCancelled {
          connection = next
          own = next
          lookForActiveThreads()
          break
        }
        // Its socket may stay behind when someone else's dies.
        if process.child == nil { return Self.ended(process) }
        try? await IO.sleep(for: wait.next())
      }
    }
  }

  private static func ended(_ process: AppServerProcess) -> String {
    "The app-server at \(process.socket) ended; waiting for it to come back."
  }

  private static func forever() async -> String? {
    while !Task.isCancelled { try? await IO.sleep(for: .seconds(3600)) }
    return nil
  }
}
