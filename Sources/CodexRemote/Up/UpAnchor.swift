import Anchor
import Cryptography
import FoundationEssentials
import Home
import Processes
import Providers
import SelfHost
import Terminal
import Transport

/// The second half of `up`: the machine's claim and the anchor, in this process.
struct UpAnchor {
  let up: Up
  let codex: Codex
  let directory: String

  private var screen: Screen { up.screen }

  /// Runs the anchor until the task is cancelled; app-server ends with it.
  func run(_ address: RelayAddress) async throws {
    var (machine, link) = try await claimed(address)
    while case .refused(let reason) = try await run(machine, link) {
      // Revoked in the browser: the relay runs on, and its owner may let this machine in again.
      screen.note(reason)
      (machine, link) = (try await signedIn(address), nil)
    }
  }

  private func run(_ machine: Machine, _ link: String?) async throws -> AnchorEnd {
    let (events, continuation) = AsyncStream.makeStream(of: AnchorEvent.self, bufferingPolicy: .bufferingNewest(1000))
    let anchor = Anchor(configuration(machine)) { continuation.yield($0) }
    async let _ = display(events, UpDisplay(up: up, machine: machine, link: link))
    defer { continuation.finish() }
    // A task of its own, which cancelling does not reach: the anchor would end alone, and app-server is to end with it.
    let end = Task { try await anchor.run() }
    return try await withTaskCancellationHandler {
      try await end.value
    } onCancel: {
      Task { await anchor.stop(.anchorAndAppServer) }
    }
  }

  private func display(_ events: AsyncStream<AnchorEvent>, _ display: UpDisplay) async {
    var display = display
    for await event in events { await display.show(event) }
  }

  private func configuration(_ machine: Machine) -> AnchorConfiguration {
    AnchorConfiguration(
      home: up.home, machine: machine, loopbackPort: up.port, appServer: .spawned(codex: codex.path),
      environment: up.codexEnvironment, workingDirectory: directory, version: version)
  }

  /// The machine to sign in as, and a claim link while nobody owns the relay.
  private func claimed(_ address: RelayAddress) async throws -> (Machine, link: String?) {
    let store = MachineStore(home: up.home)
    let key = try store.keyOrNew(address.origin)
    let name = SignedIn.machineName
    let claim = try await SelfHost.claim(
      address, machine: ClaimedMachine(name: name, key: key.publicKey), deployKey: DeployKey.load(from: up.home),
      client: IO.client)
    switch claim {
    case .link(let link, let user, let id, _):
      let machine = Machine(origin: address.origin, user: user, id: id ?? "", name: name, key: key)
      try store.save(machine)
      return (machine, link)
    case .owned:
      if let machine = try store.load(address.origin) { return (machine, nil) }
      return (try await signedIn(address), nil)
    }
  }

  /// Signs the machine in with a code: someone owns the relay, and this machine's record or approval is lost.
  private func signedIn(_ address: RelayAddress) async throws -> Machine {
    let login = DeviceLogin(store: MachineStore(home: up.home), origin: address.origin) { request in
      // Past a TLS front, which may not run yet.
      var request = request
      request.url.replace(address.origin, with: address.url, maxReplacements: 1)
      request.headers["Host"] = address.host
      return try await IO.request(request)
    }
    let machine = try await login.run(name: SignedIn.machineName) { prompt in
      screen.line()
      screen.line("  The relay does not know this machine. Approve it, signed in, with the key \(prompt.fingerprint):")
      screen.line()
      screen.link(prompt.link)
      screen.line()
    }
    screen.done("Approved", machine.name)
    return machine
  }
}
