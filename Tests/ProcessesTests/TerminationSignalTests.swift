import Foundation
import Processes
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct TerminationSignalTests {
  @Test func arriveAsAStream() async throws {
    let signals = terminationSignals()
    kill(getpid(), SIGTERM)
    var iterator = signals.makeAsyncIterator()
    #expect(await iterator.next() == .terminate)
    kill(getpid(), SIGINT)
    #expect(await iterator.next() == .interrupt)
    kill(getpid(), SIGHUP)
    #expect(await iterator.next() == .hangup)
  }
}
