import Cryptography
import FoundationEssentials
import Home
import Synchronization
import Testing
import Transport

@testable import Anchor

@Suite struct MachineStoreTests {
  @Test func keepsOneMachineForEachRelay() throws {
    let folder = try Folder()
    let store = MachineStore(home: Home(path: folder.file("home")))
    let origin = "https://relay.example:8443"
    #expect(try store.load(origin) == nil)
    let key = try store.keyOrNew(origin)
    #expect(try store.keyOrNew(origin).publicKey == key.publicKey)
    try store.save(Machine(origin: origin, user: "u_1", id: "m_1", name: "Desk", key: key))
    let loaded = try #require(try store.load(origin))
    #expect(loaded.id == "m_1" && loaded.user == "u_1" && loaded.key.publicKey == key.publicKey)
    #expect(try store.load("http://relay.example:8443") == nil, "another origin in the same folder")
    #expect(try store.origins() == [origin])
    let path = folder.file("home/relays/relay.example_8443/key.der")
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    // What a desktop puts into every folder that one looks at.
    #expect(FileManager.default.createFile(atPath: folder.file("home/relays/.DS_Store"), contents: nil))
    #expect(try store.origins() == [origin])
    try store.home.write(Data("{".utf8), to: "relays/other.example/machine.json")
    #expect(try store.records().map { try? $0.get() } == [nil, origin])
    #expect(throws: HomeError.self) { try store.origins() }
    try store.home.remove("relays/other.example")
    try store.remove(origin)
    #expect(try store.origins().isEmpty && store.load(origin) == nil)
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}

@Suite struct DeviceLoginTests {
  @Test func originsAreReadAsPeopleWriteThem() throws {
    #expect(try DeviceLogin.relayOrigin("http://[::1]:8000/") == "http://[::1]:8000")
    #expect(throws: LoginError.self) { try DeviceLogin.relayOrigin("http://[::2]:8000") }
    #expect(try DeviceLogin.relayOrigin("relay.example") == "https://relay.example")
    #expect(try DeviceLogin.relayOrigin("https://Relay.example/x?y#z") == "https://relay.example")
    #expect(try DeviceLogin.relayOrigin("http://codex-remote.localhost:8787/") == "http://codex-remote.localhost:8787")
    for text in ["", "http://relay.example", "ftp://relay.example", "https://", "https://a@relay.example"] {
      #expect(throws: LoginError.self, "\(text)") { try DeviceLogin.relayOrigin(text) }
    }
  }

  /// A relay that answers as it is told.
  private func login(_ answers: [(Int, String)]) throws -> (login: DeviceLogin, folder: Folder, pauses: Pauses) {
    let folder = try Folder()
    let left = Mutex(answers)
    let pauses = Pauses()
    let login = DeviceLogin(
      store: MachineStore(home: Home(path: folder.file("home"))), origin: "https://relay.example",
      send: { _ in
        let (status, body) = left.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        return HTTPResponse(status: status, body: Array(body.utf8))
      }, pause: { pauses.add($0) })
    return (login, folder, pauses)
  }

  final class Pauses: Sendable {
    private let list = Mutex<[Duration]>([])
    func add(_ duration: Duration) { list.withLock { $0.append(duration) } }
    var all: [Duration] { list.withLock { $0 } }
  }

  static let grant = (
    200,
    #"{"device_code":"ab.x","user_code":"BCDF-GHJK","verification_uri":"https://relay.example/","verification_uri_complete":"https://relay.example/#code=BCDF-GHJK","expires_in":600,"interval":5}"#
  )
  static let approved = (200, #"{"user":"u_1","machine":"m_1","name":"Desk","origin":"https://relay.example"}"#)

  @Test func waitsAsTheRelayAsks() async throws {
    let (login, folder, pauses) = try login([
      Self.grant, (400, #"{"error":"authorization_pending"}"#), (400, #"{"error":"slow_down"}"#), Self.approved,
    ])
    let shown = Mutex<LoginPrompt?>(nil)
    let machine = try await login.run(name: "Desk") { prompt in shown.withLock { $0 = prompt } }
    #expect(machine.id == "m_1")
    #expect(shown.withLock { $0?.code } == "BCDF-GHJK")
    #expect(shown.withLock { $0?.fingerprint } == machine.fingerprint)
    #expect(pauses.all == [.seconds(5), .seconds(5), .seconds(10)])
    #expect(try MachineStore(home: Home(path: folder.file("home"))).load("https://relay.example")?.id == "m_1")
  }

  /// What it shows goes to a terminal.
  @Test(arguments: ["BCDF-GHJK\\u001b[2J", "bcdf-ghjk", "BCDF-GHJK\\nApprove it", "", "AEIO-UAEI"])
  func aCodeThatIsNoneIsNotShown(code: String) async throws {
    let (login, _, _) = try login([(200, Self.grant.1.replacing("BCDF-GHJK", with: code)), Self.approved])
    await #expect(throws: LoginError.self) { try await login.run(name: "Desk") { _ in Issue.record("shown") } }
  }

  @Test func theLinkIsTheRelaysOwnAndTimesAreBounded() async throws {
    let grant = Self.grant.1.replacing("https://relay.example/#", with: "https://evil.example/#")
      .replacing("600", with: "9000000000000000000").replacing("\"interval\":5", with: "\"interval\":-9")
    let (login, _, pauses) = try login([(200, grant), Self.approved])
    let shown = Mutex<LoginPrompt?>(nil)
    _ = try await login.run(name: "Desk") { prompt in shown.withLock { $0 = prompt } }
    #expect(shown.withLock { $0?.link } == "https://relay.example/#code=BCDF-GHJK")
    #expect(pauses.all == [.seconds(1)])
  }

  @Test(arguments: [
    (400, #"{"error":"access_denied"}"#, LoginError.Code.denied),
    (400, #"{"error":"expired_token"}"#, .expired),
    (403, #"{"error":{"code":"x","message":"No."}}"#, .refused),
    (200, "<html>", .notARelay),
    (200, #"{"user":"u_1","machine":"m_1","name":"Desk","origin":"https://other.example"}"#, .notARelay),
  ]) func whatGoesWrongIsSaid(status: Int, body: String, code: LoginError.Code) async throws {
    let (login, folder, _) = try login([Self.grant, (status, body)])
    do {
      _ = try await login.run(name: "Desk") { _ in }
      Issue.record("signed in")
    } catch let error as LoginError {
      #expect(error.code == code)
      #expect(error.description.hasSuffix("."))
    }
    #expect(try MachineStore(home: Home(path: folder.file("home"))).load("https://relay.example") == nil)
  }
}
