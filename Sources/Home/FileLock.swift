import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A lock between processes: an open file that holds it until it is released, goes away, or the process ends, however
/// it ends. Children do not inherit it. The file stays, for removing it would let two processes hold "the" lock.
public final class FileLock: Sendable {
  private let descriptor: Mutex<Int32>

  fileprivate init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

  deinit { release() }

  /// Lets others have it. Releasing twice does nothing.
  public func release() {
    descriptor.withLock {
      if $0 >= 0 { close($0) }
      $0 = -1
    }
  }
}

extension Home {
  /// Takes a lock, and writes this process's id into its file for others to name.
  /// - Returns: nil where another process, or another part of this one, holds it.
  public func lock(_ name: String) throws(HomeError) -> FileLock? {
    let file = try openLock(name)
    // A process that asks who holds the lock has it for microseconds, which must not look like an owner.
    var attempts = 3
    while retried({ flock(file, LOCK_EX | LOCK_NB) }) != 0 {
      let number = errno
      attempts -= 1
      if number == EWOULDBLOCK, attempts > 0 {
        usleep(5_000)
        continue
      }
      close(file)
      if number == EWOULDBLOCK { return nil }
      throw .system(number, try path(of: name), "locked")
    }
    let text = "\(getpid())\n"
    _ = ftruncate(file, 0)
    _ = pwrite(file, text, text.utf8.count, 0)
    return FileLock(file)
  }

  /// The process that holds a lock, or nil where none does.
  public func lockHolder(_ name: String) throws(HomeError) -> Int32? {
    let path = try path(of: name)
    let file = retried { open(path, O_RDONLY | O_CLOEXEC) }
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw .system(errno, path, "read")
    }
    defer { close(file) }
    guard retried({ flock(file, LOCK_SH | LOCK_NB) }) != 0 else { return nil }
    guard errno == EWOULDBLOCK else { throw .system(errno, path, "locked") }
    var text = [UInt8](repeating: 0, count: 16)
    let count = pread(file, &text, text.count, 0)
    return Int32(String(decoding: text.prefix(max(0, count)).prefix { $0 != 0x0a }, as: UTF8.self))
  }

  private func openLock(_ name: String) throws(HomeError) -> Int32 {
    let path = try pathToWrite(name)
    let file = retried { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
    guard file >= 0 else { throw .system(errno, path, "made") }
    return file
  }
}
