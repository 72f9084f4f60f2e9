import CCurl

/// What the loop waits for, and whom it tells.
@IO final class Reactor {
  static let shared = Reactor()

  enum TimerOutcome { case due, stopped }

  /// A connection attempt or a request.
  struct Transfer {
    let done: @IO (CURLcode) -> Void
    /// The loop stops: take it off and tell its owner.
    let stop: @IO () -> Void
  }

  /// The longest sleep, in milliseconds: poll's clock stands still while the machine sleeps, the timers' does not.
  private static let longestSleep: Int32 = 5_000

  private var transfers: [TransferID: Transfer] = [:]
  private var sockets: [curl_socket_t: WebSocket] = [:]
  private var timers = TimerQueue<@IO (TimerOutcome) -> Void>()
  /// Have bytes to send.
  private var dirty: [WebSocket] = []
  /// Are to be read without waiting: they hit the read budget, or were resumed.
  private var eager: [WebSocket] = []
  /// Calls of `onEnd` and `onWritable` that are due: never made from inside a call of the owner's.
  private var notices: [@IO () -> Void] = []
  private var stopWaiters: [CheckedContinuation<Void, Never>] = []
  private(set) var isStopping = false

  let buffer = ReceiveBuffer()
  var random = RandomPool()

  private var interests: [Interest] = []
  private var ready: [Interest] = []
  private var done: [(transfer: TransferID, code: CURLcode)] = []

  private var multi: CurlMulti { IO.shared.loop.multi }

  /// The loop's thread has started.
  func begin() {
    isStopping = false
  }

  // MARK: What to wait for

  func start(_ easy: CurlEasy, _ transfer: Transfer) {
    transfers[easy.id] = transfer
    multi.add(easy)
  }

  /// Takes a handle off, which closes its connection.
  func drop(_ easy: CurlEasy) {
    transfers[easy.id] = nil
    multi.remove(easy)
  }

  func watch(_ socket: curl_socket_t, _ owner: WebSocket) { sockets[socket] = owner }
  func unwatch(_ socket: curl_socket_t) { sockets[socket] = nil }
  func flushSoon(_ owner: WebSocket) { dirty.append(owner) }
  func readSoon(_ owner: WebSocket) { eager.append(owner) }
  func tellSoon(_ notice: @escaping @IO () -> Void) { notices.append(notice) }

  /// While the loop stops, the action is told so in the next pass.
  func addTimer(_ delay: Duration, _ action: @escaping @IO (TimerOutcome) -> Void) -> Int {
    if isStopping {
      tellSoon { action(.stopped) }
      return 0
    }
    return timers.add(.now + delay, action)
  }

  /// A timer that also runs while the loop stops.
  func addDeadline(_ delay: Duration, _ action: @escaping @IO () -> Void) -> Int {
    timers.add(.now + delay) { outcome in
      if outcome == .due { action() }
    }
  }

  func cancelTimer(_ id: Int) { timers.remove(id) }

  // MARK: One pass

  func turn(maySleep: Bool) {
    waitForEvents(maySleep: maySleep && eager.isEmpty && !hasWoundDown)
    if !transfers.isEmpty {
      multi.perform(done: &done)
      for (transfer, code) in done { transfers.removeValue(forKey: transfer)?.done(code) }
      done.removeAll(keepingCapacity: true)
    }
    for socket in taken(&eager) { socket.read() }
    for event in ready {
      if event.write { sockets[event.socket]?.write() }
      if event.read { sockets[event.socket]?.read() }
    }
    ready.removeAll(keepingCapacity: true)
    if !timers.isEmpty {
      let now = ContinuousClock.now
      while let action = timers.takeDue(now) { action(.due) }
    }
    settle()
    if hasWoundDown {
      for waiter in taken(&stopWaiters) { waiter.resume() }
    }
  }

  /// Someone waits for the end, and nothing is left that would wake the loop to tell.
  private var hasWoundDown: Bool { isStopping && sockets.isEmpty && transfers.isEmpty && !stopWaiters.isEmpty }

  /// Whether the thread may end: nobody waits for what it alone can do.
  var mayEnd: Bool {
    sockets.isEmpty && transfers.isEmpty && stopWaiters.isEmpty && dirty.isEmpty && notices.isEmpty
  }

  private func waitForEvents(maySleep: Bool) {
    interests.removeAll(keepingCapacity: true)
    for (socket, owner) in sockets {
      // One that wants neither is left out: poll would report its hang-up for ever.
      let interest = Interest(socket: socket, read: owner.wantsToRead, write: owner.wantsToWrite)
      if interest.read || interest.write { interests.append(interest) }
    }
    let timeout = maySleep ? timers.milliseconds(from: .now, limit: Self.longestSleep) : 0
    multi.poll(interests, timeout: timeout, ready: &ready)
  }

  /// Sends what was queued and makes the calls that are due, until neither is left.
  func settle() {
    while !dirty.isEmpty || !notices.isEmpty {
      for socket in taken(&dirty) { socket.write() }
      for notice in taken(&notices) { notice() }
    }
  }

  private func taken<Element>(_ list: inout [Element]) -> [Element] {
    let all = list
    list = []
    return all
  }

  // MARK: The end

  /// Returns when all has ended, or the bound is over and the rest was dropped.
  func windDown(within bound: Duration) async {
    if !isStopping {
      isStopping = true
      for action in timers.takeAll() { action(.stopped) }
      for transfer in transfers.values { transfer.stop() }
      for socket in sockets.values { socket.stop() }
    }
    let limit = addDeadline(bound) { [self] in
      for socket in sockets.values { socket.drop() }
    }
    await withCheckedContinuation { stopWaiters.append($0) }
    cancelTimer(limit)
  }
}
