/// The lines of one page, in order and each once.
struct Inbox {
  /// The highest number up to which every line is here.
  private(set) var received = 0
  /// The parts so far of a message that goes on.
  private var partial: [UInt8] = []
  private var isPartial = false
  /// Lines are missing, and the page was told so.
  private(set) var hasGap = false

  enum Outcome: Equatable {
    case fine
    /// Lines are missing after `received`: ask for them, once.
    case gap
    /// A message grew past its bound.
    case tooLarge
  }

  /// Takes the lines in `frame` from `start` on, the first of which has the number `first`.
  /// - Parameter deliver: gets each message that became whole.
  mutating func receive(
    _ frame: borrowing Span<UInt8>, from start: Int, first: Int, more: Bool, deliver: ([UInt8]) -> Void
  ) -> Outcome {
    var number = first
    var at = start
    while at < frame.count {
      var end = at
      while end < frame.count, frame[end] != UInt8(ascii: "\n") { end += 1 }
      defer {
        // The highest number there is can be the page's first.
        number &+= 1
        at = end + 1
      }
      if number <= received { continue }
      guard number == received + 1 else { return noticeGap() }
      received = number
      hasGap = false
      let goesOn = more && end == frame.count
      if !isPartial, !goesOn {
        deliver(frame.extracting(at..<end).withUnsafeBufferPointer { Array($0) })
        continue
      }
      guard partial.count + end - at <= Limits.message else { return .tooLarge }
      frame.extracting(at..<end).withUnsafeBufferPointer { partial.append(contentsOf: $0) }
      isPartial = goesOn
      if !goesOn {
        let whole = partial
        partial = []
        deliver(whole)
      }
    }
    return .fine
  }

  /// The page says that it has sent up to this number.
  mutating func sent(_ highest: Int) -> Outcome { highest > received ? noticeGap() : .fine }

  private mutating func noticeGap() -> Outcome {
    if hasGap { return .fine }
    hasGap = true
    return .gap
  }

  /// A new connection: what the page sends again may have a gap of its own.
  mutating func reconnected() { hasGap = false }
}
