import FoundationEssentials
import Transport

/// The one outbound connection to the relay: dials, greets, keeps alive, dials again. What is said over it is the hub's.
@IO final class Link {
  /// How often each end proves that it is there.
  static let pingEvery = Duration.seconds(5)
  /// The longest silence of a link that is alive.
  static let silence = Duration.seconds(15)
  /// From the open socket to the relay's greeting.
  static let greeting = Duration.seconds(10)

  private let dialer: RelayDialer
  private let machine: Machine
  private let clock: @Sendable () -> Date
  private var socket: WebSocket?
  private var backoff = Backoff()
  /// The relay's clock less this machine's.
  private var clockOffset = 0.0
  private var isStopping = false
  private var isGreeted = false
  private var task: Task<String?, Never>?

  /// A frame that is none of the link's own.
  var onFrame: (@IO (RelayFrame, [UInt8]) -> Void)?
  /// The relay greeted this machine; the owner's name where there is one.
  var onUp: (@IO (_ owner: String?) -> Void)?
  /// The link was lost or could not be made; it is dialled again after the delay.
  var onDown: (@IO (_ reason: String, _ retryIn: Duration) -> Void)?
  /// All that was sent is on its way.
  var onWritable: (@IO () -> Void)?

  /// - Parameter clock: this machine's time.
  init(_ dialer: RelayDialer, _ machine: Machine, clock: @escaping @Sendable () -> Date = { .now }) {
    self.dialer = dialer
    self.machine = machine
    self.clock = clock
  }

  var isUp: Bool { isGreeted && socket != nil }
  var unsent: Int { socket?.unsent ?? 0 }

  func send(_ frame: [UInt8]) {
    guard isUp else { return }
    socket?.send(frame)
  }

  /// Dials until `stop`, or until dialling does not help.
  /// - Returns: the sentence that says why it ended, nil after `stop`.
  func run() async -> String? {
    let task = Task { @IO in await dialAgainAndAgain() }
    self.task = task
    return await task.value
  }

  /// Says goodbye and ends.
  func stop() {
    isStopping = true
    if let socket, socket.isOpen { socket.close(code: 1001, reason: "the anchor ends") } else { task?.cancel() }
  }

  private func dialAgainAndAgain() async -> String? {
    var isClockKnown = false
    while !isStopping {
      let failure = await dial()
      let reason: String
      switch failure {
      case .final(let sentence): return isStopping ? nil : sentence
      case .clock(let time) where !isClockKnown:
        clockOffset = time / 1000 - clock().timeIntervalSince1970
        isClockKnown = true
        continue
      case .clock:
        isClockKnown = false
        reason = "This machine's clock cannot be reconciled with the relay's: set it and see whether it keeps time."
      case .retry(let sentence):
        if isGreeted { isClockKnown = false }
        reason = sentence
      }
      isGreeted = false
      if isStopping { return nil }
      let delay = backoff.next()
      onDown?(reason, delay)
      do { try await IO.sleep(for: delay) } catch { return nil }
    }
    return nil
  }

  private func dial() async -> LinkFailure {
    isGreeted = false
    do {
      let token = try AnchorToken.make(machine, now: clock().addingTimeInterval(clockOffset))
      let socket = try await WebSocket.connect(dialer.socket(token: token))
      let end = await serve(socket)
      self.socket = nil
      return LinkFailure(end, origin: dialer.origin)
    } catch {
      return LinkFailure(error, origin: dialer.origin)
    }
  }

  private func serve(_ socket: WebSocket) async -> WebSocketEnd {
    self.socket = socket
    var timers: [IO.Timer] = []
    defer { for timer in timers { timer.cancel() } }
    let pulse = Pulse(socket)
    timers.append(
      IO.after(Self.greeting) { [weak self] in
        if self?.isGreeted == false { socket.abort("the relay did not greet") }
      })
    timers.append(
      IO.after(Backoff.healthyAfter) { [weak self] in
        if self?.isUp == true { self?.backoff.reset() }
      })
    defer { pulse.stop() }
    return await withCheckedContinuation { ended in
      socket.onEnd = { ended.resume(returning: $0) }
      socket.onWritable = { [weak self] in self?.onWritable?() }
      socket.onMessage = { [weak self] bytes, _ in self?.take(bytes) }
      // Asked to end while it was still dialling.
      if isStopping { socket.close(code: 1001) }
    }
  }

  private func take(_ bytes: [UInt8]) {
    if bytes.count == 4, bytes.elementsEqual("pong".utf8) { return }
    guard let frame = RelayFrame(bytes.span) else { return }
    if frame.type == "hello" {
      isGreeted = true
      onUp?(frame.userName)
    } else {
      onFrame?(frame, bytes)
    }
  }
}

/// Pings the relay and drops a link that went silent, which nothing else would notice: a network that is gone closes
/// no connection.
@IO private final class Pulse {
  private let socket: WebSocket
  private var ping: IO.Timer?
  private var check: IO.Timer?

  init(_ socket: WebSocket) {
    self.socket = socket
    beat()
    watch(for: Link.silence)
  }

  func stop() {
    ping?.cancel()
    check?.cancel()
  }

  private func beat() {
    ping = IO.after(Link.pingEvery) { [weak self] in
      guard let self else { return }
      socket.send(Array("ping".utf8), isUrgent: true)
      beat()
    }
  }

  private func watch(for delay: Duration) {
    check = IO.after(delay) { [weak self] in
      guard let self else { return }
      let silence = socket.lastReceived.duration(to: .now)
      if silence >= Link.silence {
        socket.abort("nothing was heard for \(silence.components.seconds) s")
      } else {
        watch(for: Link.silence - silence)
      }
    }
  }
}
