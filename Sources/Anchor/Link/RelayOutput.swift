/// The frames that an anchor sends: header line, newline, payload (docs/protocol.md, section 3).
enum RelayOutput {
  /// What a `data` frame to a browser begins with, the newline included.
  static func dataHeader(to connection: String) -> [UInt8] {
    var out: [UInt8] = []
    JSONOutput.append(#"{"type":"data","to":"#, to: &out)
    JSONOutput.appendQuoted(connection, to: &out)
    JSONOutput.append("}\n", to: &out)
    return out
  }

  /// An `open` that was refused.
  static func reset(_ session: String, _ end: SessionEnd, to connection: String) -> [UInt8] {
    dataHeader(to: connection)
      + Array(#"{"type":"opened","session":\#(JSONOutput.quoted(session)),"reset":"\#(end.rawValue)"}"#.utf8)
  }

  static func close(_ session: String, _ end: SessionEnd, to connection: String) -> [UInt8] {
    let message = JSONOutput.quoted(end.message)
    return dataHeader(to: connection)
      + Array(
        #"{"type":"close","session":\#(JSONOutput.quoted(session)),"reason":"\#(end.rawValue)","message":\#(message)}"#
          .utf8)
  }
}
