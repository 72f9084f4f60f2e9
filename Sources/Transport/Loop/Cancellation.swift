/// Waits for a callback, or gives up at once when the task is cancelled.
///
/// - Parameters:
///   - begin: starts the work; calls `done` once, now or later.
///   - cancel: ends the work; `done` is not listened to any more.
/// - Throws: `CancellationError` or what `done` was given.
@IO func withCancellation<Value: Sendable>(
  _ begin: @IO (_ done: @escaping @IO (Result<Value, any Error>) -> Void) -> Void,
  cancel: @escaping @IO () -> Void
) async throws -> Value {
  let waiter = Waiter<Value>()
  waiter.cancel = cancel
  return try await withTaskCancellationHandler {
    try await withCheckedThrowingContinuation { continuation in
      if Task.isCancelled {
        continuation.resume(throwing: CancellationError())
        return
      }
      waiter.continuation = continuation
      begin { waiter.settle($0) }
    }
  } onCancel: {
    Task { @IO in waiter.giveUp() }
  }
}

@IO private final class Waiter<Value: Sendable> {
  var continuation: CheckedContinuation<Value, any Error>?
  var cancel: (@IO () -> Void)?

  func settle(_ result: Result<Value, any Error>) {
    cancel = nil
    guard let continuation else { return }
    self.continuation = nil
    continuation.resume(with: result)
  }

  func giveUp() {
    guard continuation != nil else { return }
    cancel?()
    settle(.failure(CancellationError()))
  }
}
