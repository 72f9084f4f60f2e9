import Transport

/// One page: its session, its own connection to app-server, and what app-server asked it.
@IO final class Client {
  /// Tells connections to app-server apart; from 1.
  let number: Int
  let incarnation: String
  var session: Session
  var pending = PendingRequests()
  /// `opened` was sent: frames may leave.
  var isOpen = false
  /// It is on the hub's list of sessions to flush.
  var isDirty = false
  private(set) var hasEnded = false
  private var upstream: WebSocket?
  /// What came while the connection was being made.
  private var early: [[UInt8]] = []
  private var earlyBytes = 0
  /// Answers that say that something was written to app-server, until it is.
  private var receipts: [[UInt8]] = []

  init(_ session: Session, number: Int, incarnation: String) {
    self.session = session
    self.number = number
    self.incarnation = incarnation
  }

  /// Takes its connection to app-server.
  func connected(_ socket: WebSocket) {
    upstream = socket
    for message in early { socket.send(message) }
    (early, earlyBytes) = ([], 0)
  }

  /// Passes a message on.
  /// - Returns: false when a page that ignores its window sent too much before there is a connection.
  func send(_ message: [UInt8]) -> Bool {
    if let upstream {
      upstream.send(message)
      return true
    }
    earlyBytes += message.count + Limits.overhead
    early.append(message)
    return earlyBytes <= Limits.message
  }

  /// Whether all that came from the page is written to app-server's socket.
  var hasWrittenAll: Bool { upstream.map { $0.isOpen && $0.unsent == 0 } ?? early.isEmpty }

  /// Keeps an answer that says that what was sent last is written.
  func keepReceipt(_ answer: [UInt8]) { receipts.append(answer) }

  /// The answers that were kept, for once all is written.
  func takeReceipts() -> [[UInt8]] {
    defer { receipts = [] }
    return receipts
  }

  func end() {
    hasEnded = true
    upstream?.onMessage = nil
    upstream?.close()
    upstream = nil
  }
}
