import Cryptography
import FoundationEssentials
import Home
import Ports
import Processes
import Providers
import SelfHost
import Synchronization
import Testing
import Transport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The relay of this repository on the real deno.
@Suite struct LocalProviderTests {
  @Test func thePlanBundlesStartsAndVerifies() async throws {
    try await withHome { home in
      let relay = Relay(home: home)
      let steps = Mutex<[Step]>([])
      let deployment = try await relay.deploy { progress in
        if case .done(let step, let detail, _) = progress {
          steps.withLock { $0.append(step) }
          #expect(!detail.isEmpty)
        }
      }
      #expect(steps.withLock { $0 } == [.bundle, .account, .start, .verify])
      #expect(deployment.address.origin == relay.origin)
      await relay.provider.stop()
      await #expect(throws: TransportError.self) { try await IO.request(HTTPRequest("GET", deployment.address.url)) }
      try expectPrivate(home.path)
    }
  }

  @Test func aSecondRunKeepsTheDataAndTheKey() async throws {
    try await withHome { home in
      let port = freePort()
      let relay = Relay(home: home, port: port)
      try await relay.deploy()
      guard case .link(let link, _, let machine?, _) = try await relay.claim() else {
        Issue.record("a new relay gives a claim link for a machine")
        return
      }
      #expect(link.hasPrefix(relay.origin + "/#link=claim.u_"))
      await relay.provider.stop()

      let again = Relay(home: home, port: port)
      try await again.deploy()
      let look = try await again.post("/api/link/look", #"{"link":"\#(link.split(separator: "=")[1])"}"#)
      #expect(look.status == 200)
      #expect(look.text.contains(#""name":"desk""#))
      guard case .link(let newLink, _, let sameMachine, _) = try await again.claim() else {
        Issue.record("an unclaimed relay gives a new link")
        return
      }
      #expect(newLink != link)
      #expect(sameMachine != nil && machine.hasPrefix("m_"))
      let voided = try await again.post("/api/link/look", #"{"link":"\#(link.split(separator: "=")[1])"}"#)
      #expect(voided.status == 403)
      await again.provider.stop()
    }
  }

  @Test func aRelayThatAKilledRunLeftBehindIsReplaced() async throws {
    try await withHome { home in
      let port = freePort()
      // Never stopped by the provider that started it, as if that had been killed.
      let killed = Relay(home: home, port: port)
      try await killed.deploy()
      let left = try identity(home)
      #expect(left.isRunning)
      let next = Relay(home: home, port: port)
      try await next.deploy()
      #expect(!left.isRunning)
      await next.provider.stop()
      #expect(try home.read("relay/process.json") == nil)
    }
  }

  @Test func aForeignProcessUnderAnOldIdIsLeftAlone() async throws {
    try await withHome { home in
      let log = try home.directory("relay") + "/sleep.log"
      let foreign = try ChildProcess.spawn(Launch("/bin/sleep", ["600"], environment: [:]), log: log)
      let stale = ProcessIdentity(pid: foreign.identity.pid, startedAt: "1", bootID: foreign.identity.bootID)
      try home.writeJSON(stale, to: "relay/process.json")
      await Relay(home: home).provider.stop()
      #expect(foreign.identity.isRunning)
      await foreign.stop()
    }
  }

  @Test func aPortInUseIsOneSentence() async throws {
    try await withHome { home in
      let first = Relay(home: home)
      try await first.deploy()
      try await withHome { other in
        let second = Relay(home: other, port: first.port)
        let error = await #expect(throws: ProviderError.self) { try await second.deploy() }
        #expect(error?.code == .addressInUse)
        #expect(
          error?.description
            == "Port \(first.port) is in use by another program: stop that, or choose another port with --port.")
      }
      await first.provider.stop()
    }
  }

  @Test(.timeLimit(.minutes(5))) func aRelayThatEndsIsStartedAgain() async throws {
    try await withHome { home in
      let relay = Relay(home: home)
      let deployment = try await relay.deploy()
      let (reports, continuation) = AsyncStream.makeStream(of: String.self)
      async let keeper: Void = relay.provider.keepRunning { continuation.yield($0) }
      let first = try identity(home)
      kill(first.pid, SIGKILL)
      var iterator = reports.makeAsyncIterator()
      #expect(await iterator.next() == "The relay ended (signal 9) and is started again.")
      let health = HTTPRequest("GET", deployment.address.url + "/health", headers: relay.host)
      // The test's own time limit bounds this.
      while (try? await IO.request(health))?.status != 200 { try await Task.sleep(for: .milliseconds(5)) }
      #expect(try identity(home) != first)
      await relay.provider.stop()
      try await keeper
    }
  }

  @Test(.timeLimit(.minutes(5))) func stoppingEndsARelayThatIsJustBeingStarted() async throws {
    try await withHome { home in
      let relay = Relay(home: home)
      try await relay.deploy()
      async let keeper: Void = relay.provider.keepRunning { _ in }
      let first = try identity(home)
      kill(first.pid, SIGKILL)
      // Its record is written before it is ready.
      var second = first
      while second == first {
        try await Task.sleep(for: .milliseconds(1))
        second = try home.readJSON(from: "relay/process.json") ?? first
      }
      await relay.provider.stop()
      try await keeper
      #expect(!second.isRunning)
      #expect(try home.read("relay/process.json") == nil)
    }
  }

  @Test func changedFilesAreANewRevisionAndTheOldOneIsKept() async throws {
    try await withHome { home in
      let port = freePort()
      var folders: Set<String> = []
      for page in ["1", "2", "3"] {
        let relay = Relay(home: home, port: port, page: "<script src=\"{{base}}/app.js?\(page)\"></script>")
        let deployment = try await relay.deploy()
        folders.insert(deployment.revision.id)
        await relay.provider.stop()
      }
      #expect(folders.count == 3)
      let kept = try FileManager.default.contentsOfDirectory(atPath: home.path(of: "relay/code"))
      #expect(kept.count == 2 && folders.isSuperset(of: kept))
    }
  }

  @Test func anUnwritableHomeIsOneSentence() async throws {
    let home = Home(path: "/dev/null/home")
    let error = await #expect(throws: HomeError.self) { try await Relay(home: home).deploy() }
    #expect(error?.description.contains("CODEX_REMOTE_HOME") == true)
  }
}

private func identity(_ home: Home) throws -> ProcessIdentity {
  try #require(try home.readJSON(from: "relay/process.json"))
}

/// A relay under test, as `up` brings it up.
private struct Relay {
  let home: Home
  let port: Int
  let page: String
  let provider: LocalProvider
  var origin: String { "http://codex-remote.localhost:\(port)" }
  var host: HTTPHeaders { ["Host": "codex-remote.localhost:\(port)"] }

