// On Linux libcurl's header brings the mutex's type in first.
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

/// A value behind the platform's own lock. `Synchronization.Mutex` would do, but on Linux ThreadSanitizer does not see
/// it and reports every access behind it.
@safe
final class Lock<Value>: @unchecked Sendable {
  #if os(Windows)
    private let lock = UnsafeMutablePointer<SRWLOCK>.allocate(capacity: 1)
  #else
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  #endif
  private var value: Value

  init(_ value: sending Value) {
    self.value = value
    #if os(Windows)
      unsafe InitializeSRWLock(lock)
    #else
      let code = unsafe pthread_mutex_init(lock, nil)
      precondition(code == 0, "pthread_mutex_init failed with \(code)")
    #endif
  }

  deinit {
    #if !os(Windows)
      unsafe pthread_mutex_destroy(lock)
    #endif
    unsafe lock.deallocate()
  }

  func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    #if os(Windows)
      unsafe AcquireSRWLockExclusive(lock)
      defer { unsafe ReleaseSRWLockExclusive(lock) }
    #else
      unsafe pthread_mutex_lock(lock)
      defer { unsafe pthread_mutex_unlock(lock) }
    #endif
    return body(&value)
  }
}
