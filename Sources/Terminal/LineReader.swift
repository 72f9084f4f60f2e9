import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads one line from a terminal on the calling thread.
final class LineReader: Sendable {
  enum Line: Equatable {
    case line(String)
    case ended
    case cancelled
  }

  private let input: Int32
  private let isCancelled = Atomic(false)

  init(input: Int32) { self.input = input }

  /// Ends the reading within 50 ms.
  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// Reads a line that the terminal itself lets one edit.
  func readLine() -> Line {
    var bytes: [UInt8] = []
    while let byte = next() {
      if byte == UInt8(ascii: "\n") { return .line(String(decoding: bytes, as: UTF8.self)) }
      bytes.append(byte)
    }
    return isCancelled.load(ordering: .relaxed) ? .cancelled : .ended
  }

  /// Reads a line without showing it. Editing and Ctrl-C are done here: with the terminal's own, a signal would end the
  /// process while nothing typed is shown, and lines end at 4096 bytes, which tokens exceed.
  ///
  /// - Parameter ask: called once nothing typed is shown any more.
  func readSecretLine(_ ask: () -> Void = {}) -> Line {
    var before = termios()
    guard tcgetattr(input, &before) == 0 else { return .ended }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    guard tcsetattr(input, TCSAFLUSH, &silent) == 0 else { return .ended }
    ask()
    var bytes: [UInt8] = []
    defer {
      for index in bytes.indices { bytes[index] = 0 }
      tcsetattr(input, TCSAFLUSH, &before)
    }
    while let byte = next() {
      switch byte {
      case 0x0a, 0x0d: return .line(String(decoding: bytes, as: UTF8.self))
      case 0x03:  // Ctrl-C
        tcsetattr(input, TCSAFLUSH, &before)
        kill(getpid(), SIGINT)
        return .cancelled
      case 0x04 where bytes.isEmpty: return .ended  // Ctrl-D
      case 0x08, 0x7f:  // Backspace: a whole character of UTF-8
        while let last = bytes.popLast(), last & 0xc0 == 0x80 {}
      case 0x15: bytes = []  // Ctrl-U
      case 0..<0x20: break
      default: bytes.append(byte)
      }
    }
    return isCancelled.load(ordering: .relaxed) ? .cancelled : .ended
  }

  /// The next byte, or nil at the end or when called off.
  private func next() -> UInt8? {
    while !isCancelled.load(ordering: .relaxed) {
      var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
      let count = poll(&ready, 1, 50)
      if count == 0 || (count < 0 && errno == EINTR) { continue }
      var byte: UInt8 = 0
      let size = read(input, &byte, 1)
      if size < 0, errno == EINTR || errno == EAGAIN { continue }
      return size == 1 ? byte : nil
    }
    return nil
  }
}
