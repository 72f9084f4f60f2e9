import Testing

@testable import Anchor

@Suite struct MessageHeadTests {
  @Test func readsRequestsNotificationsAndResponses() throws {
    let request = try remoteHead(#"{"method":"turn/start","id":7,"params":{"threadId":"t"}}"#).get()
    #expect(request.kind == .request)
    #expect(request.method == "turn/start")
    #expect(request.id == .number(7))
    #expect(try remoteHead(#" { "method" : "initialized" } "#).get().kind == .notification)
    #expect(try remoteHead(#"{"id":"a","result":null}"#).get().kind == .response)
    #expect(try remoteHead(#"{"id":-1,"error":{}}"#).get().id == .number(-1))
  }

  @Test func resolvesEscapesInNamesAndValues() throws {
    let head = try remoteHead(#"{"m\u0065thod":"anchor\/\u0069nfo","\u0069d":"\u0031\n"}"#).get()
    #expect(head.method == "anchor/info")
    #expect(head.id == .string("1\n"))
  }

  /// Another parser might take the other one of two, or see a response where the anchor sees a request.
  @Test(arguments: [
    #"{"method":"a","method":"b","id":1}"#,
    #"{"method":"a","m\u0065thod":"b","id":1}"#,
    #"{"id":1,"id":2,"result":{}}"#,
    #"{"id":0,"result":1,"result":2}"#,
    #"{"method":5,"id":0,"result":{"decision":"accept"}}"#,
    #"{"method":null,"id":0,"result":{}}"#,
    #"{"method":"a","id":null}"#,
    #"{"method":"a","id":1.5,"result":{}}"#,
    #"{"method":"a","id":-0}"#,
    #"{"method":"a","id":9223372036854775808}"#,
    #"{"method":"a","id":1e1}"#,
    #"{"id":0}"#, #"{}"#, #"[]"#, #""a""#, "", " ", "null", #"{"method":"a"} {"id":0,"result":{}}"#,
    #"{"method":"a",}"#, #"{"method":"a""#, #"{'method':'a'}"#, #"{"method":"\x"}"#, "{\"method\":\"a\u{1}\"}",
    #"{"a":01}"#, #"{"a":+1}"#, #"{"a":.5}"#, #"{"a":1.}"#, #"{"a":tru}"#, #"{"a":[1,]}"#, #"{"a":{]}"#,
  ]) func whatCannotBeClassifiedIsRefused(text: String) {
    #expect(throws: MessageHead.Unclassifiable.self) { try remoteHead(text).get() }
  }

  @Test func tellsTheIDForTheAnswerWhereThereIsOne() {
    #expect(remoteHead(#"{"id":3}"#) == .failure(MessageHead.Unclassifiable(id: .number(3))))
    #expect(remoteHead(#"{"id":3,"id":4}"#) == .failure(MessageHead.Unclassifiable(id: nil)))
  }

  @Test func nestingCostsNothingAndIsBoundedWhereCodexBoundsIt() throws {
    func nested(_ depth: Int) -> String {
      #"{"method":"a","params":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }
    #expect(try remoteHead(nested(126)).get().method == "a")
    #expect(throws: MessageHead.Unclassifiable.self) { try remoteHead(nested(127)).get() }
    let bomb = nested(1_000_000)
    let isRefused = (try? remoteHead(bomb).get()) == nil
    #expect(isRefused)
    // Of codex's own messages the nesting is skipped.
    let skips = Parsed(bomb).head?.method == "a"
    #expect(skips)
    let half = Parsed(#"{"method":"a","params":"# + String(repeating: "[", count: 1_000_000)).head
    #expect(half == nil)
  }

  @Test func aThousandKeysAreRefused() {
    let keys = (0..<1000).map { #""k\#($0)":0"# }.joined(separator: ",")
    #expect(throws: MessageHead.Unclassifiable.self) { try remoteHead("{\(keys)}").get() }
  }

  @Test func findsWhatAnItemsDeltaHolds() throws {
    let delta = Parsed(
      #"{"method":"item/agentMessage/delta","params":{"threadId":"t","turnId":"u","itemId":"m","delta":"a\"b"},"#
        + #""emittedAtMs":12}"#)
    guard case .delta(let found) = delta.kind else {
      Issue.record("no delta")
      return
    }
    #expect(String(decoding: delta.bytes[found.text], as: UTF8.self) == #"a\"b"#)
    #expect(found.emittedAt.map { String(decoding: delta.bytes[$0], as: UTF8.self) } == "12")
    func completed(_ turn: String) -> MessageClass {
      Parsed(
        #"{"method":"item/completed","params":{"item":{"type":"agentMessage","id":"m"},"threadId":"t","turnId":"\#(turn)"}}"#
      ).kind
    }
    #expect(completed("u") == .completed(item: found.item))
    #expect(completed("v") != .completed(item: found.item))
    #expect(Parsed(#"{"method":"serverRequest/resolved","params":{"threadId":"t","requestId":0}}"#).kind == .urgent)
    #expect(Parsed(#"{"method":"item/x/requestApproval","id":0,"params":{}}"#).kind == .urgent)
    #expect(Parsed(#"{"method":"command/exec/outputDelta","params":{"delta":"x"}}"#).kind == .plain)
  }
}
