import WebSocketCodec

extension WebSocket {
  // MARK: Sending

  /// Queues one message; it leaves in the loop's current pass. Ignored unless open.
  ///
  /// - Parameters:
  ///   - isText: the bytes are UTF-8; else the message is binary.
  ///   - isUrgent: the message overtakes those that wait, but for the at most 64 KiB that are being sent.
  public func send(_ bytes: [UInt8], isText: Bool = true, isUrgent: Bool = false) {
    guard state == .open else { return }
    if unsent > options.maxUnsent {
      finish(.overflowed(unsent: unsent))
      return
    }
    queueFrame(isText ? .text : .binary, bytes, isUrgent: isUrgent)
  }

  /// Sends a ping of at most 125 bytes ahead of what waits. Its pong moves `lastReceived`.
  public func ping(_ payload: [UInt8] = []) {
    guard state == .open else { return }
    queueFrame(.ping, Array(payload.prefix(125)), isUrgent: true)
  }

  /// Writes now instead of at the end of the loop's pass: `unsent == 0` then tells that all is written.
  public func flush() {
    guard state == .open || state == .closing else { return }
    writeQueued()
  }

  func queueFrame(_ opcode: Opcode, _ payload: [UInt8], isUrgent: Bool = false) {
    queue.append(opcode, payload.span, key: Reactor.shared.random.next(), isUrgent: isUrgent)
    flushSoon()
  }

  private func flushSoon() {
    if isFlushDue || isBlocked { return }
    isFlushDue = true
    Reactor.shared.flushSoon(self)
  }

  /// The loop: time to write, or the socket takes more.
  func write() {
    isFlushDue = false
    isBlocked = false
    writeQueued()
  }

  var wantsToWrite: Bool { isBlocked }

  private func writeQueued() {
    guard state != .ended, state != .connecting, !isBlocked else { return }
    while true {
      if let payload = pong {
        pong = nil
        queue.append(.pong, payload.span, key: Reactor.shared.random.next(), isUrgent: true)
      }
      guard queue.prepare() else { break }
      switch easy.send(queue.current, from: queue.offset) {
      case .bytes(let count):
        queue.advance(count)
        isWritableDue = true
      case .again:
        isBlocked = true
        return
      case .end:
        ended("the server closed the connection")
        return
      case .failed(let why):
        ended(why)
        return
      }
    }
    // On every drain, whether it was blocked or not: else one that waits for it may wait for ever.
    guard isWritableDue, state == .open else { return }
    isWritableDue = false
    if onWritable != nil { Reactor.shared.tellSoon { [self] in onWritable?() } }
  }

  // MARK: Receiving

  /// Stops reading, so that the server in the end stops sending. What was read already (at most 64 KiB) still comes.
  public func pause() { isPaused = true }

  public func resume() {
    guard isPaused else { return }
    isPaused = false
    readSoon()
  }

  func readSoon() {
    if wantsToRead { Reactor.shared.readSoon(self) }
  }

  var wantsToRead: Bool {
    switch state {
    case .upgrading, .closing: true
    case .open: !isPaused && (onMessage != nil || onEnd != nil)
    case .connecting, .ended: false
    }
  }

  /// The loop: the socket has bytes, or may have some.
  func read() {
    if !early.isEmpty, wantsToRead {
      let bytes = early
      early = []
      decode(bytes.span)
    }
    let buffer = Reactor.shared.buffer
    var rounds = 0
    while wantsToRead {
      switch buffer.fill(from: easy) {
      case .bytes(let count):
        lastReceived = .now
        buffer.withBytes(count) { take($0) }
        rounds += 1
        // On plain TCP a short read means that the socket is empty; TLS may hold more that poll cannot see.
        if !isSecure, count < ReceiveBuffer.size { return }
        if rounds == 16 {
          Reactor.shared.readSoon(self)
          return
        }
      case .again: return
      case .end: ended("it was closed without a close frame")
      case .failed(let why): ended(why)
      }
    }
  }

  private func take(_ bytes: borrowing Span<UInt8>) {
    if state == .upgrading { takeAnswer(bytes) } else { decode(bytes) }
  }

  private func decode(_ bytes: borrowing Span<UInt8>) {
    var offset = 0
    do throws(ProtocolViolation) {
      while state == .open || state == .closing, let event = try decoder.next(bytes, &offset) {
        handle(event)
      }
    } catch {
      sayGoodbye(closePayload(error.code, error.reason))
      finish(.violated(code: error.code, reason: error.reason))
    }
  }

  private func handle(_ event: WebSocketEvent) {
    switch event {
    case .text(let bytes): if state == .open { onMessage?(bytes, true) }
    case .binary(let bytes): if state == .open { onMessage?(bytes, false) }
    case .ping(let payload):
      if state == .open {
        pong = payload
        flushSoon()
      }
    case .pong: break
    case .close(let code, let reason):
      sayGoodbye(closePayload(code))
      finish(.closed(code: code, reason: reason))
    }
  }

  /// The last frame, as far as the socket takes it at once.
  private func sayGoodbye(_ payload: [UInt8]) {
    guard state == .open else { return }
    queueFrame(.close, payload)
    writeQueued()
  }
}
