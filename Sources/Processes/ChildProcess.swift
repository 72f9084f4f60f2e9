import CSystem
@preconcurrency import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program that runs in a session of its own and outlives this process, unless it is stopped.
///
/// Its end is collected whether anyone waits for it or not, and what it left in its process group is killed then.
public final class ChildProcess: Sendable {
  public let identity: ProcessIdentity
  /// Whether this process started it and can learn how it ended.
  private let isOwn: Bool
  /// Whether what it leaves in its group lives on.
  private let leavesGroup: Bool
  private let state = Mutex(State())

  private struct State {
    var ending: Ending?
    var waiters: [Int: CheckedContinuation<Ending?, Never>] = [:]
    var lastWaiter = 0
  }

  /// Starts a program, its input empty, its output and errors appended to a file that its owner alone can read.
  public static func spawn(_ launch: Launch, log: String) throws(ProcessError) -> ChildProcess {
    try withDescriptor("/dev/null", O_RDONLY) { input throws(ProcessError) in
      try withDescriptor(log, O_WRONLY | O_CREAT | O_APPEND) { output throws(ProcessError) in
        try spawn(launch, input: input, output: output, errors: output)
      }
    }
  }

  /// Starts a program with descriptors of the caller's, which stay the caller's to close.
  /// - Parameter leavesGroup: whether what it leaves in its group lives on, as a browser does.
  static func spawn(
    _ launch: Launch, input: Int32, output: Int32, errors: Int32, leavesGroup: Bool = false,
    watch: ProcessWatch = .event
  ) throws(ProcessError) -> ChildProcess {
    let pid = try launch.start(input: input, output: output, errors: errors)
    // The entry stays until this process collects it, so it is there even when the program has ended already.
    let identity = ProcessIdentity(of: pid) ?? ProcessIdentity(pid: pid, startedAt: "", bootID: "")
    let child = ChildProcess(identity, isOwn: true, leavesGroup: leavesGroup)
    watch.start(pid) { child.finish() }
    return child
  }

  /// Takes over a program that an earlier process started, or nil where it does not run any more.
  public static func adopt(_ identity: ProcessIdentity) -> ChildProcess? {
    guard identity.isRunning else { return nil }
    let child = ChildProcess(identity, isOwn: false, leavesGroup: false)
    ProcessWatch.event.start(identity.pid) { child.finish() }
    return child
  }

  private init(_ identity: ProcessIdentity, isOwn: Bool, leavesGroup: Bool) {
    self.identity = identity
    self.isOwn = isOwn
    self.leavesGroup = leavesGroup
  }

  /// How it ended, or nil while it runs.
  public var ending: Ending? { state.withLock { $0.ending } }

  /// Suspends until it ends. Any number of tasks may wait; cancelling one leaves the process alone.
  public func ended() async throws(CancellationError) -> Ending {
    let waiter = newWaiter()
    let ending = await withTaskCancellationHandler {
      await wait(waiter, isCancellable: true)
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume(returning: nil)
    }
    guard let ending else { throw CancellationError() }
    return ending
  }

  /// Sends a signal to the program and everything in its process group. Nothing happens when it has ended.
  public func signal(_ number: Int32) {
    state.withLock { state in
      // Until the end is collected its id is nobody else's; an adopted one is collected by someone else.
      if state.ending == nil, isOwn || identity.isRunning { kill(-identity.pid, number) }
    }
  }

  /// Asks the program's group to end (SIGTERM), and kills it when it has not ended after the grace. A cancelled task
  /// waits too, for that is when programs are stopped.
  @discardableResult
  public func stop(grace: Duration = .seconds(5)) async -> Ending {
    signal(SIGTERM)
    let deadline = DispatchSource.makeTimerSource(queue: .global())
    let (seconds, attoseconds) = grace.components
    deadline.schedule(deadline: .now() + Double(seconds) + Double(attoseconds) * 1e-18)
    deadline.setEventHandler { self.signal(SIGKILL) }
    deadline.activate()
    defer { deadline.cancel() }
    return await wait(newWaiter(), isCancellable: false) ?? .gone
  }

  private func newWaiter() -> Int {
    state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
  }

  /// - Returns: nil when the task was cancelled.
  private func wait(_ waiter: Int, isCancellable: Bool) async -> Ending? {
    await withCheckedContinuation { continuation in
      let answer: Ending?? = state.withLock { state in
        if let ending = state.ending { return ending }
        // Asked under the lock: a cancellation after this finds the waiter that is entered below.
        if isCancellable, Task.isCancelled { return .some(nil) }
        state.waiters[waiter] = continuation
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  /// Collects the end. Called once, by the watch.
  private func finish() {
    let (ending, waiters) = state.withLock { state in
      if !leavesGroup { killRest() }
      let ending = isOwn ? collect() : .gone
      defer { state.waiters = [:] }
      state.ending = ending
      return (ending, state.waiters.values)
    }
    for waiter in waiters { waiter.resume(returning: ending) }
  }

  /// Kills what the program left in its group. Its own id cannot be another's yet: a child is not collected, and of an
  /// adopted one the kernel keeps the id while the group has members.
  private func killRest() {
    if isOwn || KernelEntry(pid: identity.pid).map({ $0.startedAt == identity.startedAt }) ?? true {
      kill(-identity.pid, SIGKILL)
    }
  }

  private func collect() -> Ending {
    var status: Int32 = 0
    while waitpid(identity.pid, &status, 0) != identity.pid {
      guard errno == EINTR else { return .gone }
    }
    let result = csystem_wait_result(status)
    return result < 0 ? .killed(signal: -result) : .exited(result)
  }
}
