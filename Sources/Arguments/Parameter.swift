/// One option, flag or positional argument of an action.
public struct Parameter<Root: Action>: Sendable {
  enum Kind: Equatable {
    /// An option that takes no value.
    case flag
    /// An option that takes a value, or may do so.
    case option(isValueOptional: Bool)
    case argument(isRequired: Bool)
    /// Every argument that is left.
    case rest
  }

  let kind: Kind
  /// As one types them, `--port` or `-p`; empty for an argument.
  let names: [String]
  /// What stands for the value in the help: `N`, `PATH`.
  let label: String
  let help: String
  /// What its value is read as; nil where there is none, or where any word will do.
  let value: (any ArgumentValue.Type)?
  /// Neither in the help nor completed.
  private(set) var isHidden = false
  /// Puts a value in its place; false for one that it does not take. Nil is an option without its value.
  let set: @Sendable (inout Root, String?) -> Bool

  var choices: [String] { value?.choices ?? [] }

  /// The same, left out of the help and of completion.
  public func hidden() -> Self {
    var hidden = self
    hidden.isHidden = true
    return hidden
  }

  /// An option without a value.
  public static func flag(
    _ names: String..., to path: any WritableKeyPath<Root, Bool> & Sendable, _ help: String
  ) -> Self {
    Self(kind: .flag, names: names, label: "", help: help, value: nil) { root, _ in
      root[keyPath: path] = true
      return true
    }
  }

  /// An option without a value that stands for one: `--no-login`.
  public static func flag<Value: Sendable>(
    _ names: String..., to path: any WritableKeyPath<Root, Value> & Sendable, as value: Value, _ help: String
  ) -> Self {
    Self(kind: .flag, names: names, label: "", help: help, value: nil) { root, _ in
      root[keyPath: path] = value
      return true
    }
  }

  /// The flag that every command with results for scripts has.
  public static func json(to path: any WritableKeyPath<Root, Bool> & Sendable) -> Self {
    flag("--json", to: path, "Write the result as JSON on standard output.")
  }

  /// An option with a value; the last one counts.
  public static func option<Value: ArgumentValue>(
    _ names: String..., to path: any WritableKeyPath<Root, Value> & Sendable, _ label: String, _ help: String
  ) -> Self {
    option(names, label, help) { $0[keyPath: path] = $1 as Value }
  }

  /// An option with a value that need not be given; the last one counts.
  public static func option<Value: ArgumentValue>(
    _ names: String..., to path: any WritableKeyPath<Root, Value?> & Sendable, _ label: String, _ help: String
  ) -> Self {
    option(names, label, help) { $0[keyPath: path] = $1 as Value }
  }

  /// An option that may be given several times, each adding a value.
  public static func option<Value: ArgumentValue>(
    _ names: String..., adding path: any WritableKeyPath<Root, [Value]> & Sendable, _ label: String, _ help: String
  ) -> Self {
    option(names, label, help) { $0[keyPath: path].append($1 as Value) }
  }

  /// An option whose value may be left out: `--attach [PATH]`.
  /// - Parameter alone: what it means without a value.
  public static func option<Value: ArgumentValue>(
    _ names: String..., to path: any WritableKeyPath<Root, Value?> & Sendable, alone: Value, _ label: String,
    _ help: String
  ) -> Self {
    Self(kind: .option(isValueOptional: true), names: names, label: label, help: help, value: Value.self) {
      guard let value = $1.map(Value.init(argument:)) ?? alone else { return false }
      $0[keyPath: path] = value
      return true
    }
  }

  private static func option<Value: ArgumentValue>(
    _ names: [String], _ label: String, _ help: String, _ put: @escaping @Sendable (inout Root, Value) -> Void
  ) -> Self {
    Self(kind: .option(isValueOptional: false), names: names, label: label, help: help, value: Value.self) {
      guard let value = $1.flatMap(Value.init(argument:)) else { return false }
      put(&$0, value)
      return true
    }
  }

  /// A positional argument that must be given.
  public static func argument<Value: ArgumentValue>(
    _ label: String, to path: any WritableKeyPath<Root, Value> & Sendable, _ help: String
  ) -> Self {
    argument(label, help, isRequired: true) { $0[keyPath: path] = $1 as Value }
  }

  /// A positional argument that may be left out.
  public static func argument<Value: ArgumentValue>(
    _ label: String, to path: any WritableKeyPath<Root, Value?> & Sendable, _ help: String
  ) -> Self {
    argument(label, help, isRequired: false) { $0[keyPath: path] = $1 as Value }
  }

  private static func argument<Value: ArgumentValue>(
    _ label: String, _ help: String, isRequired: Bool, _ put: @escaping @Sendable (inout Root, Value) -> Void
  ) -> Self {
    Self(kind: .argument(isRequired: isRequired), names: [], label: label, help: help, value: Value.self) {
      guard let value = $1.flatMap(Value.init(argument:)) else { return false }
      put(&$0, value)
      return true
    }
  }

  /// All the positional arguments that are left, none too.
  public static func rest(
    _ label: String, to path: any WritableKeyPath<Root, [String]> & Sendable, _ help: String
  ) -> Self {
    Self(kind: .rest, names: [], label: label, help: help, value: nil) { root, word in
      if let word { root[keyPath: path].append(word) }
      return true
    }
  }
}
