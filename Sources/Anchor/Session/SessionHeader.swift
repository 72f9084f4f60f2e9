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

  /// Reads the header line at `start`; nil unless it is one from a page.
  init?(_ frame: borrowing Span<UInt8>, from start: Int) {
    var lineEnd = start
    while lineEnd < frame.count, frame[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
    guard lineEnd - start <= Limits.headers else { return nil }
    let line = frame.extracting(start..<lineEnd)
    guard JSONText.isValid(line) else { return nil }
    var type = ""
    var id = ""
    var numbers = true
    var fields = Fields()
    JSONText.forEachMember(of: line, from: 0) { key, value in
      func number() -> Int? {
        guard let number = JSONText.integer(line, value), number >= 0 else {
          numbers = false
          return nil
        }
        return Int(number)
      }
      switch JSONText.decode(line, key) {
      case "type": type = JSONText.text(line, value) ?? ""
      case "session": id = JSONText.text(line, value) ?? ""
      case "protocol": fields.version = number() ?? 0
      case "resume": fields.resume = JSONText.isTrue(line, value)
      case "received": fields.received = number() ?? 0
      case "seq": fields.seq = number()
      case "ack": fields.ack = number()
      case "gap": fields.gap = JSONText.isTrue(line, value)
      case "more": fields.more = JSONText.isTrue(line, value)
      case "n": fields.n = number() ?? 0
      default: break
      }
    }
    guard numbers, let kind = Kind(rawValue: type), Self.isSessionID(id) else { return nil }
    self.kind = kind
    session = id
    version = fields.version
    resume = fields.resume
    received = fields.received
    seq = fields.seq
    ack = fields.ack
    gap = fields.gap
    more = fields.more
    n = Int64(fields.n)
    body = min(lineEnd + 1, frame.count)
  }

  private struct Fields {
    var version = 0
    var resume = false
    var received = 0
    var seq: Int?
    var ack: Int?
    var gap = false
    var more = false
    var n = 0
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
