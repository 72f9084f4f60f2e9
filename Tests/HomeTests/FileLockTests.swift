import Foundation
import Home
import Testing

@Suite struct FileLockTests {
  @Test func isHeldOnce() throws {
    try withHome { home in
      #expect(try home.lockHolder("anchor.lock") == nil)
      let lock = try #require(try home.lock("anchor.lock"))
      #expect(try home.lock("anchor.lock") == nil)
      #expect(try home.lockHolder("anchor.lock") == getpid())
      #expect(try mode(home.path + "/anchor.lock") == 0o600)
      lock.release()
      lock.release()
      #expect(try home.lockHolder("anchor.lock") == nil)
      #expect(try home.lock("anchor.lock") != nil)
    }
  }

  @Test func isFreedWhenItsHolderIsKilled() throws {
    try withHome { home in
      try home.prepare()
      let other = try LockingProcess(path: home.path + "/anchor.lock")
      defer { other.kill() }
      #expect(try home.lock("anchor.lock") == nil)
      #expect(try home.lockHolder("anchor.lock") == other.process.processIdentifier)
      other.kill()
      #expect(try home.lock("anchor.lock") != nil)
    }
  }

  @Test func isNotInheritedByChildren() throws {
    try withHome { home in
      let child = Process()
      let lock = try #require(try home.lock("anchor.lock"))
      child.executableURL = URL(filePath: "/bin/sleep")
      child.arguments = ["60"]
      try child.run()
      defer {
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
      }
      lock.release()
      #expect(try home.lock("anchor.lock") != nil)
    }
  }
}
