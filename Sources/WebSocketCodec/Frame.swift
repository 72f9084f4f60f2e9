/// What a frame carries (RFC 6455, 5.2).
public enum Opcode: UInt8, Sendable {
  case continuation = 0
  case text = 1
  case binary = 2
  case close = 8
  case ping = 9
  case pong = 10

  /// Control frames stand between the fragments of a message and hold at most 125 bytes.
  var isControl: Bool { rawValue >= 8 }
}

/// What came in from the server: a whole message, or a control frame.
public enum WebSocketEvent: Sendable, Equatable {
  /// A text message; its bytes are valid UTF-8.
  case text([UInt8])
  case binary([UInt8])
  case ping([UInt8])
  case pong([UInt8])
  /// The server's close frame, the last event of a connection. 1005 stands for "no code was sent".
  case close(code: UInt16, reason: String)
}

/// The server broke the protocol or a limit: the connection must be failed with this close code.
public struct ProtocolViolation: Error, Equatable, Sendable {
  /// 1002 (protocol), 1007 (invalid UTF-8) or 1009 (message too big).
  public let code: UInt16
  /// A few words, at most 123 bytes, fit for a close frame.
  public let reason: String

  init(_ reason: String, code: UInt16 = CloseCode.protocolError) {
    self.code = code
    self.reason = reason
  }
}

/// Close codes by name (RFC 6455, 7.4.1, and the IANA registry).
public enum CloseCode {
  public static let goingAway: UInt16 = 1001
  public static let protocolError: UInt16 = 1002
  /// Never sent: stands for a close frame without a code.
  public static let noStatus: UInt16 = 1005
  public static let invalidData: UInt16 = 1007
  public static let messageTooBig: UInt16 = 1009

  /// Whether a close frame may carry the code.
  public static func isSendable(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}
