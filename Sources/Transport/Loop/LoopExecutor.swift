import Synchronization

/// Runs Swift jobs on one thread, between two polls of libcurl's multi handle.
///
/// The thread starts with the first job. After `end()` it stops when nothing is left to run, and starts again with the
/// next job, so that no job is ever lost.
final class LoopExecutor: SerialExecutor {
  /// What the thread does besides jobs.
  struct Hooks: Sendable {
    /// A new thread begins.
    let begin: @Sendable () -> Void
    /// Finish what the jobs began, before the loop may sleep.
    let settle: @Sendable () -> Void
    /// Whether nothing is left that only the thread can do.
    let mayEnd: @Sendable () -> Bool
    /// One pass: wait for I/O, sleeping only if allowed, and handle it.
    let turn: @Sendable (_ maySleep: Bool) -> Void
  }

  private struct Mail {
    var jobs: [UnownedJob] = []
    var multi: CurlMulti?
    var isAsleep = false
    var isRunning = false
    var isEnding = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  /// Jobs run between two passes at most, so that I/O is never starved by them.
  private static let jobsPerTurn = 256

  private let mail = Lock(Mail())
  private let thread = Atomic<UInt>(0)
  private let hooks: Hooks
  // The loop's thread alone touches these.
  nonisolated(unsafe) private var local: [UnownedJob] = []
  nonisolated(unsafe) private var currentMulti: CurlMulti?

  init(_ hooks: Hooks) {
    self.hooks = hooks
  }

  /// For the loop's thread alone.
  var multi: CurlMulti {
    guard let multi = unsafe currentMulti else { preconditionFailure("the I/O loop is not running") }
    return multi
  }

  private var isOnThread: Bool { thread.load(ordering: .relaxed) == currentThread() }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isOnThread {
      unsafe local.append(job)
      return
    }
    let mustStart = mail.withLock { mail in
      mail.jobs.append(job)
      if mail.isAsleep {
        mail.isAsleep = false
        mail.multi?.wakeUp()
      }
      defer { mail.isRunning = true }
      return !mail.isRunning
    }
    if mustStart { startThread { self.run() } }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }
  func checkIsolated() { precondition(isOnThread, "this runs on the I/O loop's thread only") }
  func isIsolatingCurrentContext() -> Bool? { isOnThread }

  /// Ends the thread once nothing is left to run, and returns when it is gone.
  nonisolated func end() async {
    await withCheckedContinuation { waiter in
      let isGone = mail.withLock { mail in
        if !mail.isRunning { return true }
        mail.isEnding = true
        mail.waiters.append(waiter)
        if mail.isAsleep {
          mail.isAsleep = false
          mail.multi?.wakeUp()
        }
        return false
      }
      if isGone { waiter.resume() }
    }
  }

  private func run() {
    thread.store(currentThread(), ordering: .relaxed)
    let multi = CurlMulti()
    unsafe currentMulti = multi
    mail.withLock { $0.multi = multi }
    hooks.begin()
    while true {
      let isMoreWaiting = runJobs()
      // This may enqueue jobs, which a loop that sleeps or ends would not see.
      hooks.settle()
      if !isMoreWaiting, hooks.mayEnd(), let waiters = endIfAsked() {
        for waiter in waiters { waiter.resume() }
        return
      }
      hooks.turn(!isMoreWaiting && fallAsleep())
      mail.withLock { $0.isAsleep = false }
    }
  }

  /// True if more is waiting.
  private func runJobs() -> Bool {
    var left = Self.jobsPerTurn
    while left > 0 {
      var batch = unsafe local
      unsafe local = []
      mail.withLock { mail in
        if mail.jobs.isEmpty { return }
        batch += mail.jobs
        mail.jobs.removeAll(keepingCapacity: true)
      }
      if batch.isEmpty { return false }
      for job in batch { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
      left -= batch.count
    }
    return true
  }

  /// False when work came in and the loop must not sleep.
  private func fallAsleep() -> Bool {
    guard unsafe local.isEmpty else { return false }
    return mail.withLock { mail in
      guard mail.jobs.isEmpty, !mail.isEnding else { return false }
      mail.isAsleep = true
      return true
    }
  }

  private func endIfAsked() -> [CheckedContinuation<Void, Never>]? {
    guard unsafe local.isEmpty else { return nil }
    return mail.withLock { mail in
      guard mail.isEnding, mail.jobs.isEmpty else { return nil }
      // All of this before another thread may start.
      mail.multi = nil
      unsafe currentMulti = nil
      thread.store(0, ordering: .relaxed)
      mail.isRunning = false
      mail.isEnding = false
      defer { mail.waiters.removeAll() }
      return mail.waiters
    }
  }
}
