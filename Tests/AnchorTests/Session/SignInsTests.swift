import Testing

@testable import Anchor

@Suite struct SignInsTests {
  @Test func aRevokedOneIsRefusedAndOthersAreNot() {
    var signIns = SignIns()
    #expect(signIns.admits("a") && signIns.admits("b"))
    signIns.revoke("a")
    #expect(!signIns.admits("a") && signIns.admits("b"))
    // Before it ever sent a frame.
    signIns.revoke("c")
    #expect(!signIns.admits("c"))
  }

  @Test func allMeansThoseBefore() {
    var signIns = SignIns()
    for name in ["a", "b"] { #expect(signIns.admits(name)) }
    signIns.revokeAll()
    for name in ["a", "b"] { #expect(!signIns.admits(name)) }
    #expect(signIns.admits("later"))
  }

  @Test func whatIsRememberedIsBounded() {
    var signIns = SignIns()
    for number in 0..<3000 { signIns.revoke("\(number)") }
    #expect(!signIns.admits("2999"))
    #expect(signIns.admits("0"))
  }
}
