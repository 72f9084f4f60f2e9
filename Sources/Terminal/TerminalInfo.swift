import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What an output can show.
public struct TerminalInfo: Sendable, Equatable {
  /// Whether a person looks at it, on something that can move its cursor.
  public var isTerminal: Bool
  /// Its width in characters; 80 where it has none.
  public var columns: Int
  /// Whether colours are wanted (NO_COLOR, https://no-color.org).
  public var hasColors: Bool

  public init(isTerminal: Bool, columns: Int = 80, hasColors: Bool = false) {
    self.isTerminal = isTerminal
    self.columns = columns
    self.hasColors = hasColors
  }

  public init(descriptor: Int32, environment: [String: String]) {
    let width = Int(csystem_terminal_columns(descriptor))
    let isTerminal = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
    self.init(
      isTerminal: isTerminal, columns: width > 0 ? width : Int(environment["COLUMNS"] ?? "") ?? 80,
      hasColors: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty)
  }
}
