import Testing

@testable import Anchor

@Suite struct SignInsTests {
  /// Which of these are admitted now.
  private func admitted(_ signIns: inout SignIns, _ names: String...) -> [String] {
    names.filter { signIns.admits($0) }
  }

  @Test func aRevokedOneIsRefusedAndOthersAreNot() {
    var signIns = SignIns()
    #expect(admitted(&signIns, "a", "b") == ["a", "b"])
    signIns.revoke("a")
    #expect(admitted(&signIns, "a", "b") == ["b"])
    // Before it ever sent a frame.
    signIns.revoke("c")
    #expect(admitted(&signIns, "c") == [])
  }

  @Test func allMeansThoseBefore() {
    var signIns = SignIns()
    #expect(admitted(&signIns, "a", "b") == ["a", "b"])
    signIns.revokeAll()
    #expect(admitted(&signIns, "a", "b", "later") == ["later"])
  }

  @Test func whatIsRememberedIsBounded() {
    var signIns = SignIns()
    for number in 0..<3000 { signIns.revoke("\(number)") }
    #expect(admitted(&signIns, "0", "2999") == ["0"])
  }
}