  init(home: Home, port: Int = freePort(), page: String = "<script src=\"{{base}}/app.js\"></script>") {
    (self.home, self.port, self.page) = (home, port, page)
    provider = LocalProvider(
      home: home, origin: "http://codex-remote.localhost:\(port)", port: port, environment: toolEnvironment)
  }

  @discardableResult
  func deploy(_ report: @escaping Report = { _ in }) async throws -> Deployment {
    try await SelfHost.deploy(
      relaySources(page: page),
      options: DeployOptions(settings: Settings(secrets: ["DEPLOY_KEY": DeployKey.load(from: home)])),
      to: provider,
      client: IO.client, report: report)
  }

  func claim() async throws -> Claim {
    let address = try #require(await provider.address())
    return try await SelfHost.claim(
      address, machine: ClaimedMachine(name: "desk", key: SigningKey().publicKey),
      deployKey: DeployKey.load(from: home), client: IO.client)
  }

  func post(_ path: String, _ body: String) async throws -> HTTPResponse {
    var headers = host
    headers["Origin"] = origin
    headers["Content-Type"] = "application/json"
    return try await IO.request(
      HTTPRequest("POST", "http://127.0.0.1:\(port)\(path)", headers: headers, body: Array(body.utf8)))
  }
}

/// Nothing below the folder can be read by another user.
private func expectPrivate(_ path: String) throws {
  for name in [""] + (try FileManager.default.subpathsOfDirectory(atPath: path)) {
    var info = stat()
    #expect(lstat("\(path)/\(name)", &info) == 0)
    // Deno makes its own files below a folder that is closed to others.
    if name.hasPrefix("deno/") || name.hasPrefix("relay/data/") { continue }
    #expect(info.st_mode & 0o077 == 0, "\(name)")
  }
}
