/// The anchor's own methods (docs/protocol.md, section 5).
extension Hub {
  func answer(_ client: Client, _ id: RequestID, _ head: MessageHead, _ message: [UInt8]) {
    let reply: [UInt8]
    switch head.method {
    case "anchor/info": reply = result(id, info)
    case "anchor/turn/running":
      guard let thread = Members(message, head.params).text("threadId") else { return invalid(client, id, head.method) }
      reply = result(id, turns.running(thread))
    case "anchor/answer":
      switch settle(client, Members(message, head.params)) {
      case .passedOn: return client.keepReceipt(result(id, Array(#"{"outcome":"delivered"}"#.utf8)))
      case .late(let late): reply = result(id, Array(#"{"outcome":"too-late","reason":"\#(late.rawValue)"}"#.utf8))
      case nil: return invalid(client, id, head.method)
      }
    default:
      reply = JSONOutput.error(id: id, code: -32601, message: "The anchor has no method \(head.method): update it.")
    }
    deliver(client, reply, .plain)
  }

  private func invalid(_ client: Client, _ id: RequestID, _ method: String) {
    let sentence = "The parameters of \(method) are not what it takes."
    deliver(client, JSONOutput.error(id: id, code: -32602, message: sentence), .plain)
  }

  private func result(_ id: RequestID, _ json: [UInt8]) -> [UInt8] {
    Array(#"{"id":\#(id.json),"result":"#.utf8) + json + [UInt8(ascii: "}")]
  }

  private var info: [UInt8] {
    let process = appServer.ready?.process
    var isAttached = false
    if case .attached = configuration.appServer { isAttached = true }
    func text(_ value: String?) -> String { value.map(JSONOutput.quoted) ?? "null" }
    let codex = #"{"version":\#(text(appServer.ready?.version)),"path":\#(text(process?.codex))}"#
    return Array(
      (#"{"name":\#(text(configuration.machine.name)),"version":\#(text(configuration.version))"#
        + #","platform":\#(text(Self.platform)),"home":\#(text(configuration.environment["HOME"]))"#
        + #","cwd":\#(text(configuration.workingDirectory)),"codex":\#(codex)"#
        + #","incarnation":\#(text(process?.incarnation)),"startedAt":\#(Int64(startedAt * 1000))"#
        + #","attached":\#(isAttached)}"#).utf8)
  }

  private static var platform: String {
    #if os(macOS)
      "macos"
    #elseif os(Windows)
      "windows"
    #else
      "linux"
    #endif
  }

  private enum Outcome {
    /// It leaves in the loop's current pass, unless app-server's socket is full or gone.
    case passedOn
    case late(PendingRequests.Late)
  }

  /// Forwards a decision to the request it was made for, and to no other.
  /// - Returns: nil for bad parameters.
  private func settle(_ client: Client, _ params: Members) -> Outcome? {
    guard let incarnation = params.text("incarnation"), let range = params["requestId"],
      let id = RequestID(params.bytes.span, range), let decision = params["result"],
      let thread = params.optionalText("threadId"), let turn = params.optionalText("turnId"),
      let item = params.optionalText("itemId")
    else { return nil }
    let late: PendingRequests.Late?
    if incarnation != client.incarnation {
      late = .restarted
    } else {
      late = client.pending.answer(id, for: PendingRequests.Subject(thread: thread, turn: turn, item: item))
    }
    if let late { return .late(late) }
    pass(client, Array(#"{"id":\#(id.json),"result":"#.utf8) + params.bytes[decision] + [UInt8(ascii: "}")])
    return .passedOn
  }
}
