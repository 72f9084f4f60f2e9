import Providers
import SelfHost
import Synchronization
import Testing
import Transport

/// The plan's decisions, with a provider and a relay that are told what to answer.
@Suite struct DeployTests {
  @Test func aFailedVerificationPutsTheOldRevisionBack() async throws {
    let provider = FakeProvider(found: .relay(Revision(id: "old")))
    let reports = Mutex<[Progress]>([])
    let error = await #expect(throws: VerificationError.self) {
      try await deploy(
        relaySources(), options: DeployOptions(settings: Settings()), to: provider,
        client: relay(policy: "default-src 'self'"),
        report: { report in reports.withLock { $0.append(report) } })
    }
    #expect(error?.description.contains("security headers") == true)
    #expect(
      provider.calls == [
        "authenticate", "look", "configure", "upload", "activate new", "address", "roll back to old",
      ])
    #expect(reports.withLock { $0.last } == .failed(.verify))
  }

  @Test(arguments: [Found.nothing, .relay(nil), .relay(Revision(id: "new"))])
  func nothingIsPutBackWhereNothingElseWas(found: Found) async throws {
    let provider = FakeProvider(found: found)
    await #expect(throws: VerificationError.self) {
      try await deploy(
        relaySources(), options: DeployOptions(settings: Settings()), to: provider, client: relay(policy: ""),
        report: { _ in })
    }
    #expect(provider.calls.last == "address")
  }

  @Test func aForeignThingOfThatNameIsLeftAlone() async throws {
    let provider = FakeProvider(found: .foreign("The name is taken."))
    let error = await #expect(throws: (any Error).self) {
      try await deploy(
        relaySources(), options: DeployOptions(settings: Settings()), to: provider, client: relay(), report: { _ in })
    }
    #expect(error.map { "\($0)" } == "The name is taken.")
    #expect(provider.calls == ["authenticate", "look"])
  }

  @Test func aRoundTripThatFailsPutsTheOldRevisionBack() async throws {
    struct Lost: Error {}
    let provider = FakeProvider(found: .relay(Revision(id: "old")))
    let asked = Mutex<[String]>([])
    var options = DeployOptions(settings: Settings(secrets: ["DEPLOY_KEY": "key"]))
    options.patience = .seconds(1)
    options.roundTrip = RoundTrip { address, key, _ in
      asked.withLock { $0.append("\(address.origin) \(key)") }
      throw Lost()
    }
    await #expect(throws: VerificationError.self) {
      try await deploy(relaySources(), options: options, to: provider, client: relay(), report: { _ in })
    }
    #expect(asked.withLock { Set($0) } == ["https://relay.example key"])
    #expect(provider.calls.last == "roll back to old")
  }

  @Test func aTimeThatIsNoneIsNotTaken() async throws {
    let key = String(repeating: "k", count: 43)
    let outcome = try await claim(RelayAddress(origin: "https://relay.example"), machine: nil, deployKey: key) {
      $0.method == "GET" ? HTTPResponse(status: 200, body: Array(#"{"time":1e300}"#.utf8)) : HTTPResponse(status: 409)
    }
    #expect(outcome == .owned)
  }

  @Test func aRelayInOrderIsTold() async throws {
    let provider = FakeProvider(found: .nothing)
    let deployment = try await deploy(
      relaySources(), options: DeployOptions(settings: Settings()), to: provider, client: relay(), report: { _ in })
    #expect(deployment.address.origin == "https://relay.example")
    #expect(deployment.revision.id == "new")
  }
}

private final class FakeProvider: Provider {
  let name = "fake"
  let adapter = Adapter(folder: "deno", entry: "deno/main.js")
  private let found: Found
  private let made = Mutex<[String]>([])

  init(found: Found) { self.found = found }

  var calls: [String] { made.withLock { $0 } }
  private func note(_ call: String) { made.withLock { $0.append(call) } }

  func authenticate() async throws -> Account {
    note("authenticate")
    return Account(id: "1", description: "somebody")
  }
  func look() async throws -> Found {
    note("look")
    return found
  }
  func configure(_ settings: Settings) async throws { note("configure") }
  func upload(_ upload: Upload) async throws -> Revision {
    note("upload")
    return Revision(id: "new")
  }
  func activate(_ revision: Revision) async throws { note("activate \(revision.id)") }
  func address() async throws -> RelayAddress? {
    note("address")
    return RelayAddress(origin: "https://relay.example")
  }
  func logs(limit: Int) async throws -> [String] { [] }
  func rollBack(to revision: Revision, withItsSecrets: Bool) async throws { note("roll back to \(revision.id)") }
  func destroy() async throws { note("destroy") }
}

/// Answers as the relay does, with a content security policy of one's choice.
private func relay(policy: String = "default-src 'none'; frame-ancestors 'none'") throws -> HTTPClient {
  let build = try bundle(relaySources(), for: Adapter(folder: "deno", entry: "deno/main.js")).build
  return { request in
    #expect(request.headers["Host"] == "relay.example")
    switch request.url {
    case "https://relay.example/health":
      return HTTPResponse(status: 200, body: Array(#"{"ok":true,"build":"\#(build)","more":1}"#.utf8))
    case "https://relay.example/":
      return HTTPResponse(
        status: 200, headers: ["content-security-policy": policy, "x-content-type-options": "nosniff"],
        body: Array("<script src=\"/\(build)/app.js\"></script>".utf8))
    case "https://relay.example/\(build)/files.json":
      return HTTPResponse(status: 200, headers: ["cache-control": "immutable"])
    case "https://relay.example/anchor?protocol=1":
      return HTTPResponse(status: 401, body: Array(#"{"error":{"code":"bad-token"}}"#.utf8))
    default: return HTTPResponse(status: 404)
    }
  }
}
