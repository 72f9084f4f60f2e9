import FoundationEssentials
import Home
import Processes
import Synchronization
import Transport

/// The program that carries remote clients to codex on this machine.
///
/// `codex-remote anchor` and `codex-remote up` run it in the same way:
///
///     let anchor = Anchor(configuration) { event in … }    // on the I/O thread: hand it on at once
///     let end = try await anchor.run()                      // until it is stopped, or refused for good
///     …
///     await anchor.stop(.anchorAndAppServer)                // from another task, on a signal; `run` returns then
///     await IO.stop()                                       // once nothing else uses the loop
///
/// The machine that it signs in as comes from `MachineStore`: `codex-remote login` fills it by the device code flow,
/// `up` by `POST /deploy/claim`, which answers with the `user` and `machine` to be kept beside the key.
public final class Anchor: Sendable {
  private let configuration: AnchorConfiguration
  private let onEvent: @Sendable (AnchorEvent) -> Void
  private let parts = Mutex<Parts?>(nil)
  private let stopAsked = Mutex<AnchorStop?>(nil)

  private struct Parts: Sendable {
    let link: Link
    let appServer: AppServer
    let hub: Hub
  }

  /// - Parameter onEvent: called on the I/O thread; it must not wait for anything.
  public init(_ configuration: AnchorConfiguration, onEvent: @escaping @Sendable (AnchorEvent) -> Void = { _ in }) {
    self.configuration = configuration
    self.onEvent = onEvent
  }

  /// Whether a turn runs on this machine, or waits for someone: ending app-server would interrupt it.
  public var hasActiveTurns: Bool {
    get async {
      guard let parts = parts.withLock({ $0 }) else { return false }
      return await parts.appServer.hasActiveTurns
    }
  }

  /// Runs until `stop`, or until the relay refuses this machine for good.
  ///
  /// Throws `AnchorError` when another anchor runs for the same relay, and `HomeError`. What goes wrong later is told
  /// by events and tried again.
  public func run() async throws -> AnchorEnd {
    let folder = MachineStore.folder(of: configuration.machine.origin)
    let lockName = AnchorControl.lockName(folder)
    guard let lock = try configuration.home.lock(lockName) else {
      let holder = try configuration.home.lockHolder(lockName).map { " (process \($0))" } ?? ""
      throw AnchorError(
        "An anchor for \(configuration.machine.origin) runs already\(holder): end it with `codex-remote stop`.")
    }
    defer { lock.release() }
    // That of an anchor that was killed would hide this one where no other can be written.
    try? configuration.home.remove(StatusFile.name(folder))
    let status = StatusFile(configuration, folder: folder)
    let parts = await assemble(folder, status)
    self.parts.withLock { $0 = parts }
    defer { self.parts.withLock { $0 = nil } }
    let end = await serve(parts)
    await status.remove()
    return end
  }

  /// Ends the anchor in order: close frames are sent and nothing stays behind that is not meant to. `run` returns then.
  public func stop(_ stop: AnchorStop) async {
    stopAsked.withLock { $0 = stop }
    guard let parts = parts.withLock({ $0 }) else { return }
    await parts.link.stop()
  }

  @IO private func assemble(_ folder: String, _ status: StatusFile) -> Parts {
    let machine = configuration.machine
    let dialer = RelayDialer(
      origin: machine.origin, loopbackPort: configuration.loopbackPort, certificates: configuration.certificates)
    let link = Link(dialer, machine)
    let appServer = AppServer(configuration, folder: folder)
    let hub = Hub(configuration, link, appServer, startedAt: Date.now.timeIntervalSince1970)
    let tell: @Sendable (AnchorEvent) -> Void = { [onEvent] event in
      status.take(event)
      onEvent(event)
    }
    link.onUp = { tell(.connected(origin: machine.origin, owner: $0)) }
    link.onDown = { [weak hub] reason, delay in
      hub?.linkLost()
      tell(.disconnected(reason: reason, retryIn: delay))
    }
    appServer.onReady = { ready in
      tell(.codexReady(version: ready.version, path: ready.process.codex, adopted: ready.process.isAdopted))
    }
    appServer.onLost = { tell(.codexLost(reason: $0, retryIn: $1)) }
    hub.onSessions = { tell(.sessions($0)) }
    hub.onClaimed = { tell(.claimed(owner: $0)) }
    return Parts(link: link, appServer: appServer, hub: hub)
  }

  @IO private func serve(_ parts: Parts) async -> AnchorEnd {
    if stopAsked.withLock({ $0 }) != nil { return .stopped }
    let codex = Task { @IO in await parts.appServer.run() }
    let refused = await withTaskCancellationHandler {
      await parts.link.run()
    } onCancel: {
      Task { @IO in parts.link.stop() }
    }
    parts.hub.shutDown()
    switch stopAsked.withLock({ $0 }) {
    case .anchorAndAppServer: await parts.appServer.stop()
    case .anchorOnly, nil: parts.appServer.leave()
    }
    await codex.value
    return refused.map { .refused($0) } ?? .stopped
  }
}

/// Why an anchor could not run; the description is a sentence that says what to do next.
public struct AnchorError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
