import Anchor
import Cryptography
import FoundationEssentials
import Home
import Processes
import Providers
import SelfHost
import Terminal
import Transport

/// This machine at the relay that `up` runs: registered with the claim link, or approved by the owner.
struct UpMachine {
  let up: Up
  let address: RelayAddress

  /// What opens a relay that nobody owns.
  struct Link: Sendable {
    let url: String
    let expires: Date
  }

  private var store: MachineStore { MachineStore(home: up.home) }

  /// The machine to sign in as, and a claim link while nobody owns the relay. The link before it is void.
  func claimed() async throws -> (Machine, Link?) {
    let key = try store.keyOrNew(address.origin)
    let name = SignedIn.machineName
    let claim = try await SelfHost.claim(
      address, machine: ClaimedMachine(name: name, key: key.publicKey), deployKey: DeployKey.load(from: up.home),
      client: IO.client)
    switch claim {
    case .link(let url, let user, let id?, let expires):
      let machine = Machine(origin: address.origin, user: user, id: id, name: name, key: key)
      try store.save(machine)
      return (machine, Link(url: url, expires: expires))
    case .link: throw CommandError("The relay registered no machine with its claim link: update codex-remote.")
    case .owned:
      if let machine = try store.load(address.origin) { return (machine, nil) }
      return (try await approved(), nil)
    }
  }

  /// Signs the machine in with a code: someone owns the relay, and this machine's record or approval is lost.
  func approved() async throws -> Machine {
    while true {
      do {
        let machine = try await login.run(name: SignedIn.machineName) { prompt in
          up.screen.line()
          up.screen.line("  The relay does not know this machine. Approve it, signed in, if the page shows this key:")
          up.screen.line("  \(prompt.fingerprint)")
          up.screen.line()
          up.screen.link(prompt.link)
          up.screen.line()
        }
        up.screen.done("Approved", machine.name)
        return machine
      } catch let error as LoginError where error.code == .expired {
        // The code is for ten minutes; the relay runs until it is ended.
        continue
      }
    }
  }

  private var login: DeviceLogin {
    DeviceLogin(store: store, origin: address.origin) { [address] request in
      // Past a TLS front, which may not run yet.
      var request = request
      request.url.replace(address.origin, with: address.url, maxReplacements: 1)
      request.headers["Host"] = address.host
      return try await IO.request(request)
    }
  }

  /// Makes a new link each time the last one expired, until somebody owns the relay.
  func renew(_ first: Link?, _ show: @Sendable (Link) -> Void) async throws {
    var current = first
    while let link = current {
      try await Task.sleep(for: .seconds(max(1, link.expires.timeIntervalSinceNow)))
      do {
        current = try await claimed().1
        if let current { show(current) }
      } catch is TransportError {
        // The relay is just being started again.
        try await Task.sleep(for: .seconds(1))
      }
    }
  }
}
