import Foundation
import Testing

/// A server in a process of its own, which says its ports in a first line of JSON and ends when its input ends: so it
/// never outlives the tests, however they end.
final class TestServer: Sendable {
  let ports: [String: Int]
  private let input: FileHandle
  private let output: FileHandle

  var port: Int { ports["plain"] ?? ports["port"] ?? 0 }

  /// Blocks until the server listens.
  init(_ program: String, _ arguments: [String]) throws {
    let input = Pipe()
    let output = Pipe()
    try Self.spawn(
      [Tools.python, Tools.server("alone.py"), program] + arguments,
      input: input.fileHandleForReading.fileDescriptor, output: output.fileHandleForWriting.fileDescriptor)
    try input.fileHandleForReading.close()
    try output.fileHandleForWriting.close()
    self.input = input.fileHandleForWriting
    self.output = output.fileHandleForReading
    let json = try JSONSerialization.jsonObject(with: Data(Self.line(self.output).utf8)) as? [String: Any]
    ports = try #require(json).compactMapValues { $0 as? Int }
  }

  deinit {
    try? input.close()
  }

  /// Not Foundation's `Process`: it may leave an ended child unreaped, and then a test that waits for a process of its
  /// own waits for ever, since both look for any child's end.
  private static func spawn(_ command: [String], input: Int32, output: Int32) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    let arguments = command.map { strdup($0) } + [nil]
    defer {
      posix_spawn_file_actions_destroy(&actions)
      for argument in arguments { free(argument) }
    }
    var child: pid_t = 0
    let code = posix_spawn(&child, command[0], &actions, nil, arguments, environ)
    try #require(code == 0, "\(command[0]) does not start: \(String(cString: strerror(code)))")
    Thread.detachNewThread { [child] in
      var status: Int32 = 0
      while waitpid(child, &status, 0) < 0, errno == EINTR {}
    }
  }

  /// The next line that the server prints.
  func nextLine() async -> String { await Self.onThread { [output] in Self.line(output) } }

  private static func line(_ output: FileHandle) -> String {
    var bytes: [UInt8] = []
    while let byte = output.readData(ofLength: 1).first, byte != UInt8(ascii: "\n") { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: The servers, each started once and shared

  enum Kind { case deno, python, raw, workerd }

  /// Waits until the server listens.
  static func shared(_ kind: Kind) async throws -> TestServer {
    let server = await onThread {
      switch kind {
      case .deno: deno
      case .python: python
      case .raw: raw
      case .workerd: workerd
      }
    }
    return try server.get()
  }

  static func proxy(credentials: String? = nil) async throws -> TestServer {
    let arguments = [Tools.server("proxy.py")] + (credentials.map { [$0] } ?? [])
    return try await onThread { Result { try TestServer(Tools.python, arguments) } }.get()
  }

  /// What waits for another process holds neither the I/O loop nor a thread of the tests'.
  private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }

  /// Short: such a path holds about 100 bytes.
  static let unixPath = NSTemporaryDirectory() + "transport-\(ProcessInfo.processInfo.processIdentifier).sock"

  private static let deno = Result {
    try TestServer(Tools.deno, ["run", "-A", Tools.server("deno_server.js"), Tools.tls])
  }
  private static let python = Result { try TestServer(Tools.python, [Tools.server("python_server.py"), unixPath]) }
  private static let raw = Result { try TestServer(Tools.python, [Tools.server("raw_server.py")]) }
  private static let workerd = Result {
    let arguments = ["serve", "--control-fd=1", Tools.server("workerd.capnp")]
    return try TestServer(Tools.python, [Tools.server("end_with_input.py"), try #require(Tools.workerd)] + arguments)
  }
}

/// Where the programs and files of the tests are.
enum Tools {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let tls = root.appending(path: "Tests/Support/tls").path
  static let deno = variable("DENO") ?? root.appending(path: ".venv/bin/deno").path
  static let python = variable("PYTHON") ?? root.appending(path: ".venv/bin/python3").path

  /// `$WORKERD`, or the one in the PATH; without either its tests are skipped, which is said once.
  static let workerd: String? = {
    let path = variable("PATH")?.split(separator: ":").map { "\($0)/workerd" } ?? []
    let found = ([variable("WORKERD")].compactMap { $0 } + path).first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
    if found == nil { print("The tests against workerd are skipped: it is neither in WORKERD nor in the PATH.") }
    return found
  }()

  static func server(_ name: String) -> String { root.appending(path: "Tests/Support/servers/\(name)").path }

  private static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
