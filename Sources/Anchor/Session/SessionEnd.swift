/// Why a session is over; the word that goes over the wire (docs/protocol.md, section 4).
enum SessionEnd: String, Sendable, CaseIterable {
  /// No such session here, or it is another sign-in's.
  case unknown
  case appServerEnded = "app-server-ended"
  case appServerDown = "app-server-down"
  /// The session's own connection to app-server was cut while app-server lives on.
  case upstreamLost = "upstream-lost"
  case overflow
  case expired
  case tooMany = "too-many"
  case duplicate
  case revoked
  /// The page speaks another version of the session layer.
  case version = "protocol"
  /// The page ended it itself.
  case closed

  var message: String {
    switch self {
    case .unknown: "This session is not known here; open a new one."
    case .appServerEnded: "Codex was restarted on this machine; open a new session."
    case .appServerDown: "Codex is not running on this machine; it is being started again."
    case .upstreamLost: "The connection to codex was lost; open a new session."
    case .overflow: "Too much waited for this page; open a new session and read the thread again."
    case .expired: "The page was away for more than a day; open a new session."
    case .tooMany: "Other pages needed the place; open a new session."
    case .duplicate: "This session's name was used before; open one under a new name."
    case .revoked: "This sign-in was revoked; sign in again."
    case .version: "This page and the anchor speak different versions; reload the page and update codex-remote."
    case .closed: "The page closed this session."
    }
  }
}

/// The ids of sessions that are over, so that a page that resumes one learns why. The oldest of 256 is forgotten.
struct Tombstones: Sendable {
  private static let limit = 256
  private var reasons: [String: (signin: String, end: SessionEnd)] = [:]
  private var order: [String] = []

  mutating func add(_ session: String, signin: String, _ end: SessionEnd) {
    if reasons.updateValue((signin, end), forKey: session) == nil { order.append(session) }
    if order.count > Self.limit { reasons[order.removeFirst()] = nil }
  }

  /// Nil for a session that was never here, and for another sign-in's.
  func end(of session: String, signin: String) -> SessionEnd? {
    guard let stone = reasons[session], stone.signin == signin else { return nil }
    return stone.end
  }
}

/// What an `open` leads to.
enum OpenDecision: Equatable {
  case open
  case resume
  case refuse(SessionEnd)
  /// The id is in use by the same sign-in: that session ends as well.
  case refuseAndEnd(SessionEnd)

  /// - Parameter existing: the session of that id, if there is one.
  static func decide(
    _ header: SessionHeader, signin: String, existing: Session?, tombstones: Tombstones, isAppServerReady: Bool
  ) -> OpenDecision {
    if !RelayProtocol.versions.contains(header.version) { return .refuse(.version) }
    if let existing {
      guard existing.signin == signin else { return .refuse(.unknown) }
      return header.resume ? .resume : .refuseAndEnd(.duplicate)
    }
    if let end = tombstones.end(of: header.session, signin: signin) {
      return .refuse(header.resume && end != .closed ? end : header.resume ? .unknown : .duplicate)
    }
    if header.resume { return .refuse(.unknown) }
    return isAppServerReady ? .open : .refuse(.appServerDown)
  }
}
