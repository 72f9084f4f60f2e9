/// The id of a JSON-RPC request as codex has them: a number of 64 bits or a string.
enum RequestID: Hashable, Sendable {
  case number(Int64)
  case string(String)

  /// Reads the value at `range`; nil for null, fractions and anything else that is no id.
  init?(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) {
    guard !range.isEmpty else { return nil }
    if bytes[range.lowerBound] == JSONText.quote {
      self = .string(JSONText.decode(bytes, range.lowerBound + 1..<range.upperBound - 1))
      return
    }
    guard let number = JSONText.integer(bytes, range) else { return nil }
    self = .number(number)
  }

  /// Its JSON.
  var json: String {
    switch self {
    case .number(let number): String(number)
    case .string(let text): JSONOutput.quoted(text)
    }
  }
}

/// What decides where a JSON-RPC message goes, found in one walk over its top level. Ranges are byte offsets in the
/// message; values keep their quotes.
struct MessageHead: Sendable, Equatable {
  enum Kind: Sendable { case request, notification, response }

  var kind: Kind
  /// Escapes resolved; empty for a response.
  var method: String
  var id: RequestID?
  var params: Range<Int>?
  /// The digits of codex's `emittedAtMs`, a member beside `method`.
  var emittedAt: Range<Int>?

  /// Why a message has no head.
  struct Unclassifiable: Error, Equatable {
    /// The id for the error answer, where there is exactly one.
    var id: RequestID?
  }

  /// Reads a message of codex's, which is trusted to be JSON; nil if it is no JSON-RPC message.
  init?(codex bytes: borrowing Span<UInt8>) {
    var members = Members()
    guard JSONText.forEachMember(of: bytes, from: 0, { members.take(bytes, $0, $1) }) != nil,
      let head = members.head(bytes)
    else { return nil }
    self = head
  }

  /// Reads a message from outside. A key given twice makes it unclassifiable, as parsers differ in which one they take.
  init(remote bytes: borrowing Span<UInt8>) throws(Unclassifiable) {
    guard JSONText.isValid(bytes) else { throw Unclassifiable(id: nil) }
    var members = Members()
    var keys = KeySet()
    JSONText.forEachMember(of: bytes, from: 0) { key, value in
      keys.insert(JSONText.decode(bytes, key))
      members.take(bytes, key, value)
    }
    let id = members.id.flatMap { RequestID(bytes, $0) }
    guard !keys.hasDuplicate else { throw Unclassifiable(id: nil) }
    guard let head = members.head(bytes) else { throw Unclassifiable(id: id) }
    self = head
  }

  private init(kind: Kind, method: String, id: RequestID?, members: Members) {
    self.kind = kind
    self.method = method
    self.id = id
    params = members.params
    emittedAt = members.emittedAt
  }

  private struct Members {
    var method: Range<Int>?
    var id: Range<Int>?
    var params: Range<Int>?
    var emittedAt: Range<Int>?
    var hasOutcome = false

    mutating func take(_ bytes: borrowing Span<UInt8>, _ key: Range<Int>, _ value: Range<Int>) {
      if JSONText.string(bytes, key, is: "method") {
        method = value
      } else if JSONText.string(bytes, key, is: "id") {
        id = value
      } else if JSONText.string(bytes, key, is: "params") {
        params = value
      } else if JSONText.string(bytes, key, is: "emittedAtMs") {
        emittedAt = value
      } else if JSONText.string(bytes, key, is: "result") || JSONText.string(bytes, key, is: "error") {
        hasOutcome = true
      }
    }

    func head(_ bytes: borrowing Span<UInt8>) -> MessageHead? {
      let number = id.flatMap { RequestID(bytes, $0) }
      // An id that is none must not turn a request into a notification.
      if id != nil, number == nil { return nil }
      if let method {
        guard bytes[method.lowerBound] == JSONText.quote else { return nil }
        let name = JSONText.decode(bytes, method.lowerBound + 1..<method.upperBound - 1)
        return MessageHead(kind: number == nil ? .notification : .request, method: name, id: number, members: self)
      }
      guard number != nil, hasOutcome else { return nil }
      return MessageHead(kind: .response, method: "", id: number, members: self)
    }
  }

  /// The keys of one object. A message has a handful; one with more than 64 counts as having one twice.
  private struct KeySet {
    private var keys: Set<String> = []
    private(set) var hasDuplicate = false

    mutating func insert(_ key: String) {
      guard !hasDuplicate else { return }
      hasDuplicate = keys.count == 64 || !keys.insert(key).inserted
    }
  }
}
