import Transport

/// What the own connection watches: which threads have a running turn.
extension AppServer {
  func notified(_ bytes: [UInt8], _ head: MessageHead) {
    let params = ParamRanges(bytes.span, head.params)
    if let thread = JSONText.text(bytes.span, params.thread) {
      switch head.method {
      case "thread/status/changed":
        if let status = params.status { changed(thread, Self.isActive(bytes, status)) }
      case "thread/closed", "thread/deleted", "thread/archived":
        watch.closed(thread)
        onSubscription?(thread, false)
      default: break
      }
    }
    onNotification?(bytes, head, params)
  }

  private static func isActive(_ bytes: [UInt8], _ status: Range<Int>) -> Bool {
    var isActive = false
    JSONText.forEachMember(of: bytes.span, from: status.lowerBound) { key, value in
      if JSONText.string(bytes.span, key, is: "type") { isActive = JSONText.text(bytes.span, value) == "active" }
    }
    return isActive
  }

  private func changed(_ thread: String, _ isActive: Bool) {
    guard watch.changed(thread, isActive: isActive, at: .now), let own else { return }
    Task { @IO in
      do {
        _ = try await own.call("thread/resume", #"{"threadId":\#(JSONOutput.quoted(thread)),"excludeTurns":true}"#)
        if self.own === own { onSubscription?(thread, true) }
      } catch {
        if self.own === own { watch.unsubscribed(thread) }
      }
    }
  }

  /// What ran before this connection was there.
  func lookForActiveThreads() {
    guard let own else { return }
    Task { @IO in
      guard let answer = try? await own.call("thread/loaded/list", "{}") else { return }
      for thread in Self.threadIDs(answer) {
        guard
          let read = try? await own.call(
            "thread/read", #"{"threadId":\#(JSONOutput.quoted(thread)),"includeTurns":false}"#), self.own === own
        else { continue }
        OwnConnection.forEachMember(of: "result", in: read) { key, value in
          guard JSONText.string(read.span, key, is: "thread") else { return }
          JSONText.forEachMember(of: read.span, from: value.lowerBound) { key, value in
            if JSONText.string(read.span, key, is: "status"), Self.isActive(read, value) { changed(thread, true) }
          }
        }
      }
    }
  }

  /// The strings in `result.data`.
  private static func threadIDs(_ answer: [UInt8]) -> [String] {
    var ids: [String] = []
    OwnConnection.forEachMember(of: "result", in: answer) { key, value in
      guard JSONText.string(answer.span, key, is: "data") else { return }
      var at = value.lowerBound + 1
      while at < value.upperBound {
        guard answer[at] == JSONText.quote, let end = JSONText.skipString(answer.span, from: at) else {
          at += 1
          continue
        }
        ids.append(JSONText.decode(answer.span, at + 1..<end - 1))
        at = end
      }
    }
    return ids
  }

  /// Lets go of threads that were idle for long.
  func sweep() {
    janitor?.cancel()
    janitor = IO.after(ThreadWatch.patience / 2) { [weak self] in
      guard let self, let own else { return }
      for thread in watch.idle(at: .now) {
        onSubscription?(thread, false)
        Task { @IO in
          _ = try? await own.callOnce("thread/unsubscribe", #"{"threadId":\#(JSONOutput.quoted(thread))}"#)
        }
      }
      sweep()
    }
  }
}
