/// A command: an action with its parameters, or a group of commands. The tree of them is the whole command line, from
/// which parsing, help and completion are made.
public struct Command: Sendable {
  /// A line for people to copy, and what it does.
  public struct Example: Sendable, ExpressibleByStringLiteral {
    let line: String
    let meaning: String

    public init(_ line: String, _ meaning: String) {
      self.line = line
      self.meaning = meaning
    }

    public init(stringLiteral line: String) { self.init(line, "") }
  }

  public let name: String
  /// One sentence.
  public let summary: String
  let examples: [Example]
  /// Neither in the help nor completed.
  let isHidden: Bool
  let version: String?
  let versionJSON: String?
  /// It has no action of its own.
  let isGroup: Bool
  let children: [Command]
  let rows: [Row]
  let read: @Sendable ([String]) throws -> any Action

  /// What help and completion say of a parameter.
  struct Row: Sendable {
    enum Group: String, CaseIterable {
      case arguments = "Arguments"
      case options = "Options"
      case commands = "Commands"
    }

    let group: Group
    let spelling: String
    let usage: String
    let help: String
    var names: [String] = []
    var choices: [String] = []
    var takesValue = false
  }

  /// A group of commands.
  /// - Parameters:
  ///   - version: what `--version` shows; for the program itself.
  ///   - versionJSON: what `--version --json` shows.
  public init(
    _ name: String, _ summary: String, commands: [Command], examples: [Example] = [], version: String? = nil,
    versionJSON: String? = nil
  ) {
    self.name = name
    self.summary = summary
    self.examples = examples
    (self.version, self.versionJSON) = (version, versionJSON)
    (isHidden, isGroup) = (false, true)
    children = commands
    rows = commands.filter { !$0.isHidden }.map {
      Row(group: .commands, spelling: $0.name, usage: "", help: $0.summary)
    }
    read = { _ in throw UsageError("a command is missing") }
  }

  /// A command that does something, and may have others below it: `self-host`, `self-host status`.
  /// - Parameter starting: the action before its options are read.
  public init<A: Action>(
    _ name: String, _ summary: String, _ action: A.Type, starting: A = A(), parameters: [Parameter<A>] = [],
    commands: [Command] = [],
    examples: [Example] = [], isHidden: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.examples = examples
    self.isHidden = isHidden
    isGroup = false
    (version, versionJSON) = (nil, nil)
    children = commands
    rows =
      parameters.filter { !$0.isHidden }.map(Row.init)
      + commands.filter { !$0.isHidden }.map {
        Row(group: .commands, spelling: $0.name, usage: "", help: $0.summary)
      }
    read = { words in
      var reader = ParameterReader(starting, parameters, words)
      return try reader.read()
    }
  }
}

extension Command.Row {
  init<A>(_ parameter: Parameter<A>) {
    let label = parameter.label
    let tail: String
    let form: String
    switch parameter.kind {
    case .flag: (tail, form) = ("", "")
    case .option(let isValueOptional): (tail, form) = (isValueOptional ? " [\(label)]" : " \(label)", "")
    case .argument(let isRequired): (tail, form) = (label, isRequired ? " \(label)" : " [\(label)]")
    case .rest: (tail, form) = (label + "…", " [\(label)…]")
    }
    let choices = parameter.choices.isEmpty ? "" : " One of \(parameter.choices.joined(separator: ", "))."
    var takesValue = false
    if case .option(isValueOptional: false) = parameter.kind { takesValue = true }
    self.init(
      group: parameter.names.isEmpty ? .arguments : .options,
      spelling: parameter.names.joined(separator: ", ") + tail, usage: form, help: parameter.help + choices,
      names: parameter.names, choices: parameter.choices, takesValue: takesValue)
  }
}
