import FoundationEssentials
import Home
import Processes
import Providers
import SelfHost

/// What `up --demo` puts in the place of the person's own: a scripted model, a Codex home that uses it, a workspace.
/// All of it lies in the demo's own home.
struct Demo {
  let home: Home
  private let files: [String: [UInt8]]

  init(home: Home, sources: SourceFiles) {
    self.home = home
    files = sources.below("templates/demo")
  }

  /// The demo's own home, which lies in the person's.
  static func home(in home: Home) throws(HomeError) -> Home { try home.nested("demo") }

  /// Starts the model and writes what depends on its port.
  func start(_ deno: Deno) async throws -> DenoProcess {
    for (path, bytes) in files where path.hasSuffix(".js") { try write(bytes, to: "model/code/\(path)") }
    let model = try await startModel(deno)
    let port = model.readyPort ?? 0
    try home.writeJSON(port, to: Self.portFile)
    let folder = try home.directory("codex")
    let configuration = String(decoding: files["config.toml"] ?? [], as: UTF8.self)
      .replacing("PORT", with: String(port)).replacing("FOLDER", with: folder)
    try write(Array(configuration.utf8), to: "codex/config.toml")
    try write(files["models.json"] ?? [], to: "codex/models.json")
    return model
  }

  private static let portFile = "model/port.json"

  private func startModel(_ deno: Deno) async throws -> DenoProcess {
    func start(port: Int) async throws -> DenoProcess {
      try await deno.start(
        DenoModule(
          name: "model", entry: "model.js", directory: home.directory("model/code"),
          options: ["--allow-net=127.0.0.1"], variables: ["PORT": String(port)]),
        home: home)
    }
    // An app-server that a killed run left behind goes on with the port that it was told.
    if let last = try home.readJSON(Int.self, from: Self.portFile) {
      do { return try await start(port: last) } catch let error as ProviderError where error.code == .addressInUse {}
    }
    return try await start(port: 0)
  }

  /// The folder that Codex works in: a small repository, made once, then the person's to change or delete.
  func workspace(environment: [String: String]) async throws -> String {
    let path = try home.path(of: "workspace")
    guard !FileManager.default.fileExists(atPath: path) else { return path }
    try home.directory("workspace")
    let prefix = "workspace/"
    for (name, bytes) in files where name.hasPrefix(prefix) {
      try home.write(bytes, to: name)
      if name.hasSuffix(".sh") {
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: home.path(of: name))
      }
    }
    // Without git it is a folder like any other, which Codex works in as well.
    guard let git = findExecutable("git", searchPath: environment["PATH"]) else { return path }
    // The person's own configuration might ask for a signature, a hook, a name.
    let variables = [
      "PATH": environment["PATH"] ?? "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
      "GIT_AUTHOR_NAME": "codex-remote", "GIT_AUTHOR_EMAIL": "demo@localhost",
      "GIT_COMMITTER_NAME": "codex-remote", "GIT_COMMITTER_EMAIL": "demo@localhost",
    ]
    let commands = [
      ["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "Begin"],
    ]
    for arguments in commands {
      let result = try await capture(Launch(git, arguments, environment: variables, directory: path))
      guard result.succeeded else { break }
    }
    return path
  }

  /// Leaves a file that is as it should be alone, so that its date says when it changed.
  private func write(_ bytes: [UInt8], to name: String) throws {
    if try home.read(name) != Data(bytes) { try home.write(bytes, to: name) }
  }
}
