import Synchronization
import Testing
import Transport

/// The loop: its timers, its isolation.
@Suite(.timeLimit(.minutes(2))) struct IOTests {
  @Test @IO func timersRunInTheOrderOfTheirTimes() async throws {
    var order: [Int] = []
    await withCheckedContinuation { continuation in
      IO.after(.milliseconds(30)) {
        order.append(3)
        continuation.resume()
      }
      IO.after(.milliseconds(10)) { order.append(2) }
      IO.after(.zero) { order.append(0) }
      IO.after(.zero) { order.append(1) }
      #expect(order.isEmpty)
    }
    #expect(order == [0, 1, 2, 3])
  }

  @Test @IO func aCancelledTimerDoesNotRun() async throws {
    var ran: [String] = []
    let cancelled = IO.after(.milliseconds(1)) { ran.append("cancelled") }
    IO.after(.milliseconds(2)) { ran.append("last") }
    cancelled.cancel()
    try await IO.sleep(for: .milliseconds(5))
    #expect(ran == ["last"])
    cancelled.cancel()
  }

  @Test @IO func aTimerThatSetsItselfAgainLeavesTimeForOthers() async throws {
    var rounds = 0
    var isOver = false
    func again() {
      rounds += 1
      if !isOver { IO.after(.zero) { again() } }
    }
    again()
    try await IO.sleep(for: .milliseconds(5))
    isOver = true
    #expect(rounds > 1)
  }

  @Test func neverEarly() async throws {
    let start = ContinuousClock.now
    try await IO.sleep(for: .milliseconds(20))
    #expect(start.duration(to: .now) >= .milliseconds(20))
  }

  @Test func sleepIsCancelled() async throws {
    let sleeper = Task { try await IO.sleep(for: .seconds(3600)) }
    await Task.yield()
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
    sleeper.cancel()
  }

  /// What a callback of the loop starts runs at once, not with the next event: else this would take 5 s a round.
  @Test @IO func tasksBegunInCallbacksRunAtOnce() async throws {
    let start = ContinuousClock.now
    for _ in 0..<20 {
      await withCheckedContinuation { continuation in
        IO.afterPass { Task { @IO in continuation.resume() } }
      }
    }
    #expect(start.duration(to: .now) < .seconds(60))
  }

  @Test func isolation() async throws {
    let value = await IO.run { IO.assumeIsolated { 7 } }
    #expect(value == 7)
    await #expect(processExitsWith: .failure) { IO.assumeIsolated {} }
  }

  /// Jobs from many threads, each run once, none at the same time as another.
  @Test func jobsFromEverywhere() async throws {
    let tally = Tally()
    await withTaskGroup { group in
      for _ in 0..<20 {
        group.addTask { for _ in 0..<500 { await tally.add() } }
      }
    }
    #expect(await tally.count == 10_000)
  }

  @IO private final class Tally {
    private(set) var count = 0
    nonisolated init() {}
    func add() { count += 1 }
  }
}
