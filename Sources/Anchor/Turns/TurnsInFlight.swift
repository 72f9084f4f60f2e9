/// The items of running turns that codex's history does not have yet, with their text so far. In memory only, at most
/// 1 MiB a thread and 8 MiB in all: past that the oldest text goes and the answer says `truncated`.
///
/// It is fed by the anchor's own connection to app-server and, for what came before that one's `thread/resume` took
/// effect, by the connection of the session that first told of the turn. All connections get the same events with the
/// same times, but one may be ahead of another.
struct TurnsInFlight: Sendable {
  static let threadLimit = 1 << 20
  static let limit = 8 << 20

  /// The anchor's own connection. Sessions have numbers from 1.
  static let own = 0

  fileprivate struct Turn: Sendable {
    var id: [UInt8]
    var items: [RunningItem] = []
    var isTruncated = false
    var cost = 0
    var touched = 0
    /// The session that first told of it.
    var feeder: Int?
  }

  /// How far the own connection covers a thread.
  private enum Coverage: Sendable {
    /// It is subscribed, and nothing came yet.
    case subscribed
    /// Everything later than this millisecond comes over it, and the end of what is of it.
    case from(Int64)
  }

  /// What to do with an event.
  private enum Use { case take, takeAsFirst, leave }

  /// By thread id; ids keep their quotes as codex wrote them.
  private var turns: [[UInt8]: Turn] = [:]
  private var coverage: [[UInt8]: Coverage] = [:]
  /// The turns that ended last: connections lag behind each other, and none may begin a turn anew.
  private var ended = Queue<[UInt8]>()
  private var clock = 0
  private(set) var keptBytes = 0

  // MARK: Coverage

  /// The own connection gets this thread's events from now on.
  mutating func subscribed(_ threadID: String) { coverage[Self.key(threadID)] = .subscribed }
  mutating func unsubscribed(_ threadID: String) { coverage[Self.key(threadID)] = nil }
  mutating func unsubscribedFromAll() { coverage = [:] }
  /// App-server ended, and so did its turns.
  mutating func removeAll() { self = TurnsInFlight() }

  private mutating func use(_ thread: [UInt8], at time: Int64, source: Int) -> Use {
    guard let found = coverage[thread] else { return .take }
    switch (found, source == Self.own) {
    case (.subscribed, true):
      coverage[thread] = .from(time)
      return .takeAsFirst
    case (.subscribed, false): return .take
    case (.from(let start), true): return time == start ? .takeAsFirst : .take
    case (.from(let start), false): return time > start ? .leave : .take
    }
  }

  /// A session's connection ended.
  mutating func ended(source: Int) {
    for place in turns.indices where turns.values[place].feeder == source { turns.values[place].feeder = nil }
  }

  // MARK: What happens

  /// Looks at a notification of codex's.
  mutating func observe(_ bytes: [UInt8], _ head: MessageHead, _ params: ParamRanges, source: Int) {
    guard head.kind == .notification, let range = params.thread else { return }
    let isDelta = MessageClass.isDelta(head.method)
    guard isDelta || head.method.hasPrefix("turn/") || head.method.hasPrefix("item/") else { return }
    guard let time = head.emittedAt.flatMap({ JSONText.integer(bytes.span, $0) }) else { return }
    let thread = Array(bytes[range])
    let use = use(thread, at: time, source: source)
    switch head.method {
    case "turn/started":
      guard let turn = params.turnObject, let id = MessageClass.id(bytes.span, turn) else { return }
      begin(thread, Array(bytes[id]), source)
    case "turn/completed":
      // Ends are taken from every connection: one that lags must be able to take back what it brought.
      if let turn = params.turnObject, let id = MessageClass.id(bytes.span, turn) { end(thread, Array(bytes[id])) }
    case "item/completed":
      if let item = params.item, let id = MessageClass.id(bytes.span, item) { remove(thread, Array(bytes[id])) }
    case "item/started" where use != .leave:
      guard let turn = params.turn, let item = params.item, let id = MessageClass.id(bytes.span, item) else { return }
      change(thread, Array(bytes[turn]), Array(bytes[id]), source) {
        if $0.item == nil { $0.item = Array(bytes[item]) }
      }
    default:
      guard isDelta, use != .leave, let turn = params.turn, let id = params.itemID, let delta = params.delta,
        bytes[delta.lowerBound] == JSONText.quote
      else { return }
      let index = params.index.map { String(decoding: bytes[$0], as: UTF8.self) }
      let text = bytes[delta.lowerBound + 1..<delta.upperBound - 1]
      change(thread, Array(bytes[turn]), Array(bytes[id]), source) { item in
        let place = item.stream(head.method, index)
        if source == Self.own {
          item.streams[place].takeOwn(text, time: time, isFirst: use == .takeAsFirst)
        } else {
          item.streams[place].take(text, time: time)
        }
      }
    }
  }

