/// A wrong command line.
public struct UsageError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, without a full stop: `unknown option --prot; did you mean --port?`.
  public let description: String
  /// The command whose help tells how it is used, as one types it: `codex-remote up`. Empty until the parser fills it.
  public internal(set) var command: String

  /// An action may throw it too, when what it was given does not fit together.
  public init(_ description: String) {
    self.description = description
    command = ""
  }
}
