/// Reads the server's half of the opening handshake, however its bytes are cut (RFC 6455, 4.1). Pure: no I/O.
public struct UpgradeReader: Sendable {
  public enum Outcome: Sendable, Equatable {
    /// The answer is not whole yet.
    case more
    /// The connection is a WebSocket; `rest` are bytes of its first frames.
    case open(ResponseHead, rest: [UInt8])
    /// An ordinary HTTP response, its body decoded and cut at ``UpgradeReader/maxBody``.
    case refused(ResponseHead, body: [UInt8])
    /// No valid answer, in a few words.
    case invalid(String)
  }

  /// The longest head taken, in bytes.
  public static let maxHead = 32 << 10
  /// How much of a refusal's body is kept, in bytes.
  public static let maxBody = 64 << 10

  private let accept: String
  private var buffer: [UInt8] = []
  private var refusal: (head: ResponseHead, body: ResponseBody)?

  /// - Parameter key: the request's Sec-WebSocket-Key.
  public init(key: String) {
    accept = UpgradeRequest.accept(forKey: key)
  }

  /// Takes bytes; anything but `.more` is final.
  public mutating func read(_ bytes: borrowing Span<UInt8>) -> Outcome {
    let seen = buffer.count
    append(bytes, to: &buffer)
    if refusal != nil { return readBody() }
    // An interim response (1xx) stands before the real one.
    var from = max(0, seen - 3)
    while let end = headEnd(from) {
      guard let head = ResponseHead(buffer[..<end]) else { return .invalid("the answer is not HTTP") }
      buffer.removeFirst(end + 4)
      from = 0
      if head.status == 101 { return opening(head) }
      if head.status >= 200 {
        refusal = (head, ResponseBody(head, limit: Self.maxBody))
        return readBody()
      }
    }
    return buffer.count > Self.maxHead ? .invalid("the answer's head is too long") : .more
  }

  /// The connection ended, or time is up: a refusal counts with as much of its body as came.
  public mutating func end() -> Outcome {
    guard let refusal else { return .invalid("the connection was closed before the upgrade was answered") }
    return .refused(refusal.head, body: refusal.body.bytes)
  }

  private func opening(_ head: ResponseHead) -> Outcome {
    guard head.tokens("upgrade").contains("websocket"), head.tokens("connection").contains("upgrade") else {
      return .invalid("101 without Upgrade: websocket")
    }
    guard head["sec-websocket-accept"] == accept else { return .invalid("wrong Sec-WebSocket-Accept") }
    guard head["sec-websocket-extensions"] == nil else { return .invalid("an extension that was not asked for") }
    guard head["sec-websocket-protocol"] == nil else { return .invalid("a subprotocol that was not asked for") }
    return .open(head, rest: buffer)
  }

  private mutating func readBody() -> Outcome {
    refusal?.body.take(buffer[...])
    buffer.removeAll(keepingCapacity: true)
    guard let refusal, refusal.body.isComplete else { return .more }
    return .refused(refusal.head, body: refusal.body.bytes)
  }

  private func headEnd(_ from: Int) -> Int? {
    var i = from
    while i + 3 < buffer.count {
      if buffer[i] == 13, buffer[i + 1] == 10, buffer[i + 2] == 13, buffer[i + 3] == 10 { return i }
      i += 1
    }
    return nil
  }
}
