import Testing
import WebSocketCodec

@testable import Transport

@Suite struct SendQueueTests {
  func frame(_ payload: [UInt8], _ opcode: Opcode = .binary) -> [UInt8] {
    var bytes: [UInt8] = []
    appendFrame(opcode, payload.span, key: 0, to: &bytes)
    return bytes
  }

  func add(_ payload: [UInt8], to queue: inout SendQueue, isUrgent: Bool = false) {
    queue.append(.binary, payload.span, key: 0, isUrgent: isUrgent)
  }

  /// Takes all that is left, in steps of at most `step` bytes.
  func drain(_ queue: inout SendQueue, step: Int = .max) -> [UInt8] {
    var all: [UInt8] = []
    while queue.prepare() {
      let part = queue.current[queue.offset...].prefix(step)
      all += part
      queue.advance(part.count)
    }
    return all
  }

  @Test(arguments: [1, 7, 65_536, .max])
  func framesLeaveInOrder(step: Int) {
    var queue = SendQueue()
    var wanted: [UInt8] = []
    for size in [0, 10, 70_000, 1, 64 << 10, 200_000, 5] {
      let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size)
      add(payload, to: &queue)
      wanted += frame(payload)
    }
    #expect(queue.unsent == wanted.count)
    let sent = drain(&queue, step: step)
    #expect(sent == wanted)
    #expect(queue.unsent == 0 && queue.isEmpty)
    let isMore = queue.prepare()
    #expect(!isMore)
  }

  @Test func urgentGoesBetweenTwoChunks() {
    var queue = SendQueue()
    let big = [UInt8](repeating: 1, count: 64 << 10)
    for _ in 0..<3 { add(big, to: &queue) }
    _ = queue.prepare()
    queue.advance(10)
    // A chunk that was begun is never changed, and the frame in it is never cut.
    let begun = queue.current
    add([2], to: &queue, isUrgent: true)
    add([3], to: &queue, isUrgent: true)
    #expect(queue.current == begun)
    let rest = drain(&queue)
    #expect(rest == Array(frame(big).dropFirst(10)) + frame([2]) + frame([3]) + frame(big) + frame(big))
  }

  @Test func urgentIsFirstWhenNothingWasBegun() {
    var queue = SendQueue()
    add([1], to: &queue)
    add([2], to: &queue, isUrgent: true)
    let sent = drain(&queue)
    #expect(sent == frame([2]) + frame([1]))
  }

  @Test func whatIsAddedWhileAChunkIsSentComesBehindIt() {
    var queue = SendQueue()
    add([1], to: &queue)
    _ = queue.prepare()
    queue.advance(3)
    add([2], to: &queue)
    #expect(queue.unsent == frame([1]).count - 3 + frame([2]).count)
    let sent = drain(&queue)
    #expect(sent == Array(frame([1]).dropFirst(3)) + frame([2]))
  }

  @Test func aLargeBufferIsGivenBack() {
    var queue = SendQueue()
    add([UInt8](repeating: 1, count: 4 << 20), to: &queue)
    _ = drain(&queue)
    #expect(queue.current.capacity < 1 << 20)
    for _ in 0..<100 {
      add([UInt8](repeating: 1, count: 1000), to: &queue)
      _ = drain(&queue)
    }
    #expect(queue.current.capacity <= 2 * SendQueue.chunkSize)
  }
}

@Suite struct TimerQueueTests {
  let start = ContinuousClock.now

  @Test func soonestFirstAndThoseOfOneInstantInOrder() {
    var queue = TimerQueue<String>()
    for (delay, name) in [(5, "d"), (1, "a"), (3, "b"), (3, "c"), (9, "e")] {
      _ = queue.add(start + .milliseconds(delay), name)
    }
    #expect(queue.next == start + .milliseconds(1))
    let early = queue.takeDue(start)
    #expect(early == nil)
    var taken = ""
    while let name = queue.takeDue(start + .milliseconds(5)) { taken += name }
    #expect(taken == "abcd")
    let rest = queue.takeAll()
    #expect(rest == ["e"])
    #expect(queue.isEmpty)
  }

  @Test func removal() {
    var queue = TimerQueue<String>()
    let first = queue.add(start, "first")
    let second = queue.add(start, "second")
    let removed = [queue.remove(first), queue.remove(first), queue.takeDue(start), queue.remove(second)]
    #expect(removed == ["first", nil, "second", nil])
  }

  @Test func theWaitIsRoundedUpAndBounded() {
    var queue = TimerQueue<Int>()
    #expect(queue.milliseconds(from: start, limit: 5_000) == 5_000)
    _ = queue.add(start + .seconds(3600 * 24 * 365), 0)
    #expect(queue.milliseconds(from: start, limit: 5_000) == 5_000)
    _ = queue.add(start + .microseconds(1_500), 0)
    #expect(queue.milliseconds(from: start, limit: 5_000) == 2)
    #expect(queue.milliseconds(from: start + .microseconds(1_499), limit: 5_000) == 1)
    #expect(queue.milliseconds(from: start + .seconds(1), limit: 5_000) == 0)
  }
}
