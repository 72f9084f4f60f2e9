@preconcurrency import Dispatch
public import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a program wrote and how it ended.
public struct Captured: Sendable, Equatable {
  public let ending: Ending
  /// The first bytes of its output, up to the limit.
  public let output: Data
  /// The first bytes of its errors, up to the limit.
  public let errors: Data
  /// Whether it wrote more than the limit to either.
  public let isCut: Bool

  public var succeeded: Bool { ending == .exited(0) }
  /// The output as text without the line ends after it.
  public var text: String {
    let text = String(decoding: output, as: UTF8.self)
    return String(text[..<(text.lastIndex { !$0.isNewline }.map(text.index(after:)) ?? text.startIndex)])
  }
}

/// Runs a program to its end, its input empty. Throws `timedOut` when it takes longer than the limit and
/// `CancellationError` when the task is cancelled; the program and its group are gone by then.
/// - Parameter outputLimit: bytes kept of the output and of the errors each; the rest is read and dropped.
public func capture(
  _ launch: Launch, timeLimit: Duration = .seconds(10), outputLimit: Int = 1 << 20
) async throws -> Captured {
  let (output, errors) = (try CapturePipe(limit: outputLimit), try CapturePipe(limit: outputLimit))
  let child = try withDescriptor("/dev/null", O_RDONLY) { input throws(ProcessError) in
    defer {
      output.closeWritingEnd()
      errors.closeWritingEnd()
    }
    return try ChildProcess.spawn(launch, input: input, output: output.writingEnd, errors: errors.writingEnd)
  }
  output.startReading()
  errors.startReading()
  let endedInTime: Bool
  do {
    endedInTime = try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        _ = try await child.ended()
        return true
      }
      group.addTask {
        try await Task.sleep(for: timeLimit)
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
  } catch {
    await child.stop(grace: .seconds(1))
    throw error
  }
  let ending = await child.stop(grace: .seconds(1))
  guard endedInTime else {
    throw ProcessError(.timedOut, "\(launch.executable) did not end within \(timeLimit) and was stopped.")
  }
  let (first, second) = (await output.finish(), await errors.finish())
  return Captured(ending: ending, output: first.bytes, errors: second.bytes, isCut: first.isCut || second.isCut)
}

/// A pipe whose reading end is emptied as it fills. All but the writing end is touched on the queue only.
private final class CapturePipe: @unchecked Sendable {
  private let queue = DispatchQueue(label: "capture")
  private let readingEnd: Int32
  private let limit: Int
  private var source: (any DispatchSourceRead)?
  private var bytes = Data()
  private var isCut = false
  private(set) var writingEnd: Int32

  init(limit: Int) throws(ProcessError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw ProcessError(.failed, "No pipe could be made: \(String(cString: strerror(errno))).", errno: errno)
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    (readingEnd, writingEnd) = (ends[0], ends[1])
    self.limit = limit
  }

  deinit {
    closeWritingEnd()
    // The source closes it once it has let go of it.
    if let source { source.cancel() } else { close(readingEnd) }
  }

  func closeWritingEnd() {
    if writingEnd >= 0 { close(writingEnd) }
    writingEnd = -1
  }

  func startReading() {
    let source = DispatchSource.makeReadSource(fileDescriptor: readingEnd, queue: queue)
    source.setEventHandler { [weak self] in if self?.readAll() != true { source.cancel() } }
    source.setCancelHandler { [readingEnd] in close(readingEnd) }
    queue.sync { self.source = source }
    source.activate()
  }

  /// What was read when the program had ended. It does not wait for the other end to be closed, which a program that
  /// left the group may hold for ever.
  func finish() async -> (bytes: Data, isCut: Bool) {
    await withCheckedContinuation { continuation in
      queue.async {
        if let source = self.source, !source.isCancelled {
          _ = self.readAll()
          source.cancel()
        }
        continuation.resume(returning: (self.bytes, self.isCut))
      }
    }
  }

  /// Whether more may come.
  private func readAll() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(readingEnd, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count < 0 && errno == EAGAIN }
      let kept = min(count, limit - bytes.count)
      bytes.append(contentsOf: chunk[..<kept])
      if kept < count { isCut = true }
    }
  }
}
