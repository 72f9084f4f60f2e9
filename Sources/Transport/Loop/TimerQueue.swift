/// Deadlines in order of time, those of one instant in order of arrival. Pure: the caller tells the time.
struct TimerQueue<Action> {
  private struct Entry {
    let deadline: ContinuousClock.Instant
    let id: Int
    let action: Action
  }

  /// The soonest last.
  private var entries: [Entry] = []
  private var lastID = 0

  var isEmpty: Bool { entries.isEmpty }
  var next: ContinuousClock.Instant? { entries.last?.deadline }

  mutating func add(_ deadline: ContinuousClock.Instant, _ action: Action) -> Int {
    lastID += 1
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].deadline > deadline { low = middle + 1 } else { high = middle }
    }
    entries.insert(Entry(deadline: deadline, id: lastID, action: action), at: low)
    return lastID
  }

  /// The action, unless it ran or was removed before.
  @discardableResult
  mutating func remove(_ id: Int) -> Action? {
    guard let index = entries.firstIndex(where: { $0.id == id }) else { return nil }
    return entries.remove(at: index).action
  }

  /// Takes out the soonest action whose time has come.
  mutating func takeDue(_ now: ContinuousClock.Instant) -> Action? {
    guard let last = entries.last, last.deadline <= now else { return nil }
    return entries.removeLast().action
  }

  mutating func takeAll() -> [Action] {
    defer { entries.removeAll() }
    return entries.reversed().map(\.action)
  }

  /// Milliseconds to the soonest deadline, rounded up, at most `limit`.
  func milliseconds(from now: ContinuousClock.Instant, limit: Int32) -> Int32 {
    guard let next else { return limit }
    let left = now.duration(to: next)
    if left <= .zero { return 0 }
    if left >= .milliseconds(Int64(limit)) { return limit }
    let (seconds, attoseconds) = left.components
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
