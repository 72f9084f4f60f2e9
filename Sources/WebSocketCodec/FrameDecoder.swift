/// Turns the server's bytes into events, however they are cut (RFC 6455, 5). Pure: no I/O.
public struct FrameDecoder: Sendable {
  /// The longest message taken, in bytes, all its fragments together.
  public let maxMessage: Int

  private enum State { case head, length, payload }
  private var state = State.head
  /// The first two bytes of the frame.
  private var head: (UInt8, UInt8) = (0, 0)
  /// Bytes of the head, or of the extended length, that are here.
  private var have = 0
  private var length: UInt64 = 0
  private var isFinal = false
  private var opcode = Opcode.continuation
  /// Payload bytes of this frame still to come.
  private var remaining = 0
  /// The kind of the message that is being put together.
  private var messageKind: Opcode?
  private var message: [UInt8] = []
  private var control: [UInt8] = []
  private var isClosed = false

  public init(maxMessage: Int) {
    self.maxMessage = maxMessage
  }

  /// The next event in `input` from `offset` on, or nil once all of it is consumed.
  ///
  /// After a violation or a close event the decoder takes no more bytes: it throws.
  public mutating func next(
    _ input: borrowing Span<UInt8>, _ offset: inout Int
  ) throws(ProtocolViolation) -> WebSocketEvent? {
    while true {
      if state == .head { try takeHead(input, &offset) }
      if state == .length { try takeLength(input, &offset) }
      guard state == .payload else { return nil }
      let count = min(remaining, input.count &- offset)
      if count > 0 {
        let part = input.extracting(offset..<(offset &+ count))
        if opcode.isControl { append(part, to: &control) } else { append(part, to: &message) }
        offset &+= count
        remaining &-= count
      }
      guard remaining == 0 else { return nil }
      state = .head
      have = 0
      if let event = try endFrame() { return event }
    }
  }

  private mutating func takeHead(_ input: borrowing Span<UInt8>, _ offset: inout Int) throws(ProtocolViolation) {
    guard offset < input.count else { return }
    guard !isClosed else { throw ProtocolViolation("frame after the close frame") }
    if have == 0 {
      head.0 = input[offset]
      have = 1
      offset &+= 1
    }
    guard offset < input.count else { return }
    head.1 = input[offset]
    have = 0
    offset &+= 1
    try checkHead()
    length = UInt64(head.1 & 127)
    if length >= 126 {
      state = .length
    } else {
      try beginPayload()
    }
  }

  private mutating func takeLength(_ input: borrowing Span<UInt8>, _ offset: inout Int) throws(ProtocolViolation) {
    let isShort = head.1 & 127 == 126
    if have == 0 { length = 0 }
    while have < (isShort ? 2 : 8) {
      guard offset < input.count else { return }
      length = length << 8 | UInt64(input[offset])
      have &+= 1
      offset &+= 1
    }
    guard length >> 63 == 0 else { throw ProtocolViolation("length with its top bit set") }
    guard length > (isShort ? 125 : 65535) else { throw ProtocolViolation("length in more bytes than it needs") }
    try beginPayload()
  }

  private mutating func checkHead() throws(ProtocolViolation) {
    isFinal = head.0 & 0x80 != 0
    guard head.0 & 0x70 == 0 else { throw ProtocolViolation("reserved bits set") }
    guard let code = Opcode(rawValue: head.0 & 15) else { throw ProtocolViolation("unknown opcode") }
    opcode = code
    guard head.1 & 0x80 == 0 else { throw ProtocolViolation("masked frame from a server") }
    if code.isControl {
      guard isFinal else { throw ProtocolViolation("fragmented control frame") }
      guard head.1 <= 125 else { throw ProtocolViolation("control frame of more than 125 bytes") }
    } else if code == .continuation {
      guard messageKind != nil else { throw ProtocolViolation("continuation of nothing") }
    } else {
      guard messageKind == nil else { throw ProtocolViolation("new message inside a message") }
    }
  }

  private mutating func beginPayload() throws(ProtocolViolation) {
    if !opcode.isControl {
      guard length <= UInt64(maxMessage &- message.count) else {
        throw ProtocolViolation("message of more than \(maxMessage) bytes", code: CloseCode.messageTooBig)
      }
      if opcode != .continuation { messageKind = opcode }
      // A length is only a claim: no more than this is reserved before the bytes are here.
      if isFinal { message.reserveCapacity(message.count &+ min(Int(length), 1 << 20)) }
    }
    remaining = Int(length)
    have = 0
    state = .payload
  }

  private mutating func endFrame() throws(ProtocolViolation) -> WebSocketEvent? {
    switch opcode {
    case .continuation, .text, .binary:
      guard isFinal, let kind = messageKind else { return nil }
      messageKind = nil
      let whole = message
      message = []
      guard kind == .text else { return .binary(whole) }
      guard isValidUTF8(whole) else { throw ProtocolViolation("text is not UTF-8", code: CloseCode.invalidData) }
      return .text(whole)
    case .ping, .pong:
      let payload = control
      control = []
      return opcode == .ping ? .ping(payload) : .pong(payload)
    case .close:
      isClosed = true
      return try closeEvent()
    }
  }

  private func closeEvent() throws(ProtocolViolation) -> WebSocketEvent {
    if control.isEmpty { return .close(code: CloseCode.noStatus, reason: "") }
    guard control.count >= 2 else { throw ProtocolViolation("close frame of one byte") }
    let code = UInt16(control[0]) << 8 | UInt16(control[1])
    guard CloseCode.isSendable(code) else { throw ProtocolViolation("close code \(code)") }
    let reason = Array(control[2...])
    guard isValidUTF8(reason) else { throw ProtocolViolation("close reason is not UTF-8", code: CloseCode.invalidData) }
    return .close(code: code, reason: String(decoding: reason, as: UTF8.self))
  }
}
