import FoundationEssentials
import Home
import Processes
import Testing
import Transport

@testable import Anchor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What breaks, and what survives it (docs/protocol.md, section 6), with the real relay and the real codex.
@Suite(.serialized) struct FaultTests {
  static let approval =
    #"{"exec":{"cmd":"touch made.txt","escalated":true,"justification":"May I?"}},{"say":"Done."}"#

  private func approve(_ page: Page, _ request: Page.Message, incarnation: String? = nil) async throws -> String? {
    let own = await page.incarnation
    let outcome = try await page.call("anchor/answer", acceptance(request, incarnation ?? own))
    return outcome.field("reason") ?? outcome.field("outcome")
  }

  private func acceptance(_ request: Page.Message, _ incarnation: String) -> String {
    #"{"incarnation":"\#(incarnation)","requestId":\#(request.id?.json ?? "null"),"#
      + #""threadId":\#(quoted(request.field("threadId"))),"turnId":\#(quoted(request.field("turnId"))),"#
      + #""itemId":\#(quoted(request.field("itemId"))),"result":{"decision":"accept"}}"#
  }

  private func quoted(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "null" }

  private func approvalRequest(_ page: Page, after count: Int = 0) async throws -> Page.Message {
    try await page.message(after: count, "the approval") { $0.method == "item/commandExecution/requestApproval" }
  }

