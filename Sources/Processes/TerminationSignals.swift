import CSystem
@preconcurrency import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A signal that asks this process to end.
public enum TerminationSignal: Int32, Sendable, CaseIterable {
  /// Ctrl-C.
  case interrupt = 2
  case terminate = 15
  /// The terminal was closed.
  case hangup = 1
}

/// The signals that ask this process to end, from the moment this returns until the stream is given up; they end it no
/// more by themselves. A hang-up that was ignored before (`nohup`) stays ignored. One stream at a time.
public func terminationSignals() -> AsyncStream<TerminationSignal> {
  AsyncStream { continuation in
    // A handler may do next to nothing but write to a pipe. A dispatch source of the signal itself would be armed a
    // moment later, and what came before that would be lost.
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    let (readingEnd, writingEnd) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    let caught = TerminationSignal.allCases.filter {
      csystem_catch_signal($0.rawValue, writingEnd, $0 == .hangup ? 1 : 0) == 0
    }
    let source = DispatchSource.makeReadSource(fileDescriptor: readingEnd, queue: .global())
    source.setEventHandler {
      var number: UInt8 = 0
      while read(readingEnd, &number, 1) == 1 {
        if let signal = TerminationSignal(rawValue: Int32(number)) { continuation.yield(signal) }
      }
    }
    source.setCancelHandler {
      close(readingEnd)
      close(writingEnd)
    }
    source.activate()
    continuation.onTermination = { _ in
      for signal in caught { csystem_release_signal(signal.rawValue) }
      source.cancel()
    }
  }
}
