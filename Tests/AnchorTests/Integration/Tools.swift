import FoundationEssentials
import Home
import Processes
import Testing

/// Where the programs and files of the tests are.
enum Tools {
  static let root = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
  static let environment = ProcessInfo.processInfo.environment

  static let deno = variable("DENO") ?? "\(root)/.venv/bin/deno"

  /// The real codex: `$CODEX`, or the one in the tests' virtual environment.
  static let codex: String = {
    if let path = variable("CODEX") { return path }
    let library = "\(root)/.venv/lib"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
    let paths = versions.sorted().map { "\(library)/\($0)/site-packages/codex_cli_bin/bin/codex" }
    return paths.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "codex"
  }()

  private static func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}

/// A folder of its own that goes with the test. Its path is short, since sockets are made in it.
final class Folder: Sendable {
  let path: String

  init() throws {
    path = "/tmp/cr-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// What must happen may take this long before the test fails; generous, since machines are shared.
let patience = Duration.seconds(90)

struct NeverHappened: Error, CustomStringConvertible {
  let description: String
  init(_ what: String) { description = "did not happen within \(patience): \(what)" }
}

/// Awaits that `body` gives something.
func eventually<Value: Sendable>(
  _ what: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value?
) async throws -> Value {
  let deadline = ContinuousClock.now + patience
  while ContinuousClock.now < deadline {
    if let value = try await body() { return value }
    try await Task.sleep(for: .milliseconds(10))
  }
  throw NeverHappened(what)
}

/// A server of the tests; what it prints goes to a file.
final class Server: Sendable {
  let process: ChildProcess
  private let folder: Folder
  private let log: String

  init(_ name: String, _ launch: Launch, in folder: Folder) throws {
    self.folder = folder
    log = "\(name).log"
    process = try ChildProcess.spawn(launch, log: folder.file(log))
  }

  /// What follows `prefix` on the line that begins with it.
  func line(_ prefix: String) async throws -> String {
    try await eventually("a line \(prefix)") {
      let text = folder.text(log) ?? ""
      // The last line may not be whole yet.
      let whole = text[..<(text.lastIndex(of: "\n") ?? text.startIndex)]
      let lines = whole.split(separator: "\n")
      if let line = lines.first(where: { $0.hasPrefix(prefix) }) { return String(line.dropFirst(prefix.count)) }
      if process.ending != nil { throw NeverHappened("a line \(prefix) in \(text.suffix(500))") }
      return nil
    }
  }

  func stop() async { await process.stop() }

  deinit { process.signal(9) }
}
