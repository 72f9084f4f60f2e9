import SelfHost
import Terminal

/// What `up` and `self-host` show: a line a step with its outcome, then what the person is to do.
///
/// Progress goes to standard error and the link to standard output, where a script finds it.
struct Screen: Sendable {
  let terminal: Terminal
  /// What the step is called that finds out on what, or on whose account, the relay will run.
  var accountTitle = "Runtime"

  /// Where outcomes begin, so that they stand in a column.
  private static let width = 10

  func show(_ progress: Progress) {
    switch progress {
    case .began(let step): began(title(step))
    case .waiting(let step, let reason): waiting(title(step), reason)
    case .done(let step, let detail, let time): done(title(step), detail, time)
    case .failed(let step): failed(title(step))
    }
  }

  func began(_ title: String) {
    guard terminal.info.isTerminal else { return }
    terminal.showLive("  \(terminal.styled("·", .cyan)) \(title)")
  }

  func waiting(_ title: String, _ reason: String) {
    guard terminal.info.isTerminal else { return }
    terminal.showLive("  \(terminal.styled("·", .cyan)) \(title)  \(terminal.styled(oneLine(reason), .dim))")
  }

  func done(_ title: String, _ detail: String, _ time: Duration? = nil) {
    let pad = String(repeating: " ", count: max(1, Self.width - title.count))
    let time = time.map { "  " + terminal.styled(milliseconds($0), .dim) } ?? ""
    line("  \(terminal.styled("✓", .green)) \(title)\(pad)\(oneLine(detail))\(time)")
  }

  func failed(_ title: String) { line("  \(terminal.styled("✗", .red)) \(title)") }

  /// The line at the bottom, which every other line goes above.
  func live(_ text: String) {
    guard terminal.info.isTerminal else { return }
    terminal.showLive("  " + terminal.styled(text, .dim))
  }

  /// What runs, before anything does.
  func title(_ kind: String?) {
    line()
    line("  \(terminal.styled("codex-remote", .bold)) \(version)\(kind.map { " · \($0)" } ?? "")")
    line()
  }

  /// Something that the person should know but need not act on.
  func note(_ text: String) { line("  \(terminal.styled("!", .yellow)) \(oneLine(text))") }

  func line(_ text: String = "") {
    terminal.showLive("")
    terminal.line(text)
  }

  func dim(_ text: String) { line("  " + terminal.styled(text, .dim)) }

  /// Writes a link to standard output, on a line of its own.
  func link(_ url: String) {
    terminal.showLive("")
    let output = TerminalInfo(descriptor: 1, environment: [:])
    writeAll(output.isTerminal ? "    \(terminal.styled(url, .bold))\n" : url + "\n", to: 1)
  }

  private func title(_ step: Step) -> String {
    switch step {
    case .bundle: "Bundle"
    case .account: accountTitle
    case .start: "Relay"
    case .address: "Address"
    case .verify: "Verified"
    case .claim: "Claim"
    }
  }

  private func milliseconds(_ time: Duration) -> String {
    let count = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
    return count < 1000 ? "\(count) ms" : "\(count / 1000).\(count % 1000 / 100) s"
  }
}
