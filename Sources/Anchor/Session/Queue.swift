/// A first-in, first-out queue that gives memory back as it empties.
struct Queue<Element> {
  private var storage: [Element?] = []
  private var head = 0

  var count: Int { storage.count - head }
  var isEmpty: Bool { count == 0 }
  var first: Element? { isEmpty ? nil : self[0] }

  subscript(index: Int) -> Element {
    get {
      guard let element = storage[head + index] else { preconditionFailure("an index before the queue's start") }
      return element
    }
    set { storage[head + index] = newValue }
  }

  mutating func append(_ element: Element) { storage.append(element) }

  mutating func removeLast() { storage.removeLast() }

  mutating func insert(_ element: Element, at index: Int) { storage.insert(element, at: head + index) }

  mutating func removeFirst() {
    storage[head] = nil
    head += 1
    if head == storage.count {
      storage.removeAll(keepingCapacity: storage.capacity <= 64)
      head = 0
    } else if head >= 64, head * 2 >= storage.count {
      storage.removeFirst(head)
      head = 0
    }
  }

  /// Changes an element in place, so that a buffer in it is not copied.
  mutating func update<Result>(at index: Int, _ body: (inout Element) -> Result) -> Result {
    guard var element = storage[head + index] else { preconditionFailure("an index before the queue's start") }
    storage[head + index] = nil
    defer { storage[head + index] = element }
    return body(&element)
  }

  /// Keeps the elements that `body`, which may change them, answers with true for.
  mutating func filterInPlace(_ body: (inout Element) -> Bool) {
    var kept: [Element?] = []
    for index in 0..<count {
      var element = self[index]
      storage[head + index] = nil
      if body(&element) { kept.append(element) }
    }
    storage = kept
    head = 0
  }
}

extension Queue: Sendable where Element: Sendable {}
