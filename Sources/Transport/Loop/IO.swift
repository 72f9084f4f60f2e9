/// The actor of all network I/O. Its executor is the one thread on which libcurl waits, so code isolated to it runs
/// between two polls, with no hop between a socket and what handles its messages.
///
/// Nothing on it may block: no file, no process, no lock that is held for long.
@globalActor
public actor IO {
  public static let shared = IO()

  nonisolated let loop = LoopExecutor(
    LoopExecutor.Hooks(
      begin: { IO.assumeIsolated { Reactor.shared.begin() } },
      settle: { IO.assumeIsolated { Reactor.shared.settle() } },
      mayEnd: { IO.assumeIsolated { Reactor.shared.mayEnd } },
      turn: { maySleep in IO.assumeIsolated { Reactor.shared.turn(maySleep: maySleep) } }))

  public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

  private init() {}

  /// Runs `body` on the loop.
  public static func run<Result: Sendable>(_ body: @IO @Sendable () throws -> Result) async rethrows -> Result {
    try await body()
  }

  /// Runs `body` at once, as `MainActor.assumeIsolated` does; traps when not on the loop's thread.
  public nonisolated static func assumeIsolated<Result: Sendable>(
    _ body: @IO () throws -> Result
  ) rethrows -> Result {
    shared.loop.checkIsolated()
    return try withoutActuallyEscaping(body) { try unsafe unsafeBitCast($0, to: (() throws -> Result).self)() }
  }

  // MARK: Timers

  /// A timer that has not run yet.
  public struct Timer: Sendable, Hashable {
    let id: Int

    /// Does nothing when the timer ran or was cancelled before.
    @IO public func cancel() { Reactor.shared.cancelTimer(id) }
  }

  /// Runs `body` on the loop when `delay` is over (to the millisecond, never early), unless the loop is stopped first.
  @IO @discardableResult
  public static func after(_ delay: Duration, _ body: @escaping @IO () -> Void) -> Timer {
    Timer(
      id: Reactor.shared.addTimer(delay) { outcome in
        if outcome == .due { body() }
      })
  }

  /// Waits on the loop.
  ///
  /// - Throws: `CancellationError`; `TransportError` with `.stopped` when the loop is stopped.
  @IO public static func sleep(for delay: Duration) async throws {
    var timer: Timer?
    try await withCancellation { done in
      timer = Timer(
        id: Reactor.shared.addTimer(delay) { outcome in
          done(outcome == .due ? .success(()) : .failure(TransportError(.stopped)))
        })
    } cancel: {
      timer?.cancel()
    }
  }

  /// Runs `body` at the end of the loop's current pass: after what was queued on connections so far is written, as far
  /// as they take it, and before the loop waits again. So what one pass brought can be answered in one go.
  @IO public static func afterPass(_ body: @escaping @IO () -> Void) { Reactor.shared.tellSoon(body) }

  // MARK: The end

  /// Ends everything on the loop in order, then its thread.
  ///
  /// Requests, connection attempts and sleeps fail with `.stopped`, timers are dropped, open WebSockets get a close
  /// frame (1001) behind what they still have to send, and what is not closed when `bound` is over is dropped. Every
  /// `onEnd` is called. What is begun meanwhile fails with `.stopped`; what is begun later starts the loop anew.
  public static func stop(within bound: Duration = .seconds(2)) async {
    await Reactor.shared.windDown(within: bound)
    await shared.loop.end()
  }
}
