import FoundationEssentials
import Synchronization

/// Writes one line an entry, `2026-01-31T12:00:00Z warning The relay does not answer.`, without the secrets in it.
public final class Log: Sendable {
  /// How much an entry matters.
  public enum Level: Int, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error
    public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  private let redaction = Mutex(Redaction())
  private let sink: @Sendable (String) -> Void
  private let now: @Sendable () -> Date
  public let level: Level

  /// A log to a descriptor.
  public convenience init(level: Level = .info, descriptor: Int32 = 2) {
    self.init(level: level) { writeAll($0 + "\n", to: descriptor) }
  }

  /// A log to the person at the terminal, above the line of a running step.
  public convenience init(level: Level = .info, terminal: Terminal) {
    self.init(level: level) { terminal.line($0) }
  }

  init(
    level: Level, now: @escaping @Sendable () -> Date = { Date.now }, sink: @escaping @Sendable (String) -> Void
  ) {
    self.level = level
    self.now = now
    self.sink = sink
  }

  /// Has every later entry show `•••` in a secret's place. One under 8 characters is refused silently: it would blot
  /// out ordinary words, and is no secret.
  public func hide(_ secret: String) { redaction.withLock { $0.hide(secret) } }

  /// Writes an entry, unless it matters less than the log's level.
  public func callAsFunction(_ level: Level, _ message: @autoclosure () -> String) {
    guard level >= self.level else { return }
    let redaction = redaction.withLock { $0 }
    sink("\(now().formatted(.iso8601)) \(level) \(oneLine(redaction.redact(message())))")
  }
}

/// The text with everything escaped that would start a new line, move a cursor or turn the direction of reading, so
/// that what comes from elsewhere cannot forge an entry.
public func oneLine(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
      let escaped = scalar == "\n" ? "\\n" : scalar == "\t" ? "\\t" : "\\u{\(String(scalar.value, radix: 16))}"
      result.append(contentsOf: escaped.unicodeScalars)
    default: result.append(scalar)
    }
  }
  return String(result)
}
