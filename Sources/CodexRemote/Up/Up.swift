import Anchor
import Cryptography
import FoundationEssentials
import Home
import Processes
import Providers
import SelfHost
import Terminal
import Transport

/// One run of `codex-remote up`: a relay, an app-server and an anchor on this machine, from start to end.
struct Up {
  let options: UpOptions
  let environment: [String: String]
  let screen: Screen
  let home: Home
  let port: Int
  let origin: String

  init(_ options: UpOptions, environment: [String: String], terminal: Terminal) throws {
    (self.options, self.environment) = (options, environment)
    screen = Screen(terminal: terminal)
    (port, origin) = (options.listeningPort, try options.pinnedOrigin())
    let home = try Home(environment: environment)
    self.home = options.demo ? try Demo.home(in: home) : home
  }

  /// Runs until a signal, or until something ends that the rest needs. Nothing that it started is left then.
  func run() async throws {
    let signals = terminationSignals()
    try home.prepare()
    guard let lock = try home.lock("up.lock") else {
      let holder = try home.lockHolder("up.lock").map { " (process \($0))" } ?? ""
      throw CommandError("codex-remote up runs already\(holder): open \(origin), or end it with Ctrl-C there.")
    }
    defer { lock.release() }
    screen.title(options.demo ? "demo" : nil)
    let failure = await withTaskGroup(of: (any Error)?.self) { group in
      group.addTask {
        for await _ in signals { break }
        return nil
      }
      group.addTask {
        do { try await everything() } catch { return error }
        return nil
      }
      let first = await group.next() ?? nil
      if first == nil { screen.began("Ending") }
      // Each part ends what it started as the cancelled task unwinds.
      group.cancelAll()
      await group.waitForAll()
      return first
    }
    await IO.stop()
    screen.line()
    if let failure { throw failure }
    screen.dim("Everything has ended; the next run goes on from here.")
  }

  /// What codex gets: the person's own environment, and in the demo another home, since even `codex --version` writes
  /// there, and no proxy on its way to the model.
  var codexEnvironment: [String: String] {
    guard options.demo else { return environment }
    let direct = [environment["no_proxy"] ?? environment["NO_PROXY"], "127.0.0.1"].compactMap { $0 }
      .joined(separator: ",")
    let own = ["CODEX_HOME": home.path + "/codex", "NO_PROXY": direct, "no_proxy": direct]
    return environment.merging(own) { $1 }
  }

  private func everything() async throws {
    let sources = try options.templates.map { try SourceFiles(folder: $0) } ?? .embedded
    let codex = try await Codex.check(options.codex, environment: codexEnvironment)
    if options.demo {
      let demo = Demo(home: home, sources: sources)
      let deno = try await Deno.find(environment: environment)
      let workspace = try await demo.workspace(environment: environment)
      screen.began("Model")
      let model = try await demo.start(deno)
      try await ending(model.stop) {
        screen.done("Model", "scripted, on 127.0.0.1:\(model.readyPort ?? 0)")
        try await withRelay(sources, codex, directory: workspace)
      }
    } else {
      try await withRelay(sources, codex, directory: FileManager.default.currentDirectoryPath)
    }
  }

  private func withRelay(_ sources: SourceFiles, _ codex: Codex, directory: String) async throws {
    let relay = LocalProvider(home: home, origin: origin, port: port, environment: environment)
    try await ending(relay.stop) {
      let settings = Settings(secrets: ["DEPLOY_KEY": try DeployKey.load(from: home)])
      let deployment = try await deploy(
        sources, options: DeployOptions(settings: settings), to: relay, client: IO.client, report: screen.show)
      try await withThrowingTaskGroup { group in
        group.addTask { try await relay.keepRunning { screen.note($0) } }
        group.addTask { try await UpAnchor(up: self, codex: codex, directory: directory).run(deployment.address) }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }

  /// Runs `body`, and `end` after it however it ends.
  private func ending(_ end: () async -> Void, _ body: () async throws -> Void) async throws {
    do { try await body() } catch {
      await end()
      throw error
    }
    await end()
  }
}