  @Test func aCutPageGoesOnWhereItWas() async throws {
    let stage = try await Stage.make()
    let anchor = RunningAnchor(try stage.configuration())
    try await anchor.ready()
    let page = try await stage.page()
    let thread = try await page.startThread()
    let steps = (0..<5).map { #"{"hold":"cut\#($0)"},{"text":{"count":200,"start":\#($0 * 200 + 1)},"rate":0}"# }
    let turn = try await page.startTurn(thread, steps.joined(separator: ","))
    for number in 0..<5 {
      try await stage.holding("cut\(number)")
      // Some of it comes while the page is away, some while it comes back.
      await page.cut()
      try await stage.release("cut\(number)")
      try await page.resume()
    }
    try await page.turnCompleted(turn)
    #expect(await page.streamed(turn) == numbered(1000))
    try await anchor.stop()
    await stage.end()
  }

  @Test func theSessionSurvivesTheRelay() async throws {
    let stage = try await Stage.make()
    let anchor = RunningAnchor(try stage.configuration())
    try await anchor.ready()
    let page = try await stage.page()
    let thread = try await page.startThread()
    let turn = try await page.startTurn(
      thread, #"{"text":{"count":50}},{"hold":"relay"},{"text":{"count":50,"start":51}}"#)
    try await stage.holding("relay")
    let told = anchor.events.count
    try await stage.restartRelay()
    try await stage.release("relay")
    _ = try await anchor.event(after: told, "connected again") { if case .connected = $0 { true } else { false } }
    await page.cut()
    try await page.resume()
    try await page.turnCompleted(turn)
    #expect(await page.streamed(turn) == numbered(100))
    #expect(anchor.events.contains { if case .disconnected = $0 { true } else { false } })
    try await anchor.stop()
    await stage.end()
  }

  @Test func theNextAnchorAdoptsAppServerAndItsApproval() async throws {
    let stage = try await Stage.make()
    let first = RunningAnchor(try stage.configuration())
    try await first.ready()
    let page = try await stage.page()
    let thread = try await page.startThread()
    let turn = try await page.startTurn(thread, Self.approval)
    _ = try await approvalRequest(page)
    let incarnation = await page.incarnation
    _ = try await eventually("the watch sees the turn") { await first.anchor.hasActiveTurns ? true : nil }
    try await first.stop(.anchorOnly)
    await page.close()

    let second = RunningAnchor(try stage.configuration())
    try await second.ready()
    #expect(second.events.contains { if case .codexReady(_, _, true) = $0 { true } else { false } })
    // The session is gone with the first anchor; its name is not known to the second.
    try await page.connect()
    try await page.resumeSession()
    #expect(await page.end == "unknown")
    let again = try await stage.page()
    #expect(await again.incarnation == incarnation)
    _ = try await eventually("the watch finds the turn") { await second.anchor.hasActiveTurns ? true : nil }
    _ = try await again.call("thread/resume", #"{"threadId":"\#(thread)","excludeTurns":true}"#)
    let request = try await approvalRequest(again)
    #expect(try await approve(again, request) == "delivered")
    try await again.turnCompleted(turn)
    #expect(FileManager.default.fileExists(atPath: stage.folder.file("work/made.txt")))
    try await second.stop()
    await stage.end()
  }

  @Test func aDecisionForAnAppServerThatDiedIsTooLate() async throws {
    let stage = try await Stage.make()
    let configuration = try stage.configuration()
    let anchor = RunningAnchor(configuration)
    try await anchor.ready()
    let page = try await stage.page()
    let thread = try await page.startThread()
    _ = try await page.startTurn(thread, Self.approval)
    let old = try await approvalRequest(page)
    let incarnation = await page.incarnation
    let told = anchor.events.count
    let process = try #require(AppServerProcess.left(stage.home, folder: MachineStore.folder(of: stage.origin)))
    process.signal(9)
    _ = try await eventually("the session ends") { await page.end }
    #expect(await page.end == "app-server-ended")
    _ = try await anchor.event(after: told, "codex again") { if case .codexReady = $0 { true } else { false } }

    // A different command is pending under the same id.
    let again = try await stage.page()
    #expect(await again.incarnation != incarnation)
    let another = try await again.startThread()
    let turn = try await again.startTurn(
      another, #"{"exec":{"cmd":"touch other.txt","escalated":true,"justification":"May I?"}},{"say":"Done."}"#)
    let new = try await approvalRequest(again)
    #expect(new.id == old.id)
    #expect(try await approve(again, old, incarnation: incarnation) == "restarted")
    #expect(try await approve(again, old) == "unknown")
    #expect(try await approve(again, new) == "delivered")
    try await again.turnCompleted(turn)
    #expect(!FileManager.default.fileExists(atPath: stage.folder.file("work/made.txt")))
    #expect(FileManager.default.fileExists(atPath: stage.folder.file("work/other.txt")))
    try await anchor.stop()
    #expect(AppServerProcess.left(stage.home, folder: MachineStore.folder(of: stage.origin)) == nil)
    await stage.end()
  }

  @Test func aDecisionIsDeliveredOnceItIsWritten() async throws {
    let stage = try await Stage.make()
    let anchor = RunningAnchor(try stage.configuration())
    try await anchor.ready()
    let page = try await stage.page()
    let turn = try await page.startTurn(page.startThread(), Self.approval)
    let request = try await approvalRequest(page)
    let process = try #require(AppServerProcess.left(stage.home, folder: MachineStore.folder(of: stage.origin)))
    process.signal(SIGSTOP)
    // More than the socket takes.
    for _ in 0..<300 { await page.send(#"{"method":"none","params":"\#(String(repeating: "x", count: 3000))"}"#) }
    let decision = acceptance(request, await page.incarnation)
    await page.send(#"{"id":"decision","method":"anchor/answer","params":\#(decision)}"#)
    // What the anchor itself answers, after it has seen the decision.
    _ = try await page.call("anchor/info", "{}")
    #expect(await !page.messages.contains { $0.id == .string("decision") })
    process.signal(SIGCONT)
    let answer = try await page.message("the outcome") { $0.method == nil && $0.id == .string("decision") }
    #expect(answer.field("outcome") == "delivered")
    try await page.turnCompleted(turn)
    try await anchor.stop()
    await stage.end()
  }

  @Test func textInFlightIsThereForTheSecondPage() async throws {
    let stage = try await Stage.make()
    let anchor = RunningAnchor(try stage.configuration())
    try await anchor.ready()
    let first = try await stage.page()
    let thread = try await first.startThread()
    let turn = try await first.startTurn(thread, #"{"text":{"count":9000},"rate":300}"#)
    _ = try await first.message("a part of the text") { $0.text.contains("t00100") }
    let second = try await stage.page()
    // The anchor has its text from a connection of its own, which may be behind the page's.
    let whole = try await eventually("the text so far") {
      let running = try await second.call("anchor/turn/running", #"{"threadId":"\#(thread)"}"#)
      let flight = try JSONDecoder().decode(Answer.self, from: Data(running.text.utf8)).result
      #expect(flight.turnId == turn && !flight.truncated)
      let deltas = flight.items.flatMap(\.deltas).filter { $0.method == "item/agentMessage/delta" }
      let text = deltas.map(\.whole).joined()
      return text.hasPrefix(numbered(100)) ? text : nil
    }
    #expect(numbered(9000).hasPrefix(whole))
    _ = try await first.call("turn/interrupt", #"{"threadId":"\#(thread)","turnId":"\#(turn)"}"#)
    try await first.turnCompleted(turn)
    let after = try await second.call("anchor/turn/running", #"{"threadId":"\#(thread)"}"#)
    #expect(after.text.contains(#""turnId":null"#))
    try await anchor.stop()
    await stage.end()
  }

  struct Answer: Decodable { var result: TurnsInFlightTests.Running }

  @Test func whatIsNoAnswerAndWhatIsNoMessageIsSaid() async throws {
    let stage = try await Stage.make()
    let anchor = RunningAnchor(try stage.configuration())
    try await anchor.ready()
    let page = try await stage.page()
    await page.send(#"{"id":0,"result":{"decision":"accept"}}"#)
    _ = try await page.message("too late") { $0.text == #"{"method":"anchor/tooLate","params":{"id":0}}"# }
    await page.send(#"{"id":77,"method":"a","method":"b"}"#)
    _ = try await page.message("an error") { $0.text.contains("-32600") }
    #expect(try await page.call("anchor/none", "{}").text.contains("-32601"))
    #expect(try await page.call("anchor/answer", "{}").text.contains("-32602"))
    #expect(try await page.call("anchor/turn/running", "[]").text.contains("-32602"))
    #expect(try await page.call("mod\\u0065l/list", "{}").text.contains(#""data":"#))
    // A frame of the session from another sign-in's page, or of another session, is refused.
    let other = try await stage.page()
    await other.sendHeader(#""type":"message","seq":5,"ack":0"#, "\n{}")
    let ended = await page.end
    #expect(ended == nil)
    try await anchor.stop()
    await stage.end()
  }

  @Test func aStalledPageCostsNoMoreThanItsBound() async throws {
    let stage = try await Stage.make()
    let anchor = RunningAnchor(try stage.configuration())
    try await anchor.ready()
    let page = try await stage.page()
    let thread = try await page.startThread()
    await page.stall(true)
    await page.startTurnUnanswered(thread, #"{"text":{"count":6000},"rate":0}"#)
    // A page that reads sees the end.
    let watcher = try await stage.page()
    _ = try await watcher.call("thread/resume", #"{"threadId":"\#(thread)","excludeTurns":true}"#)
    _ = try await watcher.message("the end") { $0.method == "turn/completed" || $0.text.contains(#""type":"idle""#) }
    await page.stall(false)
    await page.ping()
    _ = try await page.message("the end") { $0.method == "turn/completed" }
    // Deltas that the completed item replaces may be missing; the item is whole.
    let item = try await page.message("the item") { $0.method == "item/completed" && $0.text.contains("agentMessage") }
    #expect(item.text.contains("t06000"))
    #expect(await page.end == nil)
    try await anchor.stop()
    await stage.end()
  }

  @Test func aMachineThatIsUnknownIsRefusedForGood() async throws {
    let stage = try await Stage.make()
    var configuration = try stage.configuration()
    configuration.machine = Machine(
      origin: stage.origin, user: stage.machine.user, id: "m_AAAAAAAAAAAAAAAAAAAAAA", name: "x", key: stage.machine.key)
    let anchor = RunningAnchor(configuration)
    guard case .refused(let sentence) = try await anchor.end() else {
      Issue.record("not refused")
      return
    }
    #expect(sentence.contains("codex-remote login"))
    await stage.end()
  }

  @Test func aWrongClockIsReconciledWithTheRelays() async throws {
    let stage = try await Stage.make()
    let machine = stage.machine
    let port = stage.relayPort
    let isUp = try await wrongClock(machine, port)
    #expect(isUp)
    await stage.end()
  }

  @IO private func wrongClock(_ machine: Machine, _ port: Int) async throws -> Bool {
    let link = Link(RelayDialer(origin: machine.origin, loopbackPort: port), machine) {
      Date.now.addingTimeInterval(-90_000)
    }
    var isUp = false
    link.onUp = { _ in
      isUp = true
      link.stop()
    }
    let reason = await link.run()
    #expect(reason == nil)
    return isUp
  }

  @Test func twoAnchorsForOneRelayAreOneTooMany() async throws {
    let stage = try await Stage.make()
    let first = RunningAnchor(try stage.configuration())
    try await first.ready()
    let second = Anchor(try stage.configuration())
    await #expect(throws: AnchorError.self) { try await second.run() }
    let status = try await eventually("a status") {
      try AnchorStatus.read(stage.home, origin: stage.origin).flatMap { $0.link == .connected ? $0 : nil }
    }
    #expect(status.owner == "Ada" && status.name == "Test machine")
    // It is found even where its status could not be written.
    try stage.home.remove("\(MachineStore.folder(of: stage.origin))/anchor.json")
    #expect(try AnchorControl.process(stage.home, origin: stage.origin) == .current)
    try await first.stop()
    #expect(try AnchorStatus.read(stage.home, origin: stage.origin) == nil)
    await stage.end()
  }
}

/// What the model's `text` step streams.
func numbered(_ count: Int) -> String {
  (1...count).map { "t" + String(repeating: "0", count: 5 - "\($0)".count) + "\($0) " }.joined()
}
