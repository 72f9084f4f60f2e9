import Foundation
import Testing

@testable import Processes

@Suite(.timeLimit(.minutes(5))) struct ChildProcessTests {
  @Test(arguments: [ProcessWatch.event, .polling])
  func tellsHowItEnded(watch: ProcessWatch) async throws {
    func ending(_ script: String) async throws -> Ending {
      let child = try ChildProcess.spawn(shell(script), input: 0, output: 1, errors: 2, watch: watch)
      return try await child.ended()
    }
    #expect(try await ending("exit 0") == .exited(0))
    #expect(try await ending("exit 7") == .exited(7))
    #expect(try await ending("kill -9 $$") == .killed(signal: 9))
  }

  @Test func tellsEveryWaiterAndIsCollected() async throws {
    try await withFolder { folder in
      let child = try ChildProcess.spawn(shell("\(untilTold); exit 3", folder), log: "/dev/null")
      #expect(child.identity.isRunning)
      #expect(child.ending == nil)
      async let first = child.ended()
      async let second = child.ended()
      try tell(folder)
      #expect(try await [first, second] == [.exited(3), .exited(3)])
      #expect(try await child.ended() == .exited(3))
      #expect(child.ending == .exited(3))
      #expect(!child.identity.isRunning)
      #expect(ProcessIdentity(of: child.identity.pid)?.startedAt != child.identity.startedAt, "a zombie was left")
    }
  }

  @Test func cancelledWaiterLeavesItAlone() async throws {
    let child = try ChildProcess.spawn(shell("sleep 60"), log: "/dev/null")
    let waiter = Task { try await child.ended() }
    waiter.cancel()
    await #expect(throws: CancellationError.self) { try await waiter.value }
    #expect(child.identity.isRunning)
    #expect(await child.stop() == .killed(signal: SIGTERM))
  }

  @Test func stopsTheWholeGroup() async throws {
    try await withFolder { folder in
      let child = try ChildProcess.spawn(shell("sleep 60 & echo $! >$1/pid; wait", folder), log: "/dev/null")
      let grandchild = try #require(Int32(try await line(of: folder + "/pid")))
      #expect(await child.stop() == .killed(signal: SIGTERM))
      try await untilGone(grandchild)
      #expect(await child.stop() == .killed(signal: SIGTERM))
    }
  }

  @Test func killsWhatIgnoresTheRequest() async throws {
    try await withFolder { folder in
      let script = "trap '' TERM; sh -c 'echo $$ >$1/pid; while :; do sleep 60; done' sh $1 & wait; wait; sleep 60"
      let child = try ChildProcess.spawn(shell(script, folder), log: "/dev/null")
      let grandchild = try #require(Int32(try await line(of: folder + "/pid")))
      #expect(await child.stop(grace: .milliseconds(50)) == .killed(signal: SIGKILL))
      try await untilGone(grandchild)
    }
  }

  @Test func killsWhatItLeftBehind() async throws {
    try await withFolder { folder in
      let child = try ChildProcess.spawn(shell("sleep 60 & echo $! >$1/pid; exit 0", folder), log: "/dev/null")
      #expect(try await child.ended() == .exited(0))
      try await untilGone(try #require(Int32(try await line(of: folder + "/pid"))))
    }
  }

  @Test func aCancelledTaskStillGivesItsGrace() async throws {
    try await withFolder { folder in
      let script = "trap 'sleep 0.2; exit 5' TERM; echo ready >$1/ready; while :; do sleep 0.05; done"
      let child = try ChildProcess.spawn(shell(script, folder), log: "/dev/null")
      _ = try await line(of: folder + "/ready")
      let stopping = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return await child.stop(grace: .seconds(30))
      }
      #expect(await stopping.value == .exited(5))
    }
  }

  @Test func appendsToALogThatItsOwnerAloneReads() async throws {
    try await withFolder { folder in
      let log = folder + "/log"
      for word in ["one", "two"] {
        #expect(try await ChildProcess.spawn(shell("echo $1; echo $1 >&2", word), log: log).ended() == .exited(0))
      }
      #expect(try String(contentsOfFile: log, encoding: .utf8) == "one\none\ntwo\ntwo\n")
      let mode = try FileManager.default.attributesOfItem(atPath: log)[.posixPermissions] as? NSNumber
      #expect(mode == 0o600)
    }
  }

  @Test func startsInItsOwnSessionWithNothingInherited() async throws {
    try await withFolder { folder in
      let leak = open("/dev/null", O_RDONLY)
      defer { close(leak) }
      signal(SIGUSR1, SIG_IGN)
      let program = """
        import os, signal, sys
        def is_open(n):
          try: os.fstat(n); return True
          except OSError: return False
        print(os.getcwd(), os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid(),
          [n for n in range(3, 256) if is_open(n)], signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL,
          signal.pthread_sigmask(signal.SIG_BLOCK, []), repr(sys.stdin.read()))
        """
      let python = try #require(
        findExecutable("python3", searchPath: ProcessInfo.processInfo.environment["PATH"]))
      let directory = URL(filePath: folder).resolvingSymlinksInPath().path
      let launch = Launch(python, ["-c", program], environment: ["PATH": "/usr/bin:/bin"], directory: directory)
      let text = try await capture(launch).text
      #expect(text == "\(directory) True True [] True set() ''")
    }
  }

  @Test func hasTheEnvironmentItIsGivenAlone() async throws {
    let launch = Launch("/usr/bin/env", environment: ["A": "b c=d"])
    #expect(try await capture(launch).text == "A=b c=d")
  }

  @Test func saysWhatCouldNotBeStarted() throws {
    let launch = Launch("/no/such/program", environment: [:])
    let error = #expect(throws: ProcessError.self) { try ChildProcess.spawn(launch, log: "/dev/null") }
    #expect(error?.code == .notFound)
    #expect(error?.description == "/no/such/program could not be started: No such file or directory.")
    #expect(throws: ProcessError.self) { try ChildProcess.spawn(shell("exit"), log: "/no/such/folder/log") }
  }
}
