extension Command {
  /// What a command line asks for.
  public enum Request {
    /// The action, and the command as one types it.
    case run(any Action, command: String)
    /// Text for standard output.
    case show(String)
  }

  /// Reads the words that follow the program's name. Throws `UsageError`.
  /// - Parameter columns: how wide a help text may be.
  public func parse(_ words: [String], columns: Int = 80) throws -> Request {
    try parse(words[...], path: name, columns: columns)
  }

  private func parse(_ words: ArraySlice<String>, path: String, columns: Int) throws -> Request {
    let first = words.first
    if let child = children.first(where: { $0.name == first }) {
      return try child.parse(words.dropFirst(), path: "\(path) \(child.name)", columns: columns)
    }
    let options = words.prefix { $0 != "--" }
    if options.contains("--help") || options.contains("-h") { return .show(help(path: path, columns: columns)) }
    if let version, first == "--version" {
      return .show(words.contains("--json") ? versionJSON ?? version : version)
    }
    if first == "help", !children.isEmpty {
      return try parse(words.dropFirst() + ["--help"], path: path, columns: columns)
    }
    do {
      guard isGroup else { return .run(try read(Array(words)), command: path) }
      guard let first else { throw UsageError("a command is missing") }
      guard !first.hasPrefix("-") else { throw UsageError("unknown option \(first)") }
      throw UsageError("unknown command \(first)" + suggestion(for: first))
    } catch var error as UsageError {
      // A word that a command with others below it does not take was probably meant for one of them.
      if !isGroup, !children.isEmpty, let first, error.description == "unexpected argument \(first)" {
        error = UsageError("unknown command \(first)" + suggestion(for: first))
      }
      error.command = path
      throw error
    }
  }

  /// A command of nearly that name, or one of that very name further down.
  private func suggestion(for word: String) -> String {
    let visible = children.filter { !$0.isHidden }
    let below = visible.flatMap { child in
      child.children.filter { $0.name == word && !$0.isHidden }.map { "\(child.name) \($0.name)" }
    }
    return Arguments.suggestion(
      for: word, among: visible.map(\.name), else: below.first.map { "; did you mean \($0)?" } ?? "")
  }
}
