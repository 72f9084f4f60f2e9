/// Takes secrets out of text: those it was told, and what looks like one.
struct Redaction: Sendable {
  static let mark = "•••"
  private var secrets: [String] = []

  mutating func hide(_ secret: String) {
    guard secret.count >= 8, !secrets.contains(secret) else { return }
    secrets.append(secret)
    // A secret that holds another one is taken out first, or its rest would stay.
    secrets.sort { $0.count > $1.count }
  }

  func redact(_ text: String) -> String {
    var text = text
    for secret in secrets where text.contains(secret) { text.replace(secret, with: Self.mark) }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if let (kept, end) = Self.secret(in: bytes, at: at) {
        result += bytes[at..<at + kept] + Array(Self.mark.utf8)
        at = end
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// What a secret begins with, and how many more characters of a token it needs to be one.
  private static let beginnings: [(text: [UInt8], isPartOfSecret: Bool, least: Int)] = [
    // The value of an Authorization header.
    (Array("Bearer ".utf8), false, 1), (Array("bearer ".utf8), false, 1),
    // A JSON Web Token.
    (Array("eyJ".utf8), true, 16),
    // A key of the model's API.
    (Array("sk-".utf8), true, 16),
  ]

  /// The secret at a position: how many of its bytes may be shown, and where it ends.
  private static func secret(in bytes: [UInt8], at start: Int) -> (kept: Int, end: Int)? {
    // Claim, invite and device links carry their secret in the URL's fragment.
    if bytes[start] == UInt8(ascii: "#"), isInsideURL(bytes, start) {
      let end = endOfToken(bytes, from: start + 1, isURL: true)
      return end > start + 1 ? (1, end) : nil
    }
    guard start == 0 || !isTokenByte(bytes[start - 1]) else { return nil }
    for (text, isPartOfSecret, least) in beginnings where bytes[start...].starts(with: text) {
      let end = endOfToken(bytes, from: start + text.count, isURL: false)
      if end - start - text.count >= least { return (isPartOfSecret ? 0 : text.count, end) }
    }
    return nil
  }

  private static func endOfToken(_ bytes: [UInt8], from start: Int, isURL: Bool) -> Int {
    bytes[start...].firstIndex { isURL ? !isURLByte($0) : !isTokenByte($0) } ?? bytes.count
  }

  private static func isInsideURL(_ bytes: [UInt8], _ at: Int) -> Bool {
    let start = bytes[..<at].lastIndex { !isURLByte($0) }.map { $0 + 1 } ?? 0
    let text = bytes[start..<at]
    return text.starts(with: "http://".utf8) || text.starts(with: "https://".utf8)
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_.~+/=".utf8.contains(byte)
    }
  }

  private static func isURLByte(_ byte: UInt8) -> Bool { isTokenByte(byte) || ":?&%@!*,;#$[]".utf8.contains(byte) }
}
