#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a program's words go.
public struct Streams: Sendable {
  let output: @Sendable (String) -> Void
  let errors: @Sendable (String) -> Void

  public init(output: @escaping @Sendable (String) -> Void, errors: @escaping @Sendable (String) -> Void) {
    self.output = output
    self.errors = errors
  }

  /// Standard output and standard error.
  public static let standard = Streams(
    output: { writeWhole($0, to: STDOUT_FILENO) }, errors: { writeWhole($0, to: STDERR_FILENO) })
}

extension Command {
  /// Runs the program.
  /// - Parameters:
  ///   - words: what follows its name.
  ///   - sentence: an error as one line that a terminal can show: some of its text may come from elsewhere.
  /// - Returns: the exit code: 0; 1 when it failed, 64 (EX_USAGE of sysexits.h) for a wrong command line, each after one
  ///   sentence on standard error (and, with `--json`, an object `{"error": sentence}` on standard output).
  public func main(
    _ words: [String], columns: Int = 80, streams: Streams = .standard,
    sentence: (any Error) -> String = { "\($0)" }
  ) async -> Int32 {
    if words.first == completionCommand {
      for word in completions(Array(words.dropFirst())) { streams.output(word + "\n") }
      return 0
    }
    var running: (action: any Action, command: String)?
    do {
      switch try parse(words, columns: columns) {
      case .show(let text): streams.output(text + "\n")
      case .run(let action, let command):
        running = (action, command)
        try await action.run()
      }
      return 0
    } catch let exit as Exit {
      return exit.code
    } catch is CancellationError {
      return 1
    } catch let error as UsageError {
      let command = error.command.isEmpty ? running?.command ?? name : error.command
      streams.errors("\(name): \(error.description)\nRun '\(command) --help' to see how it is used.\n")
      // Words that could not be read still tell that a script waits for JSON.
      let wantsJSON = running?.action.wantsJSON ?? words.prefix { $0 != "--" }.contains("--json")
      if wantsJSON { streams.output(json(["error": error.description]) + "\n") }
      return 64
    } catch {
      streams.errors("\(name): \(sentence(error))\n")
      if running?.action.wantsJSON == true { streams.output(json(["error": "\(error)"]) + "\n") }
      return 1
    }
  }
}

/// Writes text whole; a reader that is gone is nobody to tell.
private func writeWhole(_ text: String, to descriptor: Int32) {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return }
    rest = rest.dropFirst(count)
  }
}