  /// The `result` of `anchor/turn/running` for a thread id.
  func running(_ threadID: String) -> [UInt8] {
    var out: [UInt8] = []
    JSONOutput.append(#"{"threadId":"#, to: &out)
    JSONOutput.appendQuoted(threadID, to: &out)
    guard let turn = turns[Self.key(threadID)] else {
      JSONOutput.append(#","turnId":null,"truncated":false,"items":[]}"#, to: &out)
      return out
    }
    JSONOutput.append(#","turnId":"#, to: &out)
    out.append(contentsOf: turn.id)
    JSONOutput.append(turn.isTruncated ? #","truncated":true,"items":["# : #","truncated":false,"items":["#, to: &out)
    for (number, item) in turn.items.enumerated() {
      if number > 0 { out.append(UInt8(ascii: ",")) }
      item.appendJSON(to: &out)
    }
    JSONOutput.append("]}", to: &out)
    return out
  }

  // MARK: Changes

  private static func key(_ threadID: String) -> [UInt8] { Array(JSONOutput.quoted(threadID).utf8) }

  private func isOver(_ turn: [UInt8]) -> Bool {
    for index in 0..<ended.count where ended[index] == turn { return true }
    return false
  }

  private mutating func begin(_ thread: [UInt8], _ turn: [UInt8], _ source: Int) {
    guard turns[thread]?.id != turn, !isOver(turn) else { return }
    let new = Turn(id: turn, feeder: source == Self.own ? nil : source)
    if let before = turns.updateValue(new, forKey: thread) { keptBytes -= before.cost }
  }

  private mutating func end(_ thread: [UInt8], _ turn: [UInt8]) {
    if !isOver(turn) { ended.append(turn) }
    if ended.count > 64 { ended.removeFirst() }
    guard turns[thread]?.id == turn, let turn = turns.removeValue(forKey: thread) else { return }
    keptBytes -= turn.cost
  }

  private mutating func remove(_ thread: [UInt8], _ item: [UInt8]) {
    guard let place = turns[thread]?.items.firstIndex(where: { $0.id == item }),
      let removed = turns[thread]?.items.remove(at: place)
    else { return }
    turns[thread]?.cost -= removed.cost
    keptBytes -= removed.cost
  }

  private mutating func change(
    _ thread: [UInt8], _ turn: [UInt8], _ id: [UInt8], _ source: Int, _ body: (inout RunningItem) -> Void
  ) {
    // No one may have seen the turn begin; but late news of another turn must not replace the one that runs.
    if turns[thread] == nil { begin(thread, turn, source) }
    guard let place = turns.index(forKey: thread), turns.values[place].id == turn else { return }
    if source != Self.own {
      // Of several sessions one is enough.
      if turns.values[place].feeder == nil { turns.values[place].feeder = source }
      guard turns.values[place].feeder == source else { return }
    }
    clock += 1
    let added = turns.values[place].change(id, body)
    keptBytes += added
    turns.values[place].touched = clock
    if turns.values[place].cost > Self.threadLimit {
      keptBytes -= turns.values[place].shorten(to: Self.threadLimit / 2)
    }
    while keptBytes > Self.limit,
      let quiet = turns.indices.filter({ turns.values[$0].cost > 0 }).min(by: {
        turns.values[$0].touched < turns.values[$1].touched
      })
    {
      keptBytes -= turns.values[quiet].shorten(to: 0)
    }
  }
}

extension TurnsInFlight.Turn {
  /// - Returns: how many bytes more there are now.
  fileprivate mutating func change(_ id: [UInt8], _ body: (inout RunningItem) -> Void) -> Int {
    var before = 0
    let place: Int
    if let found = items.lastIndex(where: { $0.id == id }) {
      place = found
      before = items[found].cost
    } else {
      place = items.count
      items.append(RunningItem(id: id))
    }
    body(&items[place])
    let added = items[place].cost - before
    cost += added
    return added
  }

  /// Forgets texts, the oldest item's first, and then whole items.
  /// - Returns: how many bytes less there are now.
  fileprivate mutating func shorten(to bound: Int) -> Int {
    let before = cost
    isTruncated = true
    for place in items.indices where cost > bound { cost -= items[place].forget() }
    while cost > bound, !items.isEmpty { cost -= items.removeFirst().cost }
    return before - cost
  }
}
