@testable import Anchor

/// A message of codex's with all that is looked at. (Spans cannot go through the testing macros.)
struct Parsed {
  let bytes: [UInt8]
  let head: MessageHead?
  let params: ParamRanges

  init(_ text: String) {
    let bytes = Array(text.utf8)
    let head = MessageHead(codex: bytes.span)
    params = ParamRanges(bytes.span, head?.params)
    self.bytes = bytes
    self.head = head
  }

  var kind: MessageClass { head.map { MessageClass(bytes.span, $0, params) } ?? .plain }
  func text(_ range: Range<Int>?) -> String? { JSONText.text(bytes.span, range) }
}

func remoteHead(_ text: String) -> Result<MessageHead, MessageHead.Unclassifiable> {
  let bytes = Array(text.utf8)
  do throws(MessageHead.Unclassifiable) {
    return .success(try MessageHead(remote: bytes.span))
  } catch {
    return .failure(error)
  }
}

func isValidJSON(_ bytes: [UInt8]) -> Bool { JSONText.isValid(bytes.span) }

func sessionHeader(_ text: String) -> SessionHeader? { SessionHeader(Array(text.utf8).span, from: 0) }
