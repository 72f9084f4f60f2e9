import Anchor
import Providers

/// The second half of `up`: the anchor in this process, and what it tells.
struct UpAnchor {
  let up: Up
  let codex: Codex
  let directory: String

  /// Runs the anchor until the task is cancelled; app-server ends with it.
  func run(_ address: RelayAddress) async throws {
    let here = UpMachine(up: up, address: address)
    var (machine, link) = try await here.claimed()
    while case .refused(let reason) = try await run(here, machine, link) {
      // Revoked in the browser: the relay runs on, and its owner may let this machine in again.
      up.screen.note(reason)
      (machine, link) = (try await here.approved(), nil)
    }
  }

  private func run(_ here: UpMachine, _ machine: Machine, _ link: UpMachine.Link?) async throws -> AnchorEnd {
    let (events, continuation) = AsyncStream.makeStream(of: UpEvent.self, bufferingPolicy: .bufferingNewest(1000))
    let anchor = Anchor(configuration(machine)) { continuation.yield(.anchor($0)) }
    async let _ = display(events, UpDisplay(up: up, machine: machine, link: link?.url))
    async let _ = here.renew(link) { continuation.yield(.link($0.url)) }
    defer { continuation.finish() }
    // A task of its own, which cancelling does not reach: the anchor would end alone, and app-server is to end with it.
    let end = Task { try await anchor.run() }
    return try await withTaskCancellationHandler {
      try await end.value
    } onCancel: {
      Task { await anchor.stop(.anchorAndAppServer) }
    }
  }

  private func display(_ events: AsyncStream<UpEvent>, _ display: UpDisplay) async {
    var display = display
    for await event in events { await display.show(event) }
  }

  private func configuration(_ machine: Machine) -> AnchorConfiguration {
    AnchorConfiguration(
      home: up.home, machine: machine, loopbackPort: up.port, appServer: .spawned(codex: codex.path),
      environment: up.codexEnvironment, workingDirectory: directory, version: version)
  }
}
