import Anchor
import Arguments
import FoundationEssentials
import Home

/// The machines of this user, and which of them a command means.
struct SignedIn {
  let home: Home
  let store: MachineStore

  init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    self.init(home: try Home(environment: environment))
  }

  private init(home: Home) { (self.home, store) = (home, MachineStore(home: home)) }

  /// The demo's, which has a home of its own and runs on this machine all the same.
  var demo: SignedIn { get throws { SignedIn(home: try Demo.home(in: home)) } }

  /// The relay that was named, or the only one; nil where this machine is signed in at none.
  func origin(_ relay: String?) throws -> String? {
    if let relay { return try DeviceLogin.relayOrigin(relay) }
    let origins = try store.origins()
    guard origins.count > 1 else { return origins.first }
    throw UsageError("there are several relays; name one with --relay: \(origins.joined(separator: ", "))")
  }

  /// The relays that were meant: the one that was named, or all, where a record that cannot be read fails by itself.
  func records(_ relay: String?) throws -> [Result<String, HomeError>] {
    if let relay { return [.success(try DeviceLogin.relayOrigin(relay))] }
    return try store.records()
  }

  /// This machine's name for people: its host name without a domain.
  static var machineName: String {
    let name = ProcessInfo.processInfo.hostName.prefix { $0 != "." }
    return name.isEmpty ? "machine" : String(name.prefix(64))
  }
}
