/// The header line of a session layer payload.
struct SessionHeader: Equatable {
  enum Kind: String { case open, opened, message, ack, ping, pong, close }

  var kind: Kind
  var session: String
  var version = 0
  var resume = false
  var received = 0
  var seq: Int?
  var ack: Int?
  var gap = false
  var more = false
  /// The `n` of a ping: digits, echoed as they came.
  var n: Int64 = 0
  /// Where the lines begin in the frame.
  var body = 0
}

extension SessionHeader {
  /// Reads the header line at `start`; nil unless it is one from a page.
  init?(_ frame: borrowing Span<UInt8>, from start: Int) {
    var lineEnd = start
    while lineEnd < frame.count, frame[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
    guard lineEnd - start <= Limits.headers else { return nil }
    let line = frame.extracting(start..<lineEnd)
    guard JSONText.isValid(line) else { return nil }
    var kind: Kind?
    var numbers = true
    var read = SessionHeader(kind: .open, session: "", body: min(lineEnd + 1, frame.count))
    JSONText.forEachMember(of: line, from: 0) { key, value in
      func number() -> Int? {
        guard let number = JSONText.integer(line, value), number >= 0 else {
          numbers = false
          return nil
        }
        return Int(number)
      }
      switch JSONText.decode(line, key) {
      case "type": kind = JSONText.text(line, value).flatMap { Kind(rawValue: $0) }
      case "session": read.session = JSONText.text(line, value) ?? ""
      case "protocol": read.version = number() ?? 0
      case "resume": read.resume = JSONText.isTrue(line, value)
      case "received": read.received = number() ?? 0
      case "seq": read.seq = number()
      case "ack": read.ack = number()
      case "gap": read.gap = JSONText.isTrue(line, value)
      case "more": read.more = JSONText.isTrue(line, value)
      case "n": read.n = Int64(number() ?? 0)
      default: break
      }
    }
    guard numbers, let kind, Self.isSessionID(read.session) else { return nil }
    read.kind = kind
    self = read
  }

  /// 22 characters of base64url: 128 random bits.
  static func isSessionID(_ text: String) -> Bool {
    text.utf8.count == 22
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}
