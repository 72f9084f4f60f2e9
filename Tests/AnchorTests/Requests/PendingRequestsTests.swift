import Testing

@testable import Anchor

@Suite struct PendingRequestsTests {
  static let subject = PendingRequests.Subject(thread: "t", turn: "u", item: "i")

  private func outcome(_ pending: PendingRequests, _ id: RequestID, _ subject: PendingRequests.Subject)
    -> PendingRequests.Late?
  {
    var pending = pending
    return pending.answer(id, for: subject)
  }

  @Test func anAnswerGoesToItsRequestOnly() {
    var pending = PendingRequests()
    pending.asked(.number(0), Self.subject)
    #expect(outcome(pending, .number(1), Self.subject) == .unknown)
    #expect(outcome(pending, .string("0"), Self.subject) == .unknown)
    for other in [
      PendingRequests.Subject(thread: "x", turn: "u", item: "i"),
      PendingRequests.Subject(thread: "t", turn: "x", item: "i"),
      PendingRequests.Subject(thread: "t", turn: "u", item: nil),
    ] { #expect(outcome(pending, .number(0), other) == .unknown) }
    let first = pending.answer(.number(0), for: Self.subject)
    #expect(first == nil)
    #expect(outcome(pending, .number(0), Self.subject) == .resolved)
    // App-server asks again: the answer was lost, or it is on its way.
    pending.asked(.number(0), Self.subject)
    #expect(outcome(pending, .number(0), Self.subject) == nil)
  }

  @Test func whatOthersDecidedIsTooLate() {
    var pending = PendingRequests()
    pending.asked(.string("a"), Self.subject)
    pending.resolved(.string("a"))
    let bare = pending.answer(.string("a"))
    #expect(bare == .resolved)
  }

  @Test func oldIDsAreForgottenInTime() {
    var pending = PendingRequests()
    for id in 0..<10_000 as Range<Int64> {
      pending.asked(.number(id), Self.subject)
      pending.resolved(.number(id))
    }
    #expect(pending.count == 0)
    #expect(outcome(pending, .number(9_999), Self.subject) == .resolved)
    #expect(outcome(pending, .number(0), Self.subject) == .unknown)
  }
}
