/// The deltas of one method and part of an item, joined by millisecond.
///
/// Two connections may bring them: the session's that first told of the turn, from its beginning, and the anchor's own,
/// from some point within some millisecond. Both bring the same texts with the same times, either may be ahead.
struct DeltaStream: Sendable {
  let method: String
  /// `summaryIndex` or `contentIndex` as JSON; nil where the method has none.
  let index: String?
  private var fed = Track()
  private var own = Track()
  /// The millisecond of which the own connection may have only the end.
  private var ownFirst: Int64?

  init(method: String, index: String?) {
    self.method = method
    self.index = index
  }

  /// Bytes that count against the bounds.
  var cost: Int { fed.cost + own.cost + 96 }
  var isEmpty: Bool { fed.marks.isEmpty && own.marks.isEmpty }

  /// Adds a delta of the own connection's.
  /// - Parameter isFirst: it is of the first millisecond since the connection was subscribed.
  mutating func takeOwn(_ text: ArraySlice<UInt8>, time: Int64, isFirst: Bool) {
    if isFirst { ownFirst = time }
    own.append(text, time: time)
    // What the session brought of the time before is there twice now.
    fed.remove(after: ownFirst ?? .min, before: time)
  }

  /// Adds a delta of the session's.
  mutating func take(_ text: ArraySlice<UInt8>, time: Int64) {
    if let last = own.marks.last?.time, time > ownFirst ?? .min, time < last { return }
    fed.append(text, time: time)
  }

  /// Gives its memory back and says how much it was.
  mutating func forget() -> Int {
    let before = cost
    fed = Track()
    own = Track()
    return before - cost
  }

  /// Calls `body` with each millisecond and its text, in order.
  func eachMillisecond(_ body: (_ time: Int64, _ text: ArraySlice<UInt8>) -> Void) {
    var (left, right) = (0, 0)
    while left < fed.marks.count || right < own.marks.count {
      let fedTime = left < fed.marks.count ? fed.marks[left].time : .max
      let ownTime = right < own.marks.count ? own.marks[right].time : .max
      let time = min(fedTime, ownTime)
      let fedText = fedTime == time ? fed.text(of: left) : []
      let ownText = ownTime == time ? own.text(of: right) : []
      body(time, time == ownFirst ? Self.join(fedText, ownText) : fedText.count > ownText.count ? fedText : ownText)
      if fedTime == time { left += 1 }
      if ownTime == time { right += 1 }
    }
  }

  /// One has the beginning and the other the end of the same text.
  private static func join(_ beginning: ArraySlice<UInt8>, _ end: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var overlap = min(beginning.count, end.count)
    while overlap > 0, !beginning.suffix(overlap).elementsEqual(end.prefix(overlap)) { overlap -= 1 }
    return beginning + end.dropFirst(overlap)
  }

  /// What one connection brought, its times ascending.
  private struct Track: Sendable {
    struct Mark: Sendable {
      var time: Int64
      var end: Int
    }

    private var bytes: [UInt8] = []
    private(set) var marks: [Mark] = []

    var cost: Int { bytes.count + marks.count * MemoryLayout<Mark>.size }

    func text(of mark: Int) -> ArraySlice<UInt8> { bytes[(mark == 0 ? 0 : marks[mark - 1].end)..<marks[mark].end] }

    mutating func append(_ text: ArraySlice<UInt8>, time: Int64) {
      bytes.append(contentsOf: text)
      if let last = marks.last, last.time >= time {
        marks[marks.count - 1].end = bytes.count
      } else {
        marks.append(Mark(time: time, end: bytes.count))
      }
    }

    mutating func remove(after first: Int64, before last: Int64) {
      guard let newest = marks.last, newest.time > first else { return }
      let from = marks.firstIndex { $0.time > first } ?? marks.count
      let to = marks.firstIndex { $0.time >= last } ?? marks.count
      guard from < to else { return }
      let start = from == 0 ? 0 : marks[from - 1].end
      let count = marks[to - 1].end - start
      bytes.removeSubrange(start..<start + count)
      marks.removeSubrange(from..<to)
      for later in from..<marks.count { marks[later].end -= count }
    }
  }
}
