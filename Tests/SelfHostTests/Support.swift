import FoundationEssentials
import Home
import SelfHost

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

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

/// A port on loopback that nothing listens on.
func freePort() -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  withUnsafeMutablePointer(to: &address) { address in
    address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = bind(descriptor, $0, size)
      _ = getsockname(descriptor, $0, &size)
    }
  }
  return Int(UInt16(bigEndian: address.sin_port))
}
