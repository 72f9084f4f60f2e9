/// The hidden command by which a shell asks for the words that can follow.
let completionCommand = "__complete"

extension Command {
  /// The words that can stand in the last word's place.
  /// - Parameter words: what follows the program's name, the last one being typed.
  func completions(_ words: [String]) -> [String] {
    if words.count > 1, let child = children.first(where: { $0.name == words[0] }) {
      return child.completions(Array(words.dropFirst()))
    }
    let last = words.last ?? ""
    if let option = rows.first(where: { row in words.dropLast().last.map(row.names.contains) ?? false }),
      option.takesValue
    {
      // Nothing to propose makes the shell propose files.
      return option.choices.filter { $0.hasPrefix(last) }
    }
    let names = words.count > 1 ? [] : children.filter { !$0.isHidden }.map(\.name)
    let options = rows.flatMap(\.names) + (version == nil ? [] : ["--version"]) + ["--help"]
    let arguments = rows.filter { $0.group == .arguments }.flatMap(\.choices)
    return (names + arguments + options).filter { $0.hasPrefix(last) }
  }

  /// The command that writes a shell's completion script.
  public static func completion(for program: String) -> Command {
    let commands = Shell.allCases.map { shell in
      "\(program) completion \(shell.rawValue) >\(shell.usualPlace(for: program))"
    }
    return Command(
      "completion", "Write the script that completes words in your shell.", CompletionAction.self,
      starting: CompletionAction(program: program), parameters: [.argument("SHELL", to: \.shell, "The shell.")],
      examples: commands.map { .init($0, "") })
  }
}

private struct CompletionAction: Action {
  var program = ""
  var shell = Shell.bash

  init() {}
  init(program: String) { self.program = program }

  func run() async throws { Streams.standard.output(shell.script(for: program) + "\n") }
}

/// A shell that completes.
enum Shell: String, CaseIterable, ArgumentValue {
  case bash, zsh, fish

  /// The script that has the shell ask the program itself. Where the program knows nothing, files are proposed.
  func script(for program: String) -> String {
    let function = "_" + program.replacing("-", with: "_")
    return switch self {
    case .bash:
      """
      \(function)() {
        local IFS=$'\\n'
        COMPREPLY=($("${COMP_WORDS[0]}" \(completionCommand) "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
      }
      complete -o default -F \(function) \(program)
      """
    case .zsh:
      """
      #compdef \(program)
      \(function)() {
        local -a found
        found=(${(f)"$("${words[1]}" \(completionCommand) "${(@)words[2,CURRENT]}" 2>/dev/null)"})
        if (( $#found )); then compadd -- $found; else _files; fi
      }
      if [ "${funcstack[1]}" = "\(function)" ]; then \(function) "$@"; else compdef \(function) \(program); fi
      """
    case .fish:
      """
      complete -c \(program) -f -a '(set -l found (\(program) \(completionCommand) (commandline -opc)[2..] (commandline -ct) 2>/dev/null); if set -q found[1]; printf "%s\\n" $found; else; __fish_complete_path (commandline -ct); end)'
      """
    }
  }

  func usualPlace(for program: String) -> String {
    switch self {
    case .bash: "~/.local/share/bash-completion/completions/\(program)"
    case .zsh: "~/.zfunc/_\(program)"
    case .fish: "~/.config/fish/completions/\(program).fish"
    }
  }
}
