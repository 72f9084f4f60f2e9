import Anchor
import Processes
import SelfHost
import Terminal

/// What happens while everything runs.
enum UpEvent: Sendable {
  case anchor(AnchorEvent)
  /// The claim link before it has expired.
  case link(String)
}

/// Turns the anchor's events into lines, and tells the person what to do once everything runs.
struct UpDisplay {
  let up: Up
  let machine: Machine
  /// The claim link, while nobody owns the relay.
  private var link: String?

  private var owner: String?
  private var isConnected = false
  private var isCodexKnown = false
  private var wasWelcomed = false
  private var sessions = 0

  private var screen: Screen { up.screen }

  init(up: Up, machine: Machine, link: String?) { (self.up, self.machine, self.link) = (up, machine, link) }

  mutating func show(_ event: UpEvent) async {
    switch event {
    case .anchor(let event): show(event)
    case .link(let link):
      self.link = link
      guard wasWelcomed, owner == nil else { break }
      screen.line("  The link above has expired; this one is new:")
      screen.line()
      screen.link(link)
      screen.line()
    }
    if isConnected, isCodexKnown, !wasWelcomed {
      wasWelcomed = true
      await welcome()
    }
    if wasWelcomed { screen.live(status) }
  }

  private mutating func show(_ event: AnchorEvent) {
    switch event {
    case .codexReady(let version, let path, let adopted):
      screen.done("Codex", "\(version), \(path)\(adopted ? ", which ran already" : "")")
      isCodexKnown = true
    case .codexLost(let reason, _):
      screen.note(reason)
      isCodexKnown = true
    case .connected(_, let owner):
      screen.done("Anchor", wasWelcomed ? "connected" : "connected as \(machine.name), key \(machine.fingerprint)")
      isConnected = true
      self.owner = owner
    case .claimed(let owner):
      self.owner = owner
      screen.done("Claimed", "by \(oneLine(owner))")
      screen.line()
    case .disconnected(let reason, _): screen.note(reason)
    case .sessions(let count): sessions = count
    }
  }

  private func welcome() async {
    screen.line()
    if let link, owner == nil {
      screen.line("  Open this link and make a passkey. It works once, within the hour:")
      screen.line()
      screen.link(link)
      screen.line()
      screen.dim("The page shows \(machine.name) with the key above: claiming approves it.")
      await hints(link)
      if up.options.opensBrowser { await openInBrowser(link, environment: up.environment) }
    } else {
      screen.line("  \(owner.map { "\($0)'s relay" } ?? "Your relay") is here:")
      screen.line()
      screen.link(up.origin)
      screen.line()
      await hints(up.origin)
    }
    screen.line()
  }

  private func hints(_ link: String) async {
    if up.options.origin != nil {
      if screen.terminal.info.isTerminal, let code = qrCode(link, for: screen.terminal.info) {
        screen.line()
        for line in code.split(separator: "\n") { screen.line("  \(line)") }
      }
      return
    }
    if up.environment["SSH_CONNECTION"].map({ !$0.isEmpty }) == true {
      screen.dim("From your own computer: ssh -L \(up.port):localhost:\(up.port) to this one, then open it there.")
    }
    #if os(macOS)
      screen.dim("Safari before macOS 26 keeps no sign-in on this address: use another browser there.")
    #endif
    screen.dim("A phone cannot reach this address: codex-remote self-host makes a relay that it can.")
  }

  private var status: String {
    let browsers = sessions == 1 ? "1 page connected" : "\(sessions) pages connected"
    return "\(sessions > 0 ? browsers : "Ready") · Ctrl-C ends everything"
  }
}
