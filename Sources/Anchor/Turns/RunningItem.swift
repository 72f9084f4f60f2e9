/// One item of a running turn: what `item/started` carried and the deltas since, texts as codex escaped them.
struct RunningItem: Sendable {
  /// The deltas of one method and part, joined by millisecond.
  struct Stream: Sendable {
    var method: String
    /// `summaryIndex` or `contentIndex` as JSON; nil where the method has none.
    var index: String?
    private var text: [UInt8] = []
    private var marks: [Mark] = []
    /// What the own connection brought of its first millisecond: the end of what there is of it.
    private var ownFirst: [UInt8] = []
    private var ownFirstTime: Int64?
    private var ownLast: Int64?

    struct Mark: Sendable {
      var time: Int64
      var end: Int
    }

    init(method: String, index: String?) {
      self.method = method
      self.index = index
    }

    var cost: Int { text.count + ownFirst.count + marks.count * MemoryLayout<Mark>.size + 96 }
    var isEmpty: Bool { marks.isEmpty && ownFirst.isEmpty }

    /// Adds a delta of the own connection's.
    /// - Parameter isFirst: it is of the first millisecond since the connection was subscribed, which may be cut.
    mutating func takeOwn(_ added: ArraySlice<UInt8>, time: Int64, isFirst: Bool) {
      if isFirst {
        if ownFirstTime != time { ownFirst = [] }
        ownFirst.append(contentsOf: added)
        ownFirstTime = time
      } else {
        insert(added, at: time)
      }
      ownLast = time
    }

    /// Adds a delta of the session's that feeds this thread. It may come later than what the own connection brought.
    mutating func take(_ added: ArraySlice<UInt8>, time: Int64) {
      if let ownFirstTime, let ownLast, time > ownFirstTime, time <= ownLast { return }
      insert(added, at: time)
    }

    private mutating func insert(_ added: ArraySlice<UInt8>, at time: Int64) {
      if let last = marks.last, last.time > time {
        let place = marks.firstIndex { $0.time > time } ?? marks.count
        let start = place == 0 ? 0 : marks[place - 1].end
        text.insert(contentsOf: added, at: start)
        for later in place..<marks.count { marks[later].end += added.count }
        if place > 0, marks[place - 1].time == time {
          marks[place - 1].end += added.count
        } else {
          marks.insert(Mark(time: time, end: start + added.count), at: place)
        }
        return
      }
      text.append(contentsOf: added)
      if let last = marks.last, last.time == time {
        marks[marks.count - 1].end = text.count
      } else {
        marks.append(Mark(time: time, end: text.count))
      }
    }

    /// Gives its memory back and says how much it was.
    mutating func forget() -> Int {
      let before = cost
      text = []
      marks = []
      ownFirst = []
      return before - cost
    }

    /// Calls `body` with each millisecond and its text, in order.
    func eachMillisecond(_ body: (_ time: Int64, _ text: ArraySlice<UInt8>) -> Void) {
      var start = 0
      var isOwnDue = !ownFirst.isEmpty
      for mark in marks {
        let part = text[start..<mark.end]
        start = mark.end
        if isOwnDue, let time = ownFirstTime, time <= mark.time {
          isOwnDue = false
          if time == mark.time {
            body(time, Self.join(part, ownFirst))
            continue
          }
          body(time, ownFirst[...])
        }
        body(mark.time, part)
      }
      if isOwnDue, let ownFirstTime { body(ownFirstTime, ownFirst[...]) }
    }

    /// One has the beginning and the other the end of the same text.
    private static func join(_ beginning: ArraySlice<UInt8>, _ end: [UInt8]) -> ArraySlice<UInt8> {
      var overlap = min(beginning.count, end.count)
      while overlap > 0, !beginning.suffix(overlap).elementsEqual(end.prefix(overlap)) { overlap -= 1 }
      return beginning + end.dropFirst(overlap)
    }
  }

  /// The raw id with its quotes.
  let id: [UInt8]
  /// The item's object as `item/started` had it.
  var item: [UInt8]?
  var streams: [Stream] = []

  /// Bytes that count against the bounds.
  var cost: Int { id.count + (item?.count ?? 0) + streams.reduce(0) { $0 + $1.cost } + 128 }

  /// The place of a method's and part's stream.
  mutating func stream(_ method: String, _ index: String?) -> Int {
    if let place = streams.firstIndex(where: { $0.method == method && $0.index == index }) { return place }
    streams.append(Stream(method: method, index: index))
    return streams.count - 1
  }

  /// Forgets the texts and says how many bytes that frees.
  mutating func forget() -> Int { streams.indices.reduce(0) { $0 + streams[$1].forget() } }

  /// Appends `{"itemId":…,"item":…,"deltas":[…]}`.
  func appendJSON(to out: inout [UInt8]) {
    JSONOutput.append(#"{"itemId":"#, to: &out)
    out.append(contentsOf: id)
    JSONOutput.append(#","item":"#, to: &out)
    if let item { out.append(contentsOf: item) } else { JSONOutput.append("null", to: &out) }
    JSONOutput.append(#","deltas":["#, to: &out)
    for (number, stream) in streams.filter({ !$0.isEmpty }).enumerated() {
      JSONOutput.append(number > 0 ? #",{"method":"# : #"{"method":"#, to: &out)
      JSONOutput.appendQuoted(stream.method, to: &out)
      JSONOutput.append(#","index":"#, to: &out)
      out.append(contentsOf: (stream.index ?? "null").utf8)
      JSONOutput.append(#","text":["#, to: &out)
      var isFirst = true
      stream.eachMillisecond { time, text in
        JSONOutput.append(isFirst ? "[" : ",[", to: &out)
        isFirst = false
        JSONOutput.append(time, to: &out)
        JSONOutput.append(#",""#, to: &out)
        out.append(contentsOf: text)
        JSONOutput.append(#""]"#, to: &out)
      }
      JSONOutput.append("]}", to: &out)
    }
    JSONOutput.append("]}", to: &out)
  }
}
