#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why the program's folder or a file in it could not be used.
public struct HomeError: Error, Equatable, CustomStringConvertible {
  public enum Code: Sendable {
    /// Neither CODEX_REMOTE_HOME nor a home directory is known.
    case noHome
    /// A name that would lead out of the folder.
    case invalidName
    /// The folder is another user's, or everyone's.
    case foreign
    /// It cannot be made, written, read or removed; `errno` says why.
    case failed
    /// No space, or a quota, is left.
    case full
    /// The file holds something that this program did not write.
    case damaged
    /// Another process holds the lock.
    case locked
  }

  public let code: Code
  /// The system's error number, 0 where there is none.
  public let errno: Int32
  /// One sentence or two: what happened, and what to do next.
  public let description: String

  init(_ code: Code, _ description: String, errno: Int32 = 0) {
    self.code = code
    self.errno = errno
    self.description = description
  }

  /// The error of a system call.
  /// - Parameter action: what could not be done, as in "written".
  static func system(_ number: Int32, _ path: String, _ action: String) -> HomeError {
    if number == ENOSPC || number == EDQUOT {
      return HomeError(
        .full, "The disk is full: \(path) could not be \(action). Free some space and try again.", errno: number)
    }
    let reason = String(cString: strerror(number))
    let next =
      switch number {
      case EACCES, EPERM, EROFS:
        "Give yourself access to it, or set CODEX_REMOTE_HOME to a folder that you can write."
      case EMFILE, ENFILE: "Raise the limit of open files (ulimit -n) and try again."
      default: "Mend that, or set CODEX_REMOTE_HOME to another folder."
      }
    return HomeError(.failed, "\(path) could not be \(action): \(reason). \(next)", errno: number)
  }
}
