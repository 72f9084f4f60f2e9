/// How a process ended.
public enum Ending: Sendable, Equatable {
  case exited(Int32)
  case killed(signal: Int32)
  /// It was not this process's child, so nobody told how it ended.
  case gone
}
