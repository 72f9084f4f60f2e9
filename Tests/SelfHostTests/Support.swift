import FoundationEssentials
import Home
import SelfHost

/// A new folder that only this test uses; the caller removes it.
func temporaryFolder() throws -> String {
  let path = FileManager.default.temporaryDirectory.path() + "/self-host-\(UInt64.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}

/// Runs `body` with a home of its own.
func withHome<Result>(_ body: (Home) async throws -> Result) async throws -> Result {
  let folder = try temporaryFolder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(Home(path: folder + "/home"))
}

/// The repository that these tests lie in.
let repository = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

/// This process's environment, with the project's own tools first.
let toolEnvironment: [String: String] = {
  var environment = ProcessInfo.processInfo.environment
  environment["PATH"] = "\(repository)/.venv/bin:\(environment["PATH"] ?? "")"
  return environment
}()

/// The repository's own relay, with a page that stands for the client.
func relaySources(page: String = "<script src=\"{{base}}/app.js\"></script>") throws -> SourceFiles {
  var files = ["web/index.html": Array(page.utf8), "web/app.js": Array("export {};".utf8)]
  for path in try FileManager.default.subpathsOfDirectory(atPath: repository + "/templates") {
    guard let data = FileManager.default.contents(atPath: "\(repository)/templates/\(path)") else { continue }
    files["templates/\(path)"] = Array(data)
  }
  return SourceFiles(files)
}
