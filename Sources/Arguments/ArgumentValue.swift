/// A value that a command line can spell.
public protocol ArgumentValue: Sendable {
  /// Nil for text that spells none.
  init?(argument: String)
  /// All the spellings, where they are few; for help and completion.
  static var choices: [String] { get }
}

extension ArgumentValue {
  public static var choices: [String] { [] }
}

extension String: ArgumentValue {
  public init?(argument: String) { self = argument }
}

extension Int: ArgumentValue {
  public init?(argument: String) { self.init(argument) }
}

extension ArgumentValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  public init?(argument: String) { self.init(rawValue: argument) }
  public static var choices: [String] { allCases.map(\.rawValue) }
}

/// A TCP port, 1 to 65535.
public struct Port: ArgumentValue, Hashable {
  public let number: UInt16

  public init?(argument: String) {
    guard let number = UInt16(argument), number > 0 else { return nil }
    self.number = number
  }
}
