// Threads and random bytes, the two things that each platform has its own name for.

// On Linux libcurl's header brings the signal set's type in first.
import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#elseif os(Windows)
  import WinSDK
#endif

private final class ThreadBody {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Runs `body` on a thread of its own, which no signal reaches: a broken pipe is an error code there, and SIGINT and
/// SIGTERM go to the threads that wait for them.
func startThread(_ body: @escaping @Sendable () -> Void) {
  let box = unsafe Unmanaged.passRetained(ThreadBody(body)).toOpaque()
  #if os(Windows)
    let handle = unsafe CreateThread(
      nil, 1 << 20,
      { box in
        unsafe Unmanaged<ThreadBody>.fromOpaque(box.unsafelyUnwrapped).takeRetainedValue().run()
        return 0
      }, box, 0, nil)
    precondition(handle != nil, "CreateThread failed")
    unsafe CloseHandle(handle)
  #else
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setstacksize(&attributes, 1 << 20)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var all = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    #if canImport(Darwin)
      var thread: pthread_t?
      let code = unsafe pthread_create(&thread, &attributes, { unsafe runThread($0) }, box)
    #else
      var thread = pthread_t()
      let code = unsafe pthread_create(&thread, &attributes, { unsafe runThread($0.unsafelyUnwrapped) }, box)
    #endif
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    unsafe pthread_attr_destroy(&attributes)
    precondition(code == 0, "pthread_create failed with \(code)")
  #endif
}

#if !os(Windows)
  private func runThread(_ box: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    unsafe Unmanaged<ThreadBody>.fromOpaque(box).takeRetainedValue().run()
    return nil
  }
#endif

/// Tells the running thread from all others that run now; never 0.
func currentThread() -> UInt {
  #if os(Windows)
    UInt(GetCurrentThreadId())
  #elseif canImport(Darwin)
    unsafe UInt(bitPattern: pthread_self())
  #else
    UInt(pthread_self())
  #endif
}

/// Unpredictable numbers from a pool, for a fresh mask key with every frame (RFC 6455, 5.3).
struct RandomPool {
  private var words = [UInt32](repeating: 0, count: 64)
  private var used = 64

  mutating func next() -> UInt32 {
    if used == words.count {
      refill()
      used = 0
    }
    defer { used += 1 }
    return words[used]
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  private mutating func refill() {
    #if os(Windows)
      var generator = SystemRandomNumberGenerator()
      for i in words.indices { words[i] = generator.next() }
    #else
      // 256 bytes are the most that one call gives.
      let code = unsafe words.withUnsafeMutableBytes { unsafe getentropy($0.baseAddress.unsafelyUnwrapped, $0.count) }
      precondition(code == 0, "getentropy failed")
    #endif
  }
}
