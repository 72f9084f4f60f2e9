import Foundation
import Processes
import Testing

@Suite(.timeLimit(.minutes(5))) struct CaptureTests {
  @Test func keepsOutputAndErrorsApart() async throws {
    let result = try await capture(shell("echo out; echo err >&2; printf '\\n\\n'; exit 4"))
    #expect(result.ending == .exited(4))
    #expect(!result.succeeded)
    #expect(result.text == "out")
    #expect(result.output == Data("out\n\n\n".utf8))
    #expect(result.errors == Data("err\n".utf8))
    #expect(!result.isCut)
    let empty = try await capture(shell("exit 0"))
    #expect(empty.succeeded && empty.text == "" && empty.output.isEmpty)
  }

  @Test func readsMoreThanAPipeHolds() async throws {
    let result = try await capture(
      shell("head -c 3000000 /dev/zero; head -c 300000 /dev/zero >&2"), outputLimit: 4 << 20)
    #expect(result.output.count == 3_000_000)
    #expect(result.errors.count == 300_000)
    #expect(!result.isCut)
  }

  @Test func dropsWhatIsOverTheLimit() async throws {
    let result = try await capture(shell("head -c 3000000 /dev/zero"), outputLimit: 1000)
    #expect(result.output == Data(count: 1000))
    #expect(result.isCut)
    #expect(result.succeeded)
  }

  @Test func endsWhatTakesTooLong() async throws {
    try await withFolder { folder in
      let launch = shell("echo $$ >$1/pid; yes", folder)
      // The first limit is enough for the line, unless the machine is busy.
      for seconds in [0.2, 2, 20] where (try? String(contentsOfFile: folder + "/pid", encoding: .utf8)) ?? "" == "" {
        let error = await #expect(throws: ProcessError.self) {
          try await capture(launch, timeLimit: .seconds(seconds), outputLimit: 10)
        }
        #expect(error?.code == .timedOut)
      }
      try await untilGone(try #require(Int32(try await line(of: folder + "/pid"))))
    }
  }

  @Test func endsItWhenCancelled() async throws {
    try await withFolder { folder in
      let task = Task { try await capture(shell("echo $$ >$1/pid; sleep 60", folder), timeLimit: .seconds(60)) }
      let pid = try #require(Int32(try await line(of: folder + "/pid")))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(ProcessIdentity(of: pid)?.isRunning != true)
    }
  }

  @Test func doesNotWaitForWhatLeftTheSession() async throws {
    try await withFolder { folder in
      let launch = shell(
        "setsid sh -c 'echo $$ >$1/pid; exec sleep 60' sh $1 & while ! [ -s $1/pid ]; do :; done; echo done", folder)
      #expect(try await capture(launch, timeLimit: .seconds(50)).text == "done")
      kill(try #require(Int32(try await line(of: folder + "/pid"))), SIGKILL)
    }
  }

  @Test func throwsWhatCannotStart() async throws {
    await #expect(throws: ProcessError.self) { try await capture(Launch("/no/such/program", environment: [:])) }
    await #expect(throws: ProcessError.self) {
      try await capture(Launch("/bin/sh", environment: [:], directory: "/no/such/folder"))
    }
  }
}
