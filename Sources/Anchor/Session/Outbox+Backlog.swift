/// The backlog rule: what a page that reads too slowly may be spared.
extension Outbox {
  /// Called while more than 256 KiB wait, after a message was added.
  mutating func compact(added entry: Waiting) {
    if waitingBytes - entry.cost <= Limits.compactAbove { return compactAll() }
    switch entry.kind {
    case .delta: mergeLast()
    case .completed(let item): dropDeltas(of: item)
    case .plain, .urgent: break
    }
  }

  /// What waited when the bound was passed was never looked at: drops and merges all of it once.
  private mutating func compactAll() {
    var completed: Set<Int> = []
    for index in 0..<waiting.count {
      if case .completed(let item) = waiting[index].kind { completed.insert(item) }
    }
    // A delta behind its item's completion does not occur; if it did, it would be kept.
    var kept = Queue<Waiting>()
    for index in 0..<waiting.count {
      let entry = waiting[index]
      if case .completed(let item) = entry.kind { completed.remove(item) }
      if index > 0 || started == 0, case .delta(let delta) = entry.kind, completed.contains(delta.item) { continue }
      if kept.count > (started > 0 ? 1 : 0), kept.update(at: kept.count - 1, { $0.merge(entry) }) { continue }
      kept.append(entry)
    }
    waiting = kept
    recount()
  }

  /// Joins the delta that was just added to the one before it.
  private mutating func mergeLast() {
    let last = waiting.count - 1
    guard last > (started > 0 ? 1 : 0) else { return }
    let added = waiting[last]
    let before = waiting[last - 1].cost
    guard waiting.update(at: last - 1, { $0.merge(added) }) else { return }
    waiting.removeLast()
    waitingBytes += waiting[last - 1].cost - before - added.cost
  }

  private mutating func dropDeltas(of item: Int) {
    var dropped = 0
    var index = 0
    let firstIsStarted = started > 0
    waiting.filterInPlace { entry in
      defer { index += 1 }
      guard case .delta(let delta) = entry.kind, delta.item == item, index > 0 || !firstIsStarted else { return true }
      dropped += entry.cost
      return false
    }
    waitingBytes -= dropped
  }

  private mutating func recount() {
    waitingBytes = -started
    for index in 0..<waiting.count { waitingBytes += waiting[index].cost }
  }
}

extension Outbox.Waiting {
  /// Takes the text of `next` into this delta if they differ in text and time alone. The first one's time stays: a
  /// page takes what is older than its own first delta from `anchor/turn/running`.
  mutating func merge(_ next: Outbox.Waiting) -> Bool {
    guard case .delta(var mine) = kind, case .delta(let other) = next.kind, mine.item == other.item,
      bytes.count + other.text.count <= Limits.mergedDelta,
      bytes[..<mine.text.lowerBound] == next.bytes[..<other.text.lowerBound]
    else { return false }
    switch (mine.emittedAt, other.emittedAt) {
    case (nil, nil):
      guard bytes[mine.text.upperBound...] == next.bytes[other.text.upperBound...] else { return false }
    case (let a?, let b?):
      guard a.lowerBound >= mine.text.upperBound, b.lowerBound >= other.text.upperBound,
        bytes[mine.text.upperBound..<a.lowerBound] == next.bytes[other.text.upperBound..<b.lowerBound],
        bytes[a.upperBound...] == next.bytes[b.upperBound...]
      else { return false }
      mine.emittedAt = a.lowerBound + other.text.count..<a.upperBound + other.text.count
    default: return false
    }
    bytes.insert(contentsOf: next.bytes[other.text], at: mine.text.upperBound)
    mine.text = mine.text.lowerBound..<mine.text.upperBound + other.text.count
    kind = .delta(mine)
    return true
  }
}
