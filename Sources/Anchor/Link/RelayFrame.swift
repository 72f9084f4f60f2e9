/// The header of a frame from the relay, and where its payload begins.
struct RelayFrame: Equatable {
  var type = ""
  var from = ""
  var role = ""
  var signin = ""
  var to = ""
  var code = ""
  /// The owner's or user's name; nil where `user` is null or missing.
  var userName: String?
  var all = false
  var payload = 0
}

extension RelayFrame {
  /// Reads a frame; nil if its first line is no JSON object with a type.
  init?(_ frame: borrowing Span<UInt8>) {
    var lineEnd = 0
    while lineEnd < frame.count, frame[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
    let line = frame.extracting(0..<lineEnd)
    guard JSONText.isValid(line) else { return nil }
    var read = RelayFrame(payload: min(lineEnd + 1, frame.count))
    JSONText.forEachMember(of: line, from: 0) { key, value in
      switch JSONText.decode(line, key) {
      case "type": read.type = JSONText.text(line, value) ?? ""
      case "from": read.from = JSONText.text(line, value) ?? ""
      case "role": read.role = JSONText.text(line, value) ?? ""
      case "signin": read.signin = JSONText.text(line, value) ?? ""
      case "to": read.to = JSONText.text(line, value) ?? ""
      case "code": read.code = JSONText.text(line, value) ?? ""
      case "all": read.all = JSONText.isTrue(line, value)
      case "user": read.userName = Self.name(line, value)
      default: break
      }
    }
    guard !read.type.isEmpty else { return nil }
    self = read
  }

  private static func name(_ line: borrowing Span<UInt8>, _ user: Range<Int>) -> String? {
    var name: String?
    JSONText.forEachMember(of: line, from: user.lowerBound) { key, value in
      if JSONText.string(line, key, is: "name") { name = JSONText.text(line, value) }
    }
    return name
  }
}
