@preconcurrency import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Terminal {
  /// Asks a question that yes or no answers.
  /// - Parameter assumed: what Return alone means.
  /// - Returns: nil where there is nobody to ask. Throws `CancellationError` when the task is cancelled.
  public func confirm(_ question: String, default assumed: Bool) async throws -> Bool? {
    guard canAsk else { return nil }
    while true {
      ask("\(question) \(styled(assumed ? "[Y/n]" : "[y/N]", .dim)) ")
      guard let answer = try await readInput(secretly: false) else {
        line()
        return nil
      }
      switch answer.lowercased().filter({ !$0.isWhitespace }) {
      case "": return assumed
      case "y", "yes": return true
      case "n", "no": return false
      default: line("Please answer y or n.")
      }
    }
  }

  /// Asks for something that the screen must not show, such as an API token.
  /// - Returns: nil where there is nobody to ask, or nothing was entered. Throws `CancellationError` on Ctrl-C, which
  ///   also reaches the process as SIGINT, and when the task is cancelled.
  public func readSecret(_ prompt: String) async throws -> String? {
    guard canAsk else { return nil }
    defer { line() }
    guard let text = try await readInput(secretly: true, ask: { self.ask("\(prompt): ") }) else { return nil }
    let trimmed = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    return trimmed.isEmpty ? nil : trimmed
  }

  /// Asks for a line of text.
  /// - Returns: nil where there is nobody to ask, or nothing was entered. Throws `CancellationError` when the task is
  ///   cancelled.
  public func readText(_ prompt: String) async throws -> String? {
    guard canAsk else { return nil }
    ask("\(prompt): ")
    guard let text = try await readInput(secretly: false) else {
      line()
      return nil
    }
    return text.isEmpty ? nil : text
  }

  /// Whether there is a person who can answer.
  public var canAsk: Bool { info.isTerminal && isatty(input) == 1 }

  /// Waits for a line on a thread of its own: the shared ones are few, and a blocked one is missing to all tasks.
  private func readInput(secretly: Bool, ask: @escaping @Sendable () -> Void = {}) async throws -> String? {
    let reader = LineReader(input: input)
    let line = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue(label: "prompt").async {
          continuation.resume(returning: secretly ? reader.readSecretLine(ask) : reader.readLine())
        }
      }
    } onCancel: {
      reader.cancel()
    }
    switch line {
    case .line(let text): return text
    case .ended: return nil
    case .cancelled: throw CancellationError()
    }
  }
}
