/// One page's session as a value: what came, what is to be sent, what is acknowledged. It does no I/O and has no clock;
/// the hub gives it frames and times, and sends what `flush` hands out.
struct Session {
  let id: String
  let signin: String
  private(set) var outbox = Outbox()
  private var inbox = Inbox()
  /// The page's browser connection; nil while none is known to be there.
  private(set) var connection: String?
  /// When the page was last heard.
  private(set) var lastHeard: ContinuousClock.Instant
  /// What every frame to the page begins with.
  private var prefix: [UInt8] = []

  /// Lines up to here were written to app-server.
  private var written = 0
  private var acknowledgementSent = 0
  /// An acknowledgement leaves even if nothing new is acknowledged.
  private var mustAcknowledge = false
  private var asksForMissing = false
  private var pong: Int64?
  private var gatherUntil: ContinuousClock.Instant?

  init(id: String, signin: String, connection: String, at now: ContinuousClock.Instant) {
    self.id = id
    self.signin = signin
    lastHeard = now
    attach(connection)
  }

  /// The highest line that is here, for `opened`.
  var received: Int { written }
  var isAttached: Bool { connection != nil }

  // MARK: The page's connection

  private mutating func attach(_ connection: String) {
    self.connection = connection
    prefix = RelayOutput.dataHeader(to: connection)
  }

  /// The page's connection is gone, or the relay is: everything waits for `resume`.
  mutating func detach() {
    connection = nil
    gatherUntil = nil
  }

  /// Goes on over a connection, from the lines the page has.
  /// - Returns: false if those numbers cannot be: the page lost its state.
  mutating func resume(_ connection: String, received: Int, at now: ContinuousClock.Instant) -> Bool {
    guard outbox.rewind(to: received, at: now) else { return false }
    attach(connection)
    inbox.reconnected()
    lastHeard = now
    pong = nil
    gatherUntil = nil
    // `opened` says what was received.
    acknowledgementSent = written
    mustAcknowledge = false
    asksForMissing = false
    return true
  }

  // MARK: What comes

  /// Takes a frame of the page's.
  /// - Parameter deliver: gets each message that became whole, in order and once.
  /// - Returns: why the session is over, if it is.
  mutating func receive(
    _ header: SessionHeader, _ frame: borrowing Span<UInt8>, at now: ContinuousClock.Instant,
    deliver: ([UInt8]) -> Void
  ) -> SessionEnd? {
    lastHeard = now
    if let ack = header.ack {
      let isFine = header.gap ? outbox.rewind(to: ack, at: now) : outbox.acknowledge(ack, at: now)
      // What was acknowledged before may come late in a frame that was on its way; a gap before it cannot be closed.
      guard isFine else { return .unknown }
    }
    let outcome: Inbox.Outcome
    switch header.kind {
    case .message:
      guard let first = header.seq, first > 0 else { return .unknown }
      outcome = inbox.receive(frame, from: header.body, first: first, more: header.more, deliver: deliver)
      // What came a second time was not seen to be acknowledged.
      if first <= acknowledgementSent { mustAcknowledge = true }
    case .ack, .ping, .pong:
      if header.kind == .ping {
        pong = header.n
        // Should the question for missing lines be lost itself, the next ping asks again.
        inbox.reconnected()
      }
      outcome = inbox.sent(header.seq ?? 0)
    case .close: return .closed
    case .open, .opened: return .unknown
    }
    switch outcome {
    case .fine: return nil
    case .gap:
      asksForMissing = true
      return nil
    case .tooLarge: return .overflow
    }
  }

  /// All that was received so far is written to app-server (or was answered here).
  mutating func wrote() { written = inbox.received }

  // MARK: What goes

  /// Adds a message to the page.
  /// - Returns: false when the backlog is at its bound: the session is to end with `overflow`.
  mutating func append(_ message: [UInt8], _ kind: MessageClass) -> Bool { outbox.append(message, kind) }

  /// Hands out the frames that may leave now.
  /// - Parameters:
  ///   - scratch: memory for one frame, used again for each.
  ///   - send: gets each frame, whole.
  /// - Returns: when to call again even if nothing happens until then.
  mutating func flush(
    at now: ContinuousClock.Instant, scratch: inout [UInt8], send: ([UInt8]) -> Void
  ) -> ContinuousClock.Instant? {
    guard isAttached else { return nil }
    var wake: ContinuousClock.Instant?
    while outbox.hasUnsent {
      if outbox.inFlight > Limits.gatherAbove, !outbox.hasFullFrame {
        let until = gatherUntil ?? now + Limits.gatherFor
        gatherUntil = until
        if now < until {
          wake = until
          break
        }
      }
      gatherUntil = nil
      guard let frame = outbox.takeFrame(at: now) else { break }
      begin("message", &scratch)
      number(#","seq":"#, frame.first, &scratch)
      number(#","ack":"#, written, &scratch)
      if frame.more { JSONOutput.append(#","more":true"#, to: &scratch) }
      scratch.append(UInt8(ascii: "}"))
      outbox.appendLines(of: frame, to: &scratch)
      send(scratch)
      acknowledgementSent = written
      mustAcknowledge = false
    }
    if let n = pong {
      begin("pong", &scratch)
      number(#","n":"#, n, &scratch)
      endControl(&scratch)
      send(scratch)
      pong = nil
    }
    // Asking again for what is missing is a frame of its own: `gap` belongs to `ack`.
    if asksForMissing || mustAcknowledge || acknowledgementSent < written {
      begin("ack", &scratch)
      if asksForMissing { JSONOutput.append(#","gap":true"#, to: &scratch) }
      endControl(&scratch)
      send(scratch)
      asksForMissing = false
    }
    return wake
  }

  /// The answer to an `open` that was accepted.
  func opened(incarnation: String, resumed: Bool) -> [UInt8] {
    var out = prefix
    JSONOutput.append(#"{"type":"opened","session":"#, to: &out)
    JSONOutput.appendQuoted(id, to: &out)
    JSONOutput.append(#","incarnation":"#, to: &out)
    JSONOutput.appendQuoted(incarnation, to: &out)
    JSONOutput.append(resumed ? #","resumed":true,"received":"# : #","resumed":false,"received":"#, to: &out)
    JSONOutput.append(written, to: &out)
    out.append(UInt8(ascii: "}"))
    return out
  }

  private func begin(_ type: StaticString, _ out: inout [UInt8]) {
    out.removeAll(keepingCapacity: true)
    out.append(contentsOf: prefix)
    JSONOutput.append(#"{"type":""#, to: &out)
    JSONOutput.append(type, to: &out)
    JSONOutput.append(#"","session":""#, to: &out)
    out.append(contentsOf: id.utf8)
    out.append(JSONText.quote)
  }

  private func number(_ name: StaticString, _ value: some BinaryInteger, _ out: inout [UInt8]) {
    JSONOutput.append(name, to: &out)
    JSONOutput.append(value, to: &out)
  }

  /// What `ack` and `pong` end with; both acknowledge.
  private mutating func endControl(_ out: inout [UInt8]) {
    // Numbers, not bytes, are asked for again: what is missing begins after what is here, written or not.
    number(#","ack":"#, written, &out)
    number(#","seq":"#, outbox.highest, &out)
    out.append(UInt8(ascii: "}"))
    acknowledgementSent = written
    mustAcknowledge = false
  }
}
