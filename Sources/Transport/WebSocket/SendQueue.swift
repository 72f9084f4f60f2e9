import WebSocketCodec

/// Frames that wait to be sent, and the bytes that are being sent. Pure.
///
/// Bytes that were offered to the connection are never changed or moved until all of them are gone: OpenSSL wants the
/// same buffer again. So frames are gathered in chunks, and what is urgent goes between two chunks.
struct SendQueue {
  /// A chunk is closed once it has so many bytes. It bounds what an urgent frame has to wait for.
  static let chunkSize = 64 << 10

  /// Bytes not yet given to the operating system, frame heads included.
  private(set) var unsent = 0
  private(set) var current: [UInt8] = []
  /// How much of `current` is gone.
  private(set) var offset = 0
  private var urgent: [UInt8] = []
  private var closed: [[UInt8]] = []
  private var last: [UInt8] = []

  var isEmpty: Bool { unsent == 0 }

  mutating func append(_ opcode: Opcode, _ payload: borrowing Span<UInt8>, key: UInt32, isUrgent: Bool = false) {
    if isUrgent {
      let before = urgent.count
      appendFrame(opcode, payload, key: key, to: &urgent)
      unsent += urgent.count - before
      return
    }
    if last.count >= Self.chunkSize {
      closed.append(last)
      last = []
    }
    let before = last.count
    appendFrame(opcode, payload, key: key, to: &last)
    unsent += last.count - before
  }

  /// Bytes as they are: the opening request.
  mutating func appendRaw(_ bytes: [UInt8]) {
    last += bytes
    unsent += bytes.count
  }

  /// Makes `current` hold bytes to send from `offset` on; false when nothing is left.
  mutating func prepare() -> Bool {
    if offset < current.count { return true }
    // A buffer that grew large is given back.
    current.removeAll(keepingCapacity: current.capacity <= 2 * Self.chunkSize)
    offset = 0
    if !urgent.isEmpty {
      swap(&current, &urgent)
    } else if !closed.isEmpty {
      current = closed.removeFirst()
    } else {
      swap(&current, &last)
    }
    return !current.isEmpty
  }

  mutating func advance(_ count: Int) {
    offset += count
    unsent -= count
  }

  mutating func removeAll() {
    self = SendQueue()
  }
}
