import CSystem
@preconcurrency import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the end of a process is noticed. No way holds a thread.
enum ProcessWatch {
  /// A pidfd on Linux, kqueue elsewhere.
  case event
  /// Looking every 50 ms, for kernels and sandboxes without pidfd.
  case polling

  /// Calls `ended` once, from a queue of its own, when the process has ended. It need not be a child. What the call
  /// holds is freed then.
  func start(_ pid: Int32, ended: @escaping @Sendable () -> Void) {
    switch self {
    case .event: Self.startEvent(pid, ended: ended)
    case .polling: Self.startPolling(pid, ended: ended)
    }
  }

  private static func startPolling(_ pid: Int32, ended: @escaping @Sendable () -> Void) {
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now(), repeating: .milliseconds(50))
    timer.setEventHandler { if KernelEntry(pid: pid)?.hasEnded ?? true { timer.cancel() } }
    timer.setCancelHandler(handler: ended)
    timer.activate()
  }

  #if os(Linux)
    private static func startEvent(_ pid: Int32, ended: @escaping @Sendable () -> Void) {
      let descriptor = csystem_pidfd_open(pid)
      guard descriptor >= 0 else { return startPolling(pid, ended: ended) }
      // A pidfd is open across exec otherwise; pidfd_open sets close-on-exec by itself.
      let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
      source.setEventHandler { source.cancel() }
      source.setCancelHandler {
        close(descriptor)
        ended()
      }
      source.activate()
    }
  #else
    private static func startEvent(_ pid: Int32, ended: @escaping @Sendable () -> Void) {
      let source = DispatchSource.makeProcessSource(identifier: pid, eventMask: .exit, queue: .global())
      source.setEventHandler { source.cancel() }
      source.setCancelHandler(handler: ended)
      source.activate()
      // kqueue is silent about what ended before it was asked.
      if KernelEntry(pid: pid)?.hasEnded ?? true { source.cancel() }
    }
  #endif
}
