/// One item of a running turn: what `item/started` carried and the deltas since, texts as codex escaped them.
struct RunningItem: Sendable {
  /// The raw id with its quotes.
  let id: [UInt8]
  /// The item's object as `item/started` had it.
  var item: [UInt8]?
  var streams: [DeltaStream] = []

  /// Bytes that count against the bounds.
  var cost: Int { id.count + (item?.count ?? 0) + streams.reduce(0) { $0 + $1.cost } + 128 }

  /// The place of a method's and part's stream.
  mutating func stream(_ method: String, _ index: String?) -> Int {
    if let place = streams.firstIndex(where: { $0.method == method && $0.index == index }) { return place }
    streams.append(DeltaStream(method: method, index: index))
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
