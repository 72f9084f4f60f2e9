import FoundationEssentials
import Home
import Processes
import Testing
import Transport

@testable import Anchor

/// The anchor between the real relay and the real codex; only the model is a stand-in.
@Suite(.serialized) struct EndToEndTests {
  @Test func aTurnWithAnApprovalThroughTheRelay() async throws {
    let stage = try await Stage.make()
    let anchor = RunningAnchor(try stage.configuration())
    try await anchor.ready()
    let page = try await stage.page()
    let info = try await page.call("anchor/info", "{}")
    #expect(info.field("name") == "Test machine")
    let thread = try await page.startThread()
    let turn = try await page.startTurn(
      thread,
      #"{"text":{"count":50},"rate":0},{"exec":{"cmd":"touch made.txt","escalated":true,"justification":"May I?"}},{"say":"Done."}"#
    )
    let request = try await page.message("the approval") { $0.method == "item/commandExecution/requestApproval" }
    let item = try #require(request.field("itemId"))
    let id = try #require(request.id)
    let incarnation = await page.incarnation
    func decide(_ thread: String, _ incarnation: String) async throws -> String? {
      let outcome = try await page.call(
        "anchor/answer",
        #"{"incarnation":"\#(incarnation)","requestId":\#(id.json),"threadId":"\#(thread)","turnId":"\#(turn)","itemId":"\#(item)","result":{"decision":"accept"}}"#
      )
      return outcome.field("reason") ?? outcome.field("outcome")
    }
    #expect(try await decide(thread, "another") == "restarted")
    #expect(try await decide("another", incarnation) == "unknown")
    #expect(try await decide(thread, incarnation) == "delivered")
    #expect(try await decide(thread, incarnation) == "resolved")
    try await page.turnCompleted(turn)
    #expect(FileManager.default.fileExists(atPath: stage.folder.file("work/made.txt")))
    let streamed = await page.streamed(turn)
    #expect(streamed.hasPrefix("t00001 t00002 ") && streamed.contains("t00050 "))
    await page.close()
    #expect(try await anchor.stop() == .stopped)
    await stage.end()
  }

  @Test func aMachineSignsInByCode() async throws {
    let stage = try await Stage.make()
    let home = Home(path: stage.folder.file("another"))
    let claim = Claim(origin: stage.origin, port: stage.relayPort, deployKey: stage.deployKey)
    let prompts = AsyncStream.makeStream(of: LoginPrompt.self)
    let login = DeviceLogin(
      store: MachineStore(home: home), origin: stage.origin, pause: { _ in try await Task.sleep(for: .seconds(5)) })
    async let signedIn = login.run(name: "Laptop") { prompts.continuation.yield($0) }
    var shown = prompts.stream.makeAsyncIterator()
    let prompt = try #require(await shown.next())
    #expect(prompt.link == "\(stage.origin)/#code=\(prompt.code)")
    let looked = try await claim.browser("/api/code/look", #"{"code":"\#(prompt.code)"}"#, cookie: stage.cookie)
    #expect(looked.text.contains(prompt.fingerprint) && looked.text.contains("Laptop"))
    _ = try await claim.browser("/api/code/approve", #"{"code":"\#(prompt.code)"}"#, cookie: stage.cookie)
    let machine = try await signedIn
    #expect(machine.name == "Laptop" && machine.user == stage.machine.user && machine.id != stage.machine.id)

    var configuration = try stage.configuration()
    configuration.home = home
    configuration.machine = try #require(try MachineStore(home: home).load(stage.origin))
    let anchor = RunningAnchor(configuration)
    try await anchor.ready()
    // Revoked, it ends and says what to do.
    _ = try await claim.browser("/api/machines/revoke", #"{"id":"\#(machine.id)"}"#, cookie: stage.cookie)
    guard case .refused(let sentence) = try await anchor.end() else {
      Issue.record("not refused")
      return
    }
    #expect(sentence.contains("codex-remote login"))
    #expect(try await AnchorControl.stop(home, origin: stage.origin).appServer)
    await stage.end()
  }

  @Test func someoneElsesAppServerIsAttachedTo() async throws {
    let stage = try await Stage.make()
    let configuration = try stage.configuration()
    let socket = stage.folder.file("own.sock")
    let own = try Server(
      "own",
      Launch(
        Tools.codex, ["app-server", "--listen", "unix://\(socket)"], environment: configuration.environment,
        directory: configuration.workingDirectory), in: stage.folder)
    _ = try await eventually("it listens") { FileManager.default.fileExists(atPath: socket) ? true : nil }
    let anchor = RunningAnchor(try stage.configuration(appServer: .attached(socket: socket)))
    try await anchor.ready()
    let page = try await stage.page()
    #expect(try await page.call("anchor/info", "{}").text.contains(#""attached":true"#))
    let incarnation = await page.incarnation
    // Killed, it leaves its socket behind.
    own.process.signal(9)
    _ = try await eventually("the session ends") { await page.end }
    #expect(await page.end == "app-server-ended")
    _ = try await anchor.event("codex is lost") { if case .codexLost = $0 { true } else { false } }
    let told = anchor.events.count
    let next = try Server(
      "next",
      Launch(
        Tools.codex, ["app-server", "--listen", "unix://\(socket)"], environment: configuration.environment,
        directory: configuration.workingDirectory), in: stage.folder)
    _ = try await anchor.event(after: told, "codex again") { if case .codexReady = $0 { true } else { false } }
    let again = try await stage.page()
    #expect(await again.incarnation != incarnation)
    // Ending the anchor leaves what it did not start.
    try await anchor.stop()
    #expect(next.process.ending == nil)
    await next.stop()
    await stage.end()
  }
}
