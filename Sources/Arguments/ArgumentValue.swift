/// A value that a command line can spell.
public protocol ArgumentValue: Sendable {
  /// Nil for text that spells none.
  init?(argument: String)
  /// All the spellings, where they are few; for help and completion.
  static var choices: [String] { get }
  /// What it may be, for whoever spelled something else: `1 to 10`. Empty where there is nothing to say.
  static var allowed: String { get }
}

extension ArgumentValue {
  public static var choices: [String] { [] }
  public static var allowed: String { choices.joined(separator: ", ") }
}

extension String: ArgumentValue {
  public init?(argument: String) { self = argument }
}

extension ArgumentValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  public init?(argument: String) { self.init(rawValue: argument) }
  public static var choices: [String] { allCases.map(\.rawValue) }
}

/// A TCP port that an ordinary program may listen on, 1024 to 65535: those below are the system's.
public struct Port: ArgumentValue, Hashable {
  public let number: UInt16

  public init?(argument: String) {
    guard let number = UInt16(argument), number >= 1024 else { return nil }
    self.number = number
  }

  public static var allowed: String { "1024 to 65535" }
}
