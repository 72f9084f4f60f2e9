/// What a message from app-server is to a session's outbox.
enum MessageClass: Equatable, Sendable {
  /// Keeps its place and is never dropped.
  case plain
  /// A server request or the news that one is resolved: may overtake deltas that were not sent yet.
  case urgent
  /// A piece of an item's text, which the item's completion carries whole.
  case delta(Delta)
  /// The end of the item with this hash: unsent deltas of it are superseded.
  case completed(item: Int)

  struct Delta: Equatable, Sendable {
    /// The inside of the text's string, escapes as they are.
    var text: Range<Int>
    /// The digits of `emittedAtMs`.
    var emittedAt: Range<Int>?
    /// Hash of thread, turn and item, keyed anew in each process.
    var item: Int
  }

  init(_ bytes: borrowing Span<UInt8>, _ head: MessageHead, _ params: ParamRanges) {
    self = .plain
    switch head.kind {
    case .request: self = .urgent
    case .response: break
    case .notification where head.method == "serverRequest/resolved": self = .urgent
    case .notification where head.method == "item/completed":
      guard let item = params.item, let id = Self.id(bytes, item) else { break }
      if let hash = Self.hash(bytes, params.thread, params.turn, id) { self = .completed(item: hash) }
    case .notification where Self.isDelta(head.method):
      guard let delta = params.delta, bytes[delta.lowerBound] == JSONText.quote,
        let hash = Self.hash(bytes, params.thread, params.turn, params.itemID)
      else { break }
      self = .delta(Delta(text: delta.lowerBound + 1..<delta.upperBound - 1, emittedAt: head.emittedAt, item: hash))
    case .notification: break
    }
  }

  /// Whether a method carries text that the item's completion repeats: `item/agentMessage/delta`,
  /// `item/commandExecution/outputDelta` and whatever later codex names in the same way.
  static func isDelta(_ method: String) -> Bool {
    method.hasPrefix("item/") && (method.hasSuffix("/delta") || method.hasSuffix("Delta"))
  }

  /// The `id` of an item's object.
  static func id(_ bytes: borrowing Span<UInt8>, _ item: Range<Int>) -> Range<Int>? {
    var id: Range<Int>?
    JSONText.forEachMember(of: bytes, from: item.lowerBound) { key, value in
      if id == nil, JSONText.string(bytes, key, is: "id") { id = value }
    }
    return id
  }

  private static func hash(
    _ bytes: borrowing Span<UInt8>, _ thread: Range<Int>?, _ turn: Range<Int>?, _ item: Range<Int>?
  ) -> Int? {
    guard let thread, let turn, let item else { return nil }
    var hasher = Hasher()
    for range in [thread, turn, item] {
      bytes.extracting(range).withUnsafeBytes { hasher.combine(bytes: $0) }
      hasher.combine(range.count)
    }
    return hasher.finalize()
  }
}
