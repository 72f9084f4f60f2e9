import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program and what it is started with.
public struct Launch: Sendable, Equatable {
  /// Its path; `findExecutable` looks a name up.
  public var executable: String
  /// What follows the program's own name.
  public var arguments: [String]
  /// All of its environment: nothing is inherited that is not in here.
  public var environment: [String: String]
  /// Where it starts, or nil for this process's own directory.
  public var directory: String?

  public init(
    _ executable: String, _ arguments: [String] = [], environment: [String: String], directory: String? = nil
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
  }

  /// Starts it in a session of its own: its own process group, no terminal, and a hang-up does not reach it.
  func start(input: Int32, output: Int32, errors: Int32) throws(ProcessError) -> Int32 {
    let words = ([executable] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var pid: Int32 = 0
    let code = csystem_spawn(executable, words, variables, directory, input, output, errors, &pid)
    guard code == 0 else { throw .starting(executable, code) }
    return pid
  }
}

/// An open descriptor that is closed at the end of the scope.
func withDescriptor<Result>(
  _ path: String, _ flags: Int32, _ body: (Int32) throws(ProcessError) -> Result
) throws(ProcessError) -> Result {
  let file = open(path, flags | O_CLOEXEC, 0o600)
  guard file >= 0 else {
    throw ProcessError(.failed, "\(path) could not be opened: \(String(cString: strerror(errno))).", errno: errno)
  }
  defer { close(file) }
  return try body(file)
}
