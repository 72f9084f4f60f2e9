import Foundation
import Processes
import Testing

@Suite(.timeLimit(.minutes(5))) struct IdentityTests {
  @Test func findsTheProcessAgain() async throws {
    let child = try ChildProcess.spawn(shell("sleep 60"), log: "/dev/null")
    let stored = try JSONEncoder().encode(child.identity)
    let identity = try JSONDecoder().decode(ProcessIdentity.self, from: stored)
    #expect(identity == child.identity)
    #expect(!identity.startedAt.isEmpty && !identity.bootID.isEmpty)
    let adopted = try #require(ChildProcess.adopt(identity))
    #expect(adopted.ending == nil)
    #expect(await adopted.stop() == .gone)
    #expect(try await child.ended() == .killed(signal: SIGTERM))
    #expect(ChildProcess.adopt(identity) == nil)
  }

  @Test func seesAnAdoptedProcessKillItself() async throws {
    try await withFolder { folder in
      let child = try ChildProcess.spawn(shell("\(untilTold); kill -9 $$", folder), log: "/dev/null")
      let adopted = try #require(ChildProcess.adopt(child.identity))
      try tell(folder)
      #expect(try await adopted.ended() == .gone)
      #expect(try await child.ended() == .killed(signal: SIGKILL))
    }
  }

  @Test func isNoOtherProcessWithTheSameNumber() {
    let me = ProcessIdentity.current
    #expect(me.pid == getpid())
    #expect(me.isRunning)
    #expect(!ProcessIdentity(pid: me.pid, startedAt: me.startedAt + "0", bootID: me.bootID).isRunning)
    #expect(!ProcessIdentity(pid: me.pid, startedAt: me.startedAt, bootID: "another").isRunning)
    #expect(ProcessIdentity(of: Int32.max) == nil)
    #expect(ChildProcess.adopt(ProcessIdentity(pid: me.pid, startedAt: "1", bootID: me.bootID)) == nil)
  }
}
