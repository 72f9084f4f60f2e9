/// Writes JSON straight into the buffer that is sent.
enum JSONOutput {
  static func append(_ text: StaticString, to out: inout [UInt8]) {
    text.withUTF8Buffer { out.append(contentsOf: $0) }
  }

  static func append(_ number: some BinaryInteger, to out: inout [UInt8]) {
    out.append(contentsOf: String(number).utf8)
  }

  static func appendQuoted(_ text: String, to out: inout [UInt8]) {
    out.append(JSONText.quote)
    for byte in text.utf8 {
      switch byte {
      case JSONText.quote, JSONText.backslash:
        out.append(JSONText.backslash)
        out.append(byte)
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        append("\\u00", to: &out)
        out.append(digits[Int(byte >> 4)])
        out.append(digits[Int(byte & 15)])
      default: out.append(byte)
      }
    }
    out.append(JSONText.quote)
  }

  static func quoted(_ text: String) -> String {
    var out: [UInt8] = []
    appendQuoted(text, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  /// A JSON-RPC error answer; without an id where the request's is not known.
  static func error(id: RequestID?, code: Int, message: String) -> [UInt8] {
    Array(#"{"id":\#(id?.json ?? "null"),"error":{"code":\#(code),"message":\#(quoted(message))}}"#.utf8)
  }
}
