import FoundationEssentials
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
}
