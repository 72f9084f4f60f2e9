/// Reads words into an action, from left to right.
struct ParameterReader<Root: Action> {
  let parameters: [Parameter<Root>]
  private var action: Root
  private var words: ArraySlice<String>
  private var positions: ArraySlice<Parameter<Root>>

  init(_ action: Root, _ parameters: [Parameter<Root>], _ words: [String]) {
    self.action = action
    self.parameters = parameters
    self.words = words[...]
    positions = parameters.filter { $0.names.isEmpty }[...]
  }

  /// Reads all the words. Throws `UsageError`.
  mutating func read() throws -> Root {
    var onlyPositions = false
    while let word = words.popFirst() {
      if onlyPositions || !word.hasPrefix("-") || word == "-" {
        try readPosition(word)
      } else if word == "--" {
        onlyPositions = true
      } else {
        try readOption(word)
      }
    }
    if let missing = positions.first, missing.kind == .argument(isRequired: true) {
      throw UsageError("missing \(missing.label)")
    }
    return action
  }

  private mutating func readPosition(_ word: String) throws {
    guard let position = positions.first else { throw UsageError("unexpected argument \(word)") }
    if position.kind != .rest { positions.removeFirst() }
    try set(position, word, position.label)
  }

  private mutating func readOption(_ word: String) throws {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts[0]
    guard let parameter = parameters.first(where: { $0.names.contains(name) }) else {
      throw UsageError("unknown option \(name)" + suggestion(for: name, among: parameters.flatMap(\.names)))
    }
    switch parameter.kind {
    case .option(let isValueOptional):
      var value = parts.count == 2 ? parts[1] : nil
      // An option's name is no value: someone forgot the value. `--name=--json` is for those who mean it.
      if value == nil, let next = words.first, !isOption(next), !isValueOptional || !next.hasPrefix("-") {
        value = words.removeFirst()
      }
      guard value != nil || isValueOptional else {
        throw UsageError("\(name) needs a value: \(name) \(parameter.label)")
      }
      try set(parameter, value, name)
    default:
      guard parts.count == 1 else { throw UsageError("\(name) takes no value") }
      try set(parameter, nil, name)
    }
  }

  private func isOption(_ word: String) -> Bool {
    let name = String(word.prefix { $0 != "=" })
    return word == "--" || name == "--help" || parameters.contains { $0.names.contains(name) }
  }

  private mutating func set(_ parameter: Parameter<Root>, _ value: String?, _ name: String) throws {
    guard !parameter.set(&action, value) else { return }
    let spelled = value.map { $0.isEmpty ? "an empty value" : $0 } ?? "no value"
    let allowed = parameter.value?.allowed ?? ""
    throw UsageError(
      "\(name) cannot be \(spelled)"
        + suggestion(for: value ?? "", among: parameter.choices, else: allowed.isEmpty ? "" : "; use \(allowed)"))
  }
}
