import FoundationEssentials

/// The page's end of a session as docs/protocol.md has it, written apart from the anchor's.
struct PageModel {
  let session: String
  private(set) var received = 0
  private(set) var messages: [String] = []
  private var partial: String?
  private var isGapTold = false

  private var lines: [(text: String, more: Bool)] = []
  private var acknowledged = 0
  /// The number of the line that is sent next.
  private var next = 1

  init(session: String) { self.session = session }

  private struct Header: Decodable {
    var type: String
    var session: String
    var seq: Int?
    var ack: Int?
    var gap: Bool?
    var more: Bool?
    var n: Int?
    var received: Int?
    var resumed: Bool?
  }

  enum Failure: Error {
    case skipped(Int)
    case badFrame(String)
    case tooLong(Int)
  }

  /// Adds a message, cut into parts of at most `limit` characters.
  mutating func send(_ message: String, limit: Int = 1000) {
    var rest = message[...]
    while rest.count > limit {
      lines.append((String(rest.prefix(limit)), true))
      rest = rest.dropFirst(limit)
    }
    lines.append((String(rest), false))
  }

  /// Frames of at most `count` lines with all that was not sent yet.
  mutating func flush(linesPerFrame count: Int) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    while next <= lines.count {
      var text: [String] = []
      let first = next
      var more = false
      while next <= lines.count, text.count < count, !more {
        text.append(lines[next - 1].text)
        more = lines[next - 1].more
        next += 1
      }
      let head =
        #"{"type":"message","session":"\#(session)","seq":\#(first),"ack":\#(received)\#(more ? #","more":true"# : "")}"#
      frames.append(Array(([head] + text).joined(separator: "\n").utf8))
    }
    return frames
  }

  /// Takes a frame of the anchor's and answers it.
  mutating func take(_ frame: [UInt8]) throws -> [[UInt8]] {
    guard frame.count <= 61_440 else { throw Failure.tooLong(frame.count) }
    let rows = String(decoding: frame, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard rows.count >= 2, let header = try? JSONDecoder().decode(Header.self, from: Data(rows[1].utf8)),
      header.session == session
    else { throw Failure.badFrame(String(decoding: frame, as: UTF8.self)) }
    if let ack = header.ack {
      acknowledged = max(acknowledged, ack)
      if header.gap == true { next = ack + 1 }
    }
    switch header.type {
    case "message":
      for (offset, line) in rows[2...].enumerated() {
        let number = (header.seq ?? 0) + offset
        if number <= received { continue }
        guard number == received + 1 else { return gap() }
        received = number
        isGapTold = false
        let text = (partial ?? "") + line
        if header.more == true, offset == rows.count - 3 {
          partial = text
        } else {
          partial = nil
          messages.append(text)
        }
      }
      return []
    case "ack", "pong":
      // Should the question be lost, the next ping brings it up again.
      if header.type == "pong" { isGapTold = false }
      return (header.seq ?? 0) > received ? gap() : []
    default: throw Failure.badFrame(header.type)
    }
  }

  private mutating func gap() -> [[UInt8]] {
    if isGapTold { return [] }
    isGapTold = true
    return [control("ack", #","gap":true"#)]
  }

  func acknowledge() -> [UInt8] { control("ack", "") }
  func ping() -> [UInt8] { control("ping", #","n":7"#) }

  private func control(_ type: String, _ more: String) -> [UInt8] {
    Array(#"{"type":"\#(type)","session":"\#(session)","ack":\#(received),"seq":\#(next - 1)\#(more)}"#.utf8)
  }

  /// After `opened` with `received`.
  mutating func resumed(received: Int) {
    next = received + 1
    isGapTold = false
  }

  var isAllAcknowledged: Bool { acknowledged == lines.count && next == lines.count + 1 }
}
