import Cryptography
import FoundationEssentials
import Home
import Ports
import Processes
import Synchronization
import Testing
import Transport

@testable import Anchor

/// The real relay on Deno, the real codex with a scripted model, and a machine that is registered and owned.
final class Stage: Sendable {
  let folder: Folder
  let model: Server
  let modelPort: Int
  private let relay: Mutex<Server>
  let relayPort: Int
  let deployKey: String
  let home: Home
  let machine: Machine
  /// The owner's cookie.
  let cookie: String

  var origin: String { machine.origin }

  static func make() async throws -> Stage {
    let folder = try Folder()
    let model = try Server(
      "model",
      Launch(
        Tools.deno,
        [
          "run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", "--allow-env=PORT",
          "\(Tools.root)/templates/demo/model.js", "--control",
        ],
        environment: Tools.environment.merging(["PORT": "0"]) { $1 }), in: folder)
    guard let modelPort = Int(try await model.line("ready ")) else { throw NeverHappened("a port") }
    let deployKey = randomToken()
    let relayPort = freePort()
    let origin = "http://codex-remote.localhost:\(relayPort)"
    let relay = try await startRelay(folder, origin, relayPort, deployKey)
    let home = Home(path: folder.file("home"))
    let claim = Claim(origin: origin, port: relayPort, deployKey: deployKey)
    let (machine, link) = try await claim.make(home)
    let cookie = try await claim.use(link)
    return Stage(folder, model, modelPort, relay, relayPort, deployKey, home, machine, cookie)
  }

  private init(
    _ folder: Folder, _ model: Server, _ modelPort: Int, _ relay: Server, _ relayPort: Int, _ deployKey: String,
    _ home: Home, _ machine: Machine, _ cookie: String
  ) {
    self.folder = folder
    self.model = model
    self.modelPort = modelPort
    self.relay = Mutex(relay)
    self.relayPort = relayPort
    self.deployKey = deployKey
    self.home = home
    self.machine = machine
    self.cookie = cookie
  }

  private static func startRelay(_ folder: Folder, _ origin: String, _ port: Int, _ key: String) async throws -> Server
  {
    let variables = ["ORIGIN": origin, "DEPLOY_KEY": key, "PORT": "\(port)", "KV_PATH": folder.file("relay.kv")]
    let server = try Server(
      "relay",
      Launch(
        Tools.deno,
        ["run", "--quiet", "--no-prompt", "--unstable-kv", "-A", "\(Tools.root)/templates/deno/main.js"],
        environment: Tools.environment.merging(variables) { $1 }), in: folder)
    _ = try await server.line(#"{"ready""#)
    return server
  }

  /// Ends the relay at once, or in order, and starts it again with the same data.
  func restartRelay(signal: Int32 = 9) async throws {
    let old = relay.withLock { $0 }
    old.process.signal(signal)
    _ = try await old.process.ended()
    try? FileManager.default.removeItem(atPath: folder.file("relay.log"))
    let new = try await Self.startRelay(folder, origin, relayPort, deployKey)
    relay.withLock { $0 = new }
  }

  func configuration(appServer: AppServerSource = .spawned(codex: Tools.codex)) throws -> AnchorConfiguration {
    let codexHome = folder.file("codex")
    let work = folder.file("work")
    for path in [codexHome, work] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    let template = FileManager.default.contents(atPath: "\(Tools.root)/templates/demo/config.toml") ?? Data()
    let text = String(decoding: template, as: UTF8.self).replacing("PORT/", with: "\(modelPort)/")
      .replacing("FOLDER", with: "\(Tools.root)/templates/demo")
    try Data(text.utf8).write(to: URL(filePath: "\(codexHome)/config.toml"))
    // Commands run in login shells: what a person's own profile does, and a kill leaves half done, is no matter here.
    let environment = Tools.environment.merging(["CODEX_HOME": codexHome, "HOME": folder.path]) { $1 }
    return AnchorConfiguration(
      home: home, machine: machine, appServer: appServer, environment: environment, workingDirectory: work,
      version: "1.0")
  }

  func page() async throws -> Page { try await Page.open(self) }

  /// Lets the model go on behind `hold`.
  func release(_ name: String) async throws {
    _ = try await IO.request(
      HTTPRequest(
        "POST", "http://127.0.0.1:\(modelPort)/control/release", body: Array(#"{"name":"\#(name)"}"#.utf8)))
  }

  /// Awaits that the model waits there.
  func holding(_ name: String) async throws {
    _ = try await eventually("the model holds at \(name)") {
      let answer = try await IO.request(HTTPRequest("GET", "http://127.0.0.1:\(modelPort)/control/held"))
      return answer.text.contains("\"\(name)\"") ? true : nil
    }
  }

  func end() async {
    // Where the test's own anchor left it running, as it does when the relay refuses the machine.
    _ = try? await AnchorControl.stop(home, origin: origin)
    await relay.withLock { $0 }.stop()
    await model.stop()
  }
}

/// An anchor that runs beside the test, with its events.
final class RunningAnchor: Sendable {
  let anchor: Anchor
  private let task: Task<AnchorEnd, any Error>
  private let seen: Events

  final class Events: Sendable {
    private let list = Mutex<[AnchorEvent]>([])
    func append(_ event: AnchorEvent) { list.withLock { $0.append(event) } }
    var all: [AnchorEvent] { list.withLock { $0 } }
  }

  init(_ configuration: AnchorConfiguration) {
    let events = Events()
    let anchor = Anchor(configuration) { events.append($0) }
    self.anchor = anchor
    seen = events
    task = Task { try await anchor.run() }
  }

  var events: [AnchorEvent] { seen.all }

  /// Awaits codex and the link.
  func ready() async throws {
    _ = try await eventually("the anchor is ready; \(events)") {
      if case .failure(let error) = await Self.failed(task, events) { throw error }
      return events.contains { if case .codexReady = $0 { true } else { false } }
        && events.contains { if case .connected = $0 { true } else { false } } ? true : nil
    }
  }

  private static func failed(_ task: Task<AnchorEnd, any Error>, _ events: [AnchorEvent]) async -> Result<
    Void, any Error
  > {
    // What ended without an event threw.
    events.isEmpty && task.isCancelled ? .failure(CancellationError()) : .success(())
  }

  /// Awaits an event after the first `count`.
  func event(after count: Int = 0, _ what: String, _ wanted: (AnchorEvent) -> Bool) async throws -> AnchorEvent {
    try await eventually("\(what) in \(events)") { events.dropFirst(count).first(where: wanted) }
  }

  func end() async throws -> AnchorEnd { try await task.value }

  @discardableResult
  func stop(_ stop: AnchorStop = .anchorAndAppServer) async throws -> AnchorEnd {
    await anchor.stop(stop)
    return try await task.value
  }
}
