import WebSocketCodec

extension WebSocket {
  /// The connection broke, or the server closed it.
  func ended(_ why: String) {
    switch state {
    case .upgrading:
      if case .invalid = upgrade.end() {
        fail(TransportError(.notWebSocket, peer: peer, detail: why))
      } else {
        answered(upgrade.end())
      }
    case .closing: finish(.closed(code: CloseCode.noStatus, reason: ""))
    default: finish(.lost(why))
    }
  }

  func fail(_ error: TransportError) {
    guard let done = opened else { return }
    opened = nil
    release()
    done(.failure(error))
  }

  func finish(_ end: WebSocketEnd) {
    guard state != .ended else { return }
    if opened != nil {
      fail(TransportError(.broken, peer: peer, detail: "\(end)"))
      return
    }
    release()
    let end = endOverride ?? end
    let notify = onEnd
    onMessage = nil
    onEnd = nil
    onWritable = nil
    if let notify { Reactor.shared.tellSoon { notify(end) } }
  }

  /// Gives up the connection without a word to the owner.
  func release() {
    guard state != .ended else { return }
    if state != .connecting { Reactor.shared.unwatch(socket) }
    Reactor.shared.drop(easy)
    state = .ended
    cancelDeadline()
    opened = nil
    queue.removeAll()
    early = []
  }

  func cancelDeadline() {
    if let deadline { Reactor.shared.cancelTimer(deadline) }
    deadline = nil
  }

  /// Closes the connection in order: a close frame behind all that was sent, then the server's, at most
  /// `closeTimeout` later. No message comes any more; `onEnd` does.
  ///
  /// - Parameters:
  ///   - code: 1000...1003, 1007...1014 or 3000...4999, anything else sends none.
  ///   - reason: cut to 123 bytes.
  public func close(code: UInt16 = 1000, reason: String = "") {
    guard state == .open else { return }
    queueFrame(.close, closePayload(code, reason))
    state = .closing
    deadline = Reactor.shared.addDeadline(options.closeTimeout) { [weak self] in
      self?.finish(.lost("the server did not answer the close frame"))
    }
  }

  /// Drops the connection at once, as one does when it went silent. `onEnd` gets `.aborted`.
  public func abort(_ why: String) {
    guard state == .open || state == .closing else { return }
    finish(.aborted(why))
  }

  /// The loop is stopping.
  func stop() {
    fail(TransportError(.stopped, peer: peer))
    endOverride = .stopped
    close(code: CloseCode.goingAway)
  }

  /// The loop has waited long enough.
  func drop() {
    finish(.stopped)
  }
}
