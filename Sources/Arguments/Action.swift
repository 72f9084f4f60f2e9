/// What a command does once its options are read into it.
public protocol Action: Sendable {
  init()

  /// Whether results go to standard output as JSON. Then an error does too.
  var wantsJSON: Bool { get }

  /// Does it. An error that is thrown is shown by its description, which is therefore a sentence for people; an
  /// `Exit` is not shown.
  func run() async throws
}

extension Action {
  public var wantsJSON: Bool { false }
}

/// Ends the program with a code, after everything worth saying has been said.
public struct Exit: Error, Equatable {
  public let code: Int32
  public init(_ code: Int32) { self.code = code }

  public static let failure = Exit(1)
}
