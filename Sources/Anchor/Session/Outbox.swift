/// What an anchor has for one page: messages that wait, and numbered lines that were sent and not acknowledged.
///
/// A message becomes a line, or several parts of at most a frame, when it is first sent; from then on number and place
/// are fixed. Until then deltas may be overtaken, merged and dropped as docs/protocol.md allows.
struct Outbox {
  struct Line {
    var bytes: [UInt8]
    var range: Range<Int>
    /// The message goes on in the next line.
    var more: Bool
    var size: Int { range.count + 1 }
  }

  struct Waiting {
    var bytes: [UInt8]
    var kind: MessageClass
    var cost: Int { bytes.count + Limits.overhead }
  }

  /// Lines of one frame: numbers, not bytes.
  struct Frame: Equatable {
    var first: Int
    var count: Int
    var more: Bool
  }

  private var lines = Queue<Line>()
  /// The number of `lines[0]`, or of the next line to be made.
  private var base = 1
  /// The next number to send; below `end` after a resume.
  private var cursor = 1
  var waiting = Queue<Waiting>()
  var waitingBytes = 0
  /// How much of the first waiting message became lines already.
  private(set) var started = 0
  private var lineBytes = 0
  private(set) var inFlight = 0
  private(set) var window = Window()

  private var end: Int { base + lines.count }
  /// The highest number that was ever sent.
  var highest: Int { end - 1 }
  var acknowledged: Int { base - 1 }
  /// All that is kept: what a reset gives back.
  var keptBytes: Int { waitingBytes + lineBytes }
  var hasUnsent: Bool { cursor < end || !waiting.isEmpty }
  /// At least a frame's worth waits.
  var hasFullFrame: Bool { cursor < end || waitingBytes >= Limits.lines }

  /// Adds a message without raw newlines.
  /// - Returns: false when the backlog was at its bound already: the session is to be reset.
  mutating func append(_ message: [UInt8], _ kind: MessageClass) -> Bool {
    guard keptBytes <= Limits.backlog else { return false }
    let entry = Waiting(bytes: message, kind: kind)
    waitingBytes += entry.cost
    if kind == .urgent { waiting.insert(entry, at: urgentPlace) } else { waiting.append(entry) }
    if waitingBytes > Limits.compactAbove { compact(added: entry) }
    return true
  }

  /// Before the deltas at the end of what waits, but never inside a message whose first part is gone.
  private var urgentPlace: Int {
    var place = waiting.count
    while place > (started > 0 ? 1 : 0), case .delta = waiting[place - 1].kind { place -= 1 }
    return place
  }

  /// Takes the lines for one frame, as far as the window allows.
  mutating func takeFrame(at now: ContinuousClock.Instant) -> Frame? {
    var frame = Frame(first: cursor, count: 0, more: false)
    var room = Limits.lines
    while !frame.more {
      if cursor == end, !makeLine(room: room, isFirst: frame.count == 0) { break }
      let line = lines[cursor - base]
      guard line.size <= room else { break }
      guard inFlight == 0 || inFlight + line.size <= window.size else {
        window.limited()
        break
      }
      if inFlight == 0 { window.started(at: now) }
      room -= line.size
      inFlight += line.size
      cursor += 1
      frame.count += 1
      frame.more = line.more
    }
    return frame.count == 0 ? nil : frame
  }

  /// Numbers the next waiting message, or the next part of it, if it can go into this frame and the window.
  private mutating func makeLine(room: Int, isFirst: Bool) -> Bool {
    guard let next = waiting.first else { return false }
    let left = next.bytes.count - started
    // What fits into a frame of its own is not cut to fill up this one.
    guard left + 1 <= room || isFirst else { return false }
    let whole = left + 1 <= room
    let upper = whole ? next.bytes.count : codePointBoundary(next.bytes, atMost: started + room - 1)
    let line = Line(bytes: next.bytes, range: started..<upper, more: !whole)
    guard inFlight == 0 || inFlight + line.size <= window.size else {
      window.limited()
      return false
    }
    lines.append(line)
    lineBytes += line.size + Limits.overhead
    if whole {
      waitingBytes -= left + Limits.overhead
      waiting.removeFirst()
      started = 0
    } else {
      waitingBytes -= line.range.count
      started = upper
    }
    return true
  }

  private func codePointBoundary(_ bytes: [UInt8], atMost limit: Int) -> Int {
    var at = limit
    while bytes[at] & 0xc0 == 0x80 { at -= 1 }
    return at
  }

  func appendLines(of frame: Frame, to out: inout [UInt8]) {
    for number in frame.first..<frame.first + frame.count {
      let line = lines[number - base]
      out.append(UInt8(ascii: "\n"))
      if line.range.count == line.bytes.count {
        out.append(contentsOf: line.bytes)
      } else {
        out.append(contentsOf: line.bytes[line.range])
      }
    }
  }

  /// Forgets every line up to `number`.
  /// - Returns: false for a number that was never sent.
  mutating func acknowledge(_ number: Int, at now: ContinuousClock.Instant) -> Bool {
    guard number < end else { return false }
    var freed = 0
    while base <= number {
      let size = lines[0].size
      lines.removeFirst()
      lineBytes -= size + Limits.overhead
      if base < cursor {
        inFlight -= size
        freed += size
      } else {
        cursor += 1
      }
      base += 1
    }
    if freed > 0 { window.acknowledged(freed, at: now) }
    return true
  }

  /// Sends everything after `number` again, after a new connection or a gap.
  /// - Returns: false for a number that was acknowledged before or never sent.
  mutating func rewind(to number: Int, at now: ContinuousClock.Instant) -> Bool {
    guard number >= acknowledged, acknowledge(number, at: now) else { return false }
    cursor = base
    inFlight = 0
    return true
  }
}
