extension Command {
  /// What `--help` shows.
  func help(path: String, columns: Int) -> String {
    let columns = min(max(columns, 40), 100)
    let own = rows.filter { $0.group != .commands }
    var usage: [String] = []
    if !own.isEmpty || children.isEmpty {
      let arguments = own.filter { $0.group == .arguments }.map(\.usage).joined()
      usage.append(path + (own.contains { $0.group == .options } ? " [options]" : "") + arguments)
    }
    if !children.isEmpty { usage.append("\(path) <command> …") }
    var text = wrap(summary, width: columns) + "\n\nUsage: " + usage.joined(separator: "\n       ") + "\n"

    var all = rows
    if version != nil {
      let help = versionJSON == nil ? "Show the version." : "Show the version; with --json for scripts."
      all.append(Row(group: .options, spelling: "--version", usage: "", help: help))
    }
    all.append(Row(group: .options, spelling: "-h, --help", usage: "", help: "Show this help."))
    let width = min(all.map(\.spelling.count).max() ?? 0, 26)
    for group in isGroup ? [.commands, .options] : Row.Group.allCases {
      let members = all.filter { $0.group == group }
      guard !members.isEmpty else { continue }
      text += "\n\(group.rawValue):\n"
      for row in members {
        let lines = wrap(row.help, width: columns - width - 4).split(separator: "\n", omittingEmptySubsequences: false)
        let indent = String(repeating: " ", count: width + 4)
        // A spelling that is too long has its line for itself.
        let isLong = row.spelling.count > width
        let start =
          "  " + row.spelling + (isLong ? "\n" + indent : String(repeating: " ", count: width - row.spelling.count + 2))
        text += start + lines.joined(separator: "\n" + indent) + "\n"
      }
    }
    if !examples.isEmpty {
      text += "\nExamples:\n"
      for example in examples {
        text += "  \(example.line)\n"
        if !example.meaning.isEmpty {
          let meaning = wrap(example.meaning, width: columns - 6)
          text += "      " + meaning.replacing("\n", with: "\n      ") + "\n"
        }
      }
    }
    return String(text.dropLast())
  }
}

/// The text in lines of at most so many characters, broken at spaces. A longer word stays whole.
func wrap(_ text: String, width: Int) -> String {
  var lines: [String] = []
  for word in text.split(separator: " ") {
    if let line = lines.last, line.count + 1 + word.count <= width {
      lines[lines.count - 1] = line + " " + word
    } else {
      lines.append(String(word))
    }
  }
  return lines.joined(separator: "\n")
}
