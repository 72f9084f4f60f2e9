import Transport

/// Sessions from their `open` to their end.
extension Hub {
  func open(_ header: SessionHeader, _ frame: RelayFrame) {
    let existing = clients[header.session]
    let decision = OpenDecision.decide(
      header, signin: frame.signin, existing: existing?.session, tombstones: tombstones,
      isAppServerReady: appServer.ready != nil)
    switch (decision, existing, appServer.ready) {
    case (.resume, let client?, _):
      guard client.session.resume(frame.from, received: header.received, at: .now) else {
        link.send(RelayOutput.reset(header.session, .unknown, to: frame.from))
        return end(client, .unknown, tells: false)
      }
      guard client.isOpen else { return }
      link.send(client.session.opened(incarnation: client.incarnation, resumed: true))
      markDirty(client)
    case (.open, _, let ready?): start(header.session, frame, ready)
    case (.refuse(let reason), _, _): link.send(RelayOutput.reset(header.session, reason, to: frame.from))
    case (.refuseAndEnd(let reason), let client, _):
      link.send(RelayOutput.reset(header.session, reason, to: frame.from))
      if let client { end(client, reason, tells: false) }
    default: link.send(RelayOutput.reset(header.session, .appServerDown, to: frame.from))
    }
  }

  private func start(_ id: String, _ frame: RelayFrame, _ ready: AppServer.Ready) {
    if clients.count >= Limits.sessions,
      let oldest = clients.values.min(by: { $0.session.lastHeard < $1.session.lastHeard })
    {
      end(oldest, .tooMany)
    }
    lastNumber += 1
    let session = Session(id: id, signin: frame.signin, connection: frame.from, at: .now)
    let client = Client(session, number: lastNumber, incarnation: ready.incarnation)
    clients[id] = client
    onSessions?(clients.count)
    Task { @IO in await connect(client, ready) }
  }

  private func connect(_ client: Client, _ ready: AppServer.Ready) async {
    guard let socket = try? await WebSocket.connect(WebSocketOptions(unixPath: ready.process.socket)) else {
      return end(client, appServer.ready == nil ? .appServerDown : .upstreamLost)
    }
    guard !client.hasEnded else { return socket.close() }
    socket.onMessage = { [weak self, weak client] bytes, _ in
      if let self, let client, !client.hasEnded { fromAppServer(client, bytes) }
    }
    socket.onEnd = { [weak self, weak client] _ in
      if let self, let client { upstreamEnded(client) }
    }
    socket.onWritable = { [weak self, weak client] in
      if let self, let client { markDirty(client) }
    }
    client.connected(socket)
    client.isOpen = true
    if client.session.isAttached {
      link.send(client.session.opened(incarnation: client.incarnation, resumed: false))
    }
    markDirty(client)
  }

  /// The session's own connection was cut. If app-server ended, its end is told a moment after the ends of its sockets
  /// and ends every session; else the anchor's own connection is there, or comes back.
  private func upstreamEnded(_ client: Client) {
    guard !client.hasEnded else { return }
    Task { @IO in
      let deadline = ContinuousClock.now + .seconds(10)
      repeat {
        try? await IO.sleep(for: .milliseconds(100))
        if client.hasEnded { return }
      } while !appServer.isConnected && .now < deadline
      end(client, .upstreamLost)
    }
  }

  func end(_ client: Client, _ reason: SessionEnd, tells: Bool = true) {
    guard !client.hasEnded else { return }
    if tells, let connection = client.session.connection {
      // An `open` that waits is answered by `opened`.
      link.send(
        client.isOpen
          ? RelayOutput.close(client.session.id, reason, to: connection)
          : RelayOutput.reset(client.session.id, reason, to: connection))
    }
    tombstones.add(client.session.id, signin: client.session.signin, reason)
    clients[client.session.id] = nil
    client.end()
    turns.ended(source: client.number)
    onSessions?(clients.count)
  }

  func endAll(_ reason: SessionEnd) {
    for client in clients.values { end(client, reason) }
  }

  /// Ends every session without a word: the anchor's own end tells the relay.
  func shutDown() {
    janitor?.cancel()
    wakeTimer?.cancel()
    for client in clients.values { end(client, .appServerDown, tells: false) }
  }

  func sweep() {
    janitor = IO.after(.seconds(600)) { [weak self] in
      guard let self else { return }
      for client in clients.values where client.session.lastHeard.duration(to: .now) > Limits.abandonedAfter {
        end(client, .expired)
      }
      sweep()
    }
  }
}
