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

  /// Reads a frame; nil if its first line is no JSON object with a type.
  init?(_ frame: borrowing Span<UInt8>) {
    var lineEnd = 0
    while lineEnd < frame.count, frame[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
    let line = frame.extracting(0..<lineEnd)
    guard JSONText.isValid(line) else { return nil }
    var fields = Fields()
    JSONText.forEachMember(of: line, from: 0) { key, value in
      switch JSONText.decode(line, key) {
      case "type": fields.type = JSONText.text(line, value) ?? ""
      case "from": fields.from = JSONText.text(line, value) ?? ""
      case "role": fields.role = JSONText.text(line, value) ?? ""
      case "signin": fields.signin = JSONText.text(line, value) ?? ""
      case "to": fields.to = JSONText.text(line, value) ?? ""
      case "code": fields.code = JSONText.text(line, value) ?? ""
      case "all": fields.all = JSONText.isTrue(line, value)
      case "user": fields.userName = Self.name(line, value)
      default: break
      }
    }
    guard !fields.type.isEmpty else { return nil }
    type = fields.type
    from = fields.from
    role = fields.role
    signin = fields.signin
    to = fields.to
    code = fields.code
    userName = fields.userName
    all = fields.all
    payload = min(lineEnd + 1, frame.count)
  }

  private struct Fields {
    var type = "", from = "", role = "", signin = "", to = "", code = ""
    var userName: String?
    var all = false
  }

  private static func name(_ line: borrowing Span<UInt8>, _ user: Range<Int>) -> String? {
    var name: String?
    JSONText.forEachMember(of: line, from: user.lowerBound) { key, value in
      if JSONText.string(line, key, is: "name") { name = JSONText.text(line, value) }
    }
    return name
  }
}
