import Foundation
import Synchronization
import Terminal

/// A terminal whose other side, where the person would sit, the test plays.
final class PseudoTerminal: Sendable {
  private let person: Int32
  let device: Int32
  private let screen = Mutex("")

  init(columns: UInt16 = 100) throws {
    #if os(Linux)
      // pty(7) without the C library, whose functions the Glibc module leaves out: unlock, then ask for the number.
      person = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
      var (unlocked, number): (Int32, Int32) = (0, 0)
      guard ioctl(person, 0x4004_5431, &unlocked) == 0, ioctl(person, 0x8004_5430, &number) == 0 else {
        throw POSIXError(.ENXIO)
      }
      device = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    #else
      person = posix_openpt(O_RDWR | O_NOCTTY)
      guard grantpt(person) == 0, unlockpt(person) == 0, let name = ptsname(person) else { throw POSIXError(.ENXIO) }
      device = open(name, O_RDWR | O_NOCTTY)
    #endif
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard device >= 0, ioctl(device, UInt(TIOCSWINSZ), &size) == 0 else { throw POSIXError(.ENXIO) }
    _ = fcntl(person, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(person)
    close(device)
  }

  func terminal(_ environment: [String: String] = ["NO_COLOR": "1"]) -> Terminal {
    Terminal(input: device, output: device, environment: environment)
  }

  /// All that was shown until now.
  var shown: String {
    screen.withLock { screen in
      var bytes = [UInt8](repeating: 0, count: 65536)
      while case let count = read(person, &bytes, bytes.count), count > 0 {
        screen += String(decoding: bytes[..<count], as: UTF8.self)
      }
      return screen
    }
  }

  /// Waits until something is shown.
  func waitFor(_ text: String) async throws {
    while !shown.contains(text) { try await Task.sleep(for: .milliseconds(2)) }
  }

  /// Waits until what is typed is shown, or not.
  func waitForEcho(_ isOn: Bool) async throws {
    while echoes != isOn { try await Task.sleep(for: .milliseconds(2)) }
  }

  var echoes: Bool {
    var settings = termios()
    return tcgetattr(device, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
  }

  func type(_ text: String) { writeAll(text, to: person) }
}
