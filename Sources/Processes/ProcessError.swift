#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a program could not be run.
public struct ProcessError: Error, Equatable, CustomStringConvertible {
  public enum Code: Sendable {
    /// The program, or the folder it was to start in, does not exist or may not be run.
    case notFound
    /// It could not be started or watched; `errno` says why.
    case failed
    /// It ran longer than it was given and was ended.
    case timedOut
  }

  public let code: Code
  /// The system's error number, 0 where there is none.
  public let errno: Int32
  /// One sentence: what happened.
  public let description: String

  init(_ code: Code, _ description: String, errno: Int32 = 0) {
    self.code = code
    self.errno = errno
    self.description = description
  }

  static func starting(_ path: String, _ number: Int32) -> ProcessError {
    let isMissing = [ENOENT, EACCES, ENOTDIR, EISDIR].contains(number)
    return ProcessError(
      isMissing ? .notFound : .failed, "\(path) could not be started: \(String(cString: strerror(number))).",
      errno: number)
  }
}
