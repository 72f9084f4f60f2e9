import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where the program talks to the person who started it: prompts and progress, on standard error, so that standard
/// output stays free for results.
public final class Terminal: Sendable {
  public let info: TerminalInfo
  let input: Int32
  let output: Int32
  /// The line that a running step draws again and again, below all others.
  private let liveLine = Mutex("")

  public init(input: Int32 = 0, output: Int32 = 2, environment: [String: String]) {
    (self.input, self.output) = (input, output)
    info = TerminalInfo(descriptor: output, environment: environment)
  }

  /// Writes a line, above that of a running step.
  public func line(_ text: String = "") {
    liveLine.withLock { live in
      writeAll(live.isEmpty ? text + "\n" : "\r\u{1b}[K\(text)\n\(live)", to: output)
    }
  }

  public func styled(_ text: String, _ style: Style) -> String { info.styled(text, style) }

  /// Draws the line of a running step anew; an empty one removes it.
  public func showLive(_ text: String) {
    liveLine.withLock { live in
      guard text != live else { return }
      live = text
      writeAll("\r\(text)\u{1b}[K", to: output)
    }
  }

  /// Writes without a line end, as a question does.
  func ask(_ text: String) { liveLine.withLock { _ in writeAll(text, to: output) } }
}

/// Writes text whole. A reader that is gone is nobody to tell, so errors end it silently.
public func writeAll(_ text: String, to descriptor: Int32) {
  var text = text
  text.withUTF8 { bytes in
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[rest.startIndex..<rest.endIndex])
      let count = write(descriptor, part.baseAddress, part.count)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&ready, 1, -1)
        continue
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
