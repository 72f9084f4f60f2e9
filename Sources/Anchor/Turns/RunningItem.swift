/// One item of a running turn: what `item/started` carried and the deltas since, texts as codex escaped them.
struct RunningItem: Sendable {
  /// The deltas of one method and part, joined; `marks` say where the text of each millisecond ends.
  struct Stream: Sendable {
    var method: String
    /// `summaryIndex` or `contentIndex` as JSON; nil where the method has none.
    var index: String?
    var text: [UInt8] = []
    var marks: [Mark] = []
    /// What each connection has brought of the newest millisecond; see `take`.
    private var newest: [Int: (time: Int64, count: Int)] = [:]
    private var taken: (time: Int64, count: Int) = (0, 0)

    struct Mark: Sendable {
      var time: Int64
      var end: Int
    }

    init(method: String, index: String?) {
      self.method = method
      self.index = index
    }

    /// Adds a delta unless another connection brought it already. Every connection gets the same deltas in the same
    /// order and with the same times, so the n-th of a millisecond is the same one on each.
    mutating func take(_ added: ArraySlice<UInt8>, time: Int64, source: Int) {
      let before = newest[source]
      let count = before?.time == time ? (before?.count ?? 0) + 1 : 1
      newest[source] = (time, count)
      guard time > taken.time || (time == taken.time && count > taken.count) else { return }
      taken = (time, time == taken.time ? taken.count + 1 : 1)
      text.append(contentsOf: added)
      if let last = marks.last, last.time == time {
        marks[marks.count - 1].end = text.count
      } else {
        marks.append(Mark(time: time, end: text.count))
      }
    }

    /// Gives its memory back; later deltas are still told from those that came before.
    mutating func forget() -> Int {
      let freed = cost
      text = []
      marks = []
      return freed
    }

    var cost: Int { text.count + marks.count * MemoryLayout<Mark>.size }
  }

  /// The raw id with its quotes.
  let id: [UInt8]
  /// The item's object as `item/started` had it.
  var item: [UInt8]?
  var streams: [Stream] = []

  /// Bytes that count against the bounds.
  var cost: Int { id.count + (item?.count ?? 0) + streams.reduce(0) { $0 + $1.cost } + 128 }

  mutating func take(_ text: ArraySlice<UInt8>, method: String, index: String?, time: Int64, source: Int) {
    if let place = streams.firstIndex(where: { $0.method == method && $0.index == index }) {
      streams[place].take(text, time: time, source: source)
    } else {
      var stream = Stream(method: method, index: index)
      stream.take(text, time: time, source: source)
      streams.append(stream)
    }
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
    for (number, stream) in streams.filter({ !$0.marks.isEmpty }).enumerated() {
      if number > 0 { out.append(UInt8(ascii: ",")) }
      JSONOutput.append(#"{"method":"#, to: &out)
      JSONOutput.appendQuoted(stream.method, to: &out)
      JSONOutput.append(#","index":"#, to: &out)
      out.append(contentsOf: (stream.index ?? "null").utf8)
      JSONOutput.append(#","text":["#, to: &out)
      var start = 0
      for (place, mark) in stream.marks.enumerated() {
        JSONOutput.append(place > 0 ? ",[" : "[", to: &out)
        JSONOutput.append(mark.time, to: &out)
        JSONOutput.append(#",""#, to: &out)
        out.append(contentsOf: stream.text[start..<mark.end])
        JSONOutput.append(#""]"#, to: &out)
        start = mark.end
      }
      JSONOutput.append("]}", to: &out)
    }
    JSONOutput.append("]}", to: &out)
  }
}
