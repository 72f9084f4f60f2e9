/// Which threads have a running turn, and which the anchor's own connection is subscribed to.
struct ThreadWatch: Sendable {
  /// A thread stays subscribed this long after its turn: the next one may begin at once.
  static let patience = Duration.seconds(60)

  /// Threads whose turn runs, or waits for someone.
  private(set) var active: Set<String> = []
  private var subscribed: [String: ContinuousClock.Instant?] = [:]

  /// A thread's status is known.
  /// - Returns: whether to subscribe to it now.
  mutating func changed(_ thread: String, isActive: Bool, at now: ContinuousClock.Instant) -> Bool {
    if isActive {
      active.insert(thread)
      defer { subscribed[thread] = .some(nil) }
      return subscribed[thread] == nil
    }
    active.remove(thread)
    if subscribed[thread] != nil { subscribed[thread] = now }
    return false
  }

  /// App-server refused, or unloaded the thread.
  mutating func unsubscribed(_ thread: String) {
    subscribed[thread] = nil
  }

  mutating func closed(_ thread: String) {
    active.remove(thread)
    subscribed[thread] = nil
  }

  /// The threads that were idle for long enough to be let go; they count as unsubscribed from now on.
  mutating func idle(at now: ContinuousClock.Instant) -> [String] {
    let idle = subscribed.compactMap { thread, since -> String? in
      guard let since, since.duration(to: now) >= Self.patience else { return nil }
      return thread
    }
    for thread in idle { subscribed[thread] = nil }
    return idle
  }

  /// The connection was lost: subscriptions are gone, and so is the knowledge of what runs.
  mutating func reset() { self = ThreadWatch() }
}
