/// What a plan does, one after another.
public enum Step: Sendable, Equatable {
  case bundle, account, start, address, verify, claim
}

/// How far a step is.
public enum Progress: Sendable, Equatable {
  case began(Step)
  /// It waits for the platform; says for what.
  case waiting(Step, String)
  /// Its outcome for a person to read, and how long it took.
  case done(Step, String, Duration)
  case failed(Step)
}

/// Takes progress as it happens.
public typealias Report = @Sendable (Progress) -> Void

/// Runs one step and reports it; the detail makes the outcome readable.
func perform<Result: Sendable>(
  _ step: Step, _ report: Report, _ body: () async throws -> (result: Result, detail: String)
) async throws -> Result {
  report(.began(step))
  let start = ContinuousClock.now
  do {
    let (result, detail) = try await body()
    report(.done(step, detail, start.duration(to: .now)))
    return result
  } catch {
    report(.failed(step))
    throw error
  }
}
