import Transport

/// Joins the link, the sessions and app-server: a frame from the relay goes to app-server, and a message of app-server's
/// to the relay, in one pass of the I/O loop.
@IO final class Hub {
  /// Past this many bytes in the link's buffer sessions wait, so that none has to queue behind another's burst.
  private static let linkBacklog = 128 << 10

  let configuration: AnchorConfiguration
  let link: Link
  let appServer: AppServer
  /// Seconds since 1970.
  let startedAt: Double
  var clients: [String: Client] = [:]
  var tombstones = Tombstones()
  private var signIns = SignIns()
  var turns = TurnsInFlight()
  var lastNumber = TurnsInFlight.own

  private var dirty: [Client] = []
  private var isPassScheduled = false
  private var scratch: [UInt8] = []
  var wakeTimer: IO.Timer?
  private var wakeAt: ContinuousClock.Instant?
  var janitor: IO.Timer?

  /// The number of sessions changed.
  var onSessions: (@IO (Int) -> Void)?
  /// The machine got an owner.
  var onClaimed: (@IO (String) -> Void)?

  init(_ configuration: AnchorConfiguration, _ link: Link, _ appServer: AppServer, startedAt: Double) {
    self.configuration = configuration
    self.link = link
    self.appServer = appServer
    self.startedAt = startedAt
    link.onFrame = { [weak self] in self?.take($0, $1) }
    link.onWritable = { [weak self] in self?.schedule() }
    appServer.onNotification = { [weak self] in self?.turns.observe($0, $1, $2, source: TurnsInFlight.own) }
    appServer.onSubscription = { [weak self] in self?.subscription($0, $1) }
    appServer.onEnded = { [weak self] in
      self?.turns.removeAll()
      self?.endAll(.appServerEnded)
    }
    sweep()
  }

  private func subscription(_ thread: String?, _ isSubscribed: Bool) {
    guard let thread else { return turns.unsubscribedFromAll() }
    if isSubscribed { turns.subscribed(thread) } else { turns.unsubscribed(thread) }
  }

  // MARK: The link

  /// The link is gone: what was on its way may be lost, and the pages will resume.
  func linkLost() {
    for client in clients.values { client.session.detach() }
  }

  private func take(_ frame: RelayFrame, _ bytes: [UInt8]) {
    switch frame.type {
    case "data":
      // Orbit passes on nothing else; what it let through by mistake would end here.
      if frame.role == "browser", !frame.from.isEmpty, !frame.signin.isEmpty { takeData(frame, bytes) }
    case "revoked":
      if frame.all { signIns.revokeAll() } else { signIns.revoke(frame.signin) }
      for client in clients.values where frame.all || client.session.signin == frame.signin { end(client, .revoked) }
    case "owner": if let name = frame.userName { onClaimed?(name) }
    case "error" where frame.code == "unreachable" || frame.code == "forbidden":
      for client in clients.values where client.session.connection == frame.to { client.session.detach() }
    default: break
    }
  }

  private func takeData(_ frame: RelayFrame, _ bytes: [UInt8]) {
    guard let header = SessionHeader(bytes.span, from: frame.payload) else { return }
    guard signIns.admits(frame.signin) else {
      if header.kind == .open { link.send(RelayOutput.reset(header.session, .revoked, to: frame.from)) }
      return
    }
    if header.kind == .open { return open(header, frame) }
    guard let client = clients[header.session], client.session.signin == frame.signin,
      client.session.connection == frame.from
    else {
      // Another connection than the one of the last accepted `open`, another sign-in, or no such session.
      if header.kind != .close { link.send(RelayOutput.close(header.session, .unknown, to: frame.from)) }
      return
    }
    var messages: [[UInt8]] = []
    let reason = client.session.receive(header, bytes.span, at: .now) { messages.append($0) }
    for message in messages where !client.hasEnded { fromPage(client, message) }
    if let reason { return end(client, reason, tells: reason != .closed) }
    markDirty(client)
  }

  // MARK: What leaves

  /// Something of this session may have to leave at the end of the pass.
  func markDirty(_ client: Client) {
    if !client.isDirty {
      client.isDirty = true
      dirty.append(client)
    }
    schedule()
  }

  private func schedule() {
    if isPassScheduled || dirty.isEmpty { return }
    isPassScheduled = true
    IO.afterPass { [weak self] in self?.flush() }
  }

  private func flush() {
    isPassScheduled = false
    let now = ContinuousClock.now
    var wake: ContinuousClock.Instant?
    let clients = dirty
    dirty.removeAll(keepingCapacity: true)
    for client in clients where !client.hasEnded {
      if client.hasWrittenAll {
        client.session.wrote()
        for receipt in client.takeReceipts() { deliver(client, receipt, .plain) }
      }
      client.isDirty = false
      guard client.isOpen, !client.hasEnded else { continue }
      if link.unsent > Self.linkBacklog {
        // It stays on the list: the link tells when it is empty.
        client.isDirty = true
        dirty.append(client)
      } else if let at = client.session.flush(at: now, scratch: &scratch, send: { link.send($0) }) {
        client.isDirty = true
        dirty.append(client)
        wake = min(wake ?? at, at)
      }
    }
    if let wake { wakeUp(at: wake, now) }
  }

  private func wakeUp(at instant: ContinuousClock.Instant, _ now: ContinuousClock.Instant) {
    if let wakeAt, wakeAt <= instant, wakeAt > now { return }
    wakeTimer?.cancel()
    wakeAt = instant
    wakeTimer = IO.after(now.duration(to: instant)) { [weak self] in
      self?.wakeAt = nil
      self?.schedule()
    }
  }
}
