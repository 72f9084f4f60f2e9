import Arguments

/// What `codex-remote up` was asked for.
struct UpOptions: Sendable {
  var demo = false
  var port: Port?
  var origin: String?
  var codex: String?
  /// A folder with `templates` and `web`, instead of what the program carries.
  var templates: String?
  var opensBrowser = true

  /// The port on loopback: fixed unless asked for, so that the origin, and with it passkeys and sign-ins, stay the
  /// same from run to run.
  var listeningPort: Int { port.map { Int($0.number) } ?? (demo ? 4391 : 4390) }

  /// The one origin that the relay answers under.
  ///
  /// WebAuthn refuses an IP address, and cookies of plain `localhost` go to every port of this machine.
  func pinnedOrigin() throws(UsageError) -> String {
    guard let origin else { return "http://codex-remote.localhost:\(listeningPort)" }
    guard let host = origin.wholeMatch(of: #/https://([A-Za-z0-9.-]+(:[0-9]{1,5})?)/?/#)?.1 else {
      throw UsageError("--origin \(origin) is no https origin; give one like https://relay.example")
    }
    return "https://\(host.lowercased())"
  }
}
