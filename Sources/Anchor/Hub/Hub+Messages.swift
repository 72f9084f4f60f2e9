/// What passes between a page and app-server, byte for byte but for what is classified here.
extension Hub {
  // MARK: From app-server

  func fromAppServer(_ client: Client, _ bytes: [UInt8]) {
    let message = bytes.contains(UInt8(ascii: "\n")) ? bytes.map { $0 == UInt8(ascii: "\n") ? 0x20 : $0 } : bytes
    // What is no JSON-RPC message is the page's to judge.
    guard let head = MessageHead(codex: message.span) else { return deliver(client, message, .plain) }
    if message.count > Limits.message { return tooLarge(client, head) }
    if head.kind == .response { return deliver(client, message, .plain) }
    let params = ParamRanges(message.span, head.params)
    if let id = head.id, head.kind == .request {
      client.pending.asked(id, Self.subject(message, params))
    } else if head.method == "serverRequest/resolved" {
      if let range = params.requestID, let id = RequestID(message.span, range) { client.pending.resolved(id) }
    } else {
      turns.observe(message, head, params, source: client.number)
    }
    deliver(client, message, MessageClass(message.span, head, params))
  }

  private static func subject(_ bytes: [UInt8], _ params: ParamRanges) -> PendingRequests.Subject {
    PendingRequests.Subject(
      thread: JSONText.text(bytes.span, params.thread), turn: JSONText.text(bytes.span, params.turn),
      item: JSONText.text(bytes.span, params.itemID))
  }

  private func tooLarge(_ client: Client, _ head: MessageHead) {
    guard head.kind == .response, let id = head.id else { return end(client, .overflow) }
    let sentence = "The answer is larger than 16 MiB and cannot be carried: ask for less."
    deliver(client, JSONOutput.error(id: id, code: -32010, message: sentence), .plain)
  }

  func deliver(_ client: Client, _ message: [UInt8], _ kind: MessageClass) {
    guard client.session.append(message, kind) else { return end(client, .overflow) }
    markDirty(client)
  }

  // MARK: From the page

  func fromPage(_ client: Client, _ message: [UInt8]) {
    let head: MessageHead
    do throws(MessageHead.Unclassifiable) { head = try MessageHead(remote: message.span) } catch {
      let sentence = "This is no JSON-RPC message, or has a member twice: it was not passed on."
      return deliver(client, JSONOutput.error(id: error.id, code: -32600, message: sentence), .plain)
    }
    switch head.kind {
    case .response:
      guard let id = head.id else { return }
      if client.pending.answer(id) == nil { return pass(client, message) }
      deliver(client, Array(#"{"method":"anchor/tooLate","params":{"id":\#(id.json)}}"#.utf8), .plain)
    case .request where head.method.hasPrefix("anchor/"):
      if let id = head.id { answer(client, id, head, message) }
    case .notification where head.method.hasPrefix("anchor/"): break
    case .request, .notification: pass(client, message)
    }
  }

  func pass(_ client: Client, _ message: [UInt8]) {
    if !client.send(message) { end(client, .overflow) }
  }
}
