/// The requests that app-server put to one session and that wait for an answer. It lives as long as the session's
/// connection to app-server, so an id never means a request of another app-server process.
struct PendingRequests: Sendable {
  /// What a request is about; nil where it does not say.
  struct Subject: Sendable, Equatable {
    var thread: String?
    var turn: String?
    var item: String?
  }

  /// Why an answer comes too late.
  enum Late: String, Sendable { case resolved, restarted, unknown }

  private var pending: [RequestID: Subject] = [:]
  private var settled: Set<RequestID> = []
  private var settledOrder = Queue<RequestID>()

  /// How many settled ids are remembered, to tell `resolved` from `unknown`.
  private static let remembered = 256

  var count: Int { pending.count }

  /// App-server asks, for the first time or, as after `thread/resume`, again.
  mutating func asked(_ id: RequestID, _ subject: Subject) { pending[id] = subject }

  /// Someone answered, or the request became void.
  mutating func resolved(_ id: RequestID) {
    guard pending.removeValue(forKey: id) != nil, settled.insert(id).inserted else { return }
    settledOrder.append(id)
    if settledOrder.count > Self.remembered, let oldest = settledOrder.first {
      settledOrder.removeFirst()
      settled.remove(oldest)
    }
  }

  /// An answer that names what it is for. It must be forwarded if nil comes back, and counts as settled then.
  mutating func answer(_ id: RequestID, for subject: Subject) -> Late? {
    guard let mine = pending[id] else { return settled.contains(id) ? .resolved : .unknown }
    guard mine == subject else { return .unknown }
    resolved(id)
    return nil
  }

  /// A bare JSON-RPC response; the same without the check.
  mutating func answer(_ id: RequestID) -> Late? {
    guard let mine = pending[id] else { return settled.contains(id) ? .resolved : .unknown }
    return answer(id, for: mine)
  }
}
