import FoundationEssentials
import Home
import Processes
import Testing
import Transport

@testable import Anchor

@Suite struct CodexVersionTests {
  @Test func findsAVersionInWords() {
    #expect(CodexVersion(in: "codex-cli 0.163.0") == .oldest)
    #expect(CodexVersion(in: "codex-remote/0.169.2 (Debian 12.0.0; x86_64)")?.description == "0.169.2")
    #expect(CodexVersion(in: "codex-cli 1.0.0-alpha.3")?.major == 1)
    for text in ["", "codex", "1.2", "v", "..."] { #expect(CodexVersion(in: text) == nil) }
  }

  @Test func comparesByNumber() throws {
    let old = try #require(CodexVersion(in: "0.99.9"))
    #expect(old < .oldest)
    #expect(try #require(CodexVersion(in: "1.0.0")) > .oldest)
  }

  @Test func theRealCodexIsNewEnough() async throws {
    let codex = try await Codex.check(Tools.codex, environment: Tools.environment)
    #expect(codex.path == Tools.codex)
  }

  @Test func whatIsMissingOrOldIsSaidInASentence() async throws {
    let folder = try Folder()
    func check(_ path: String?, _ variables: [String: String]) async -> CodexError? {
      do {
        _ = try await Codex.check(path, environment: variables)
        return nil
      } catch { return error as? CodexError }
    }
    #expect(await check(nil, ["PATH": folder.path])?.code == .notFound)
    #expect(await check(folder.file("none"), [:])?.description.contains("--codex") == true)
    let script = folder.file("codex")
    try Data("#!/bin/sh\necho codex-cli 0.150.3\n".utf8).write(to: URL(filePath: script))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
    let old = await check(nil, ["PATH": folder.path])
    #expect(old?.code == .tooOld)
    #expect(old?.description.contains("0.150.3") == true && old?.description.contains("update") == true)
  }
}

@Suite struct ThreadWatchTests {
  @Test func subscribesOnceAndLetsGoLater() {
    var watch = ThreadWatch()
    var now = ContinuousClock.now
    var subscribes = watch.changed("t", isActive: true, at: now)
    #expect(subscribes)
    subscribes = watch.changed("t", isActive: true, at: now)
    #expect(!subscribes)
    #expect(watch.active == ["t"])
    _ = watch.changed("t", isActive: false, at: now)
    #expect(watch.active.isEmpty)
    now += .seconds(30)
    var idle = watch.idle(at: now)
    #expect(idle.isEmpty)
    // A turn in between keeps it.
    subscribes = watch.changed("t", isActive: true, at: now)
    #expect(!subscribes)
    _ = watch.changed("t", isActive: false, at: now)
    now += .seconds(59)
    idle = watch.idle(at: now)
    #expect(idle.isEmpty)
    now += .seconds(1)
    idle = watch.idle(at: now)
    #expect(idle == ["t"])
    subscribes = watch.changed("t", isActive: true, at: now)
    #expect(subscribes)
  }

  @Test func aThreadThatIsIdleIsNotSubscribed() {
    var watch = ThreadWatch()
    let subscribes = watch.changed("t", isActive: false, at: .now)
    #expect(!subscribes)
    let idle = watch.idle(at: .now + .seconds(100))
    #expect(idle.isEmpty)
  }
}

@Suite struct SocketPathTests {
  @Test func isShortAndPrivate() throws {
    let folder = try Folder()
    let near = try SocketPath.make(home: Home(path: folder.file("h")), relayFolder: "relays/a")
    #expect(near.hasPrefix(folder.path))
    let deep = folder.file(String(repeating: "deep/", count: 20) + "home")
    let far = try SocketPath.make(home: Home(path: deep), relayFolder: "relays/a")
    #expect(far.utf8.count <= 100 && far.hasPrefix("/tmp/codex-remote-"))
    let parent = String(far[..<(far.lastIndex(of: "/") ?? far.startIndex)])
    let mode = try FileManager.default.attributesOfItem(atPath: parent)[.posixPermissions] as? Int
    #expect(mode == 0o700)
  }

  @Test func aNewFileIsAnotherOne() throws {
    let folder = try Folder()
    #expect(SocketPath.identity(folder.file("x")) == nil)
    try Data("a".utf8).write(to: URL(filePath: folder.file("x")))
    let first = SocketPath.identity(folder.file("x"))
    #expect(first == SocketPath.identity(folder.file("x")))
    try Data("a".utf8).write(to: URL(filePath: folder.file("y")))
    try FileManager.default.removeItem(atPath: folder.file("x"))
    try FileManager.default.moveItem(atPath: folder.file("y"), toPath: folder.file("x"))
    #expect(first != SocketPath.identity(folder.file("x")))
  }
}

@Suite struct OwnConnectionTests {
  @Test @IO func whatCodexIsTooBusyForIsAskedAgain() async throws {
    let folder = try Folder()
    let path = folder.file("app-server")
    let program = "\(Tools.root)/Tests/Support/servers/busy_app_server.js"
    let server = try Server(
      "busy",
      Launch(
        Tools.deno, ["run", "--allow-all", "--no-prompt", program, path, "3"], environment: Tools.environment),
      in: folder)
    _ = try await server.line("ready")
    let own = try await OwnConnection.open(path, version: "1.0.0") { _, _ in }
    let version = own.version
    #expect(version == .oldest)
    let answer = try await own.call("thread/loaded/list", "{}")
    #expect(String(decoding: answer, as: UTF8.self).contains("thread/loaded/list"))
    own.close()
    await server.stop()
  }
}
