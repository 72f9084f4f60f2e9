import Foundation
import Synchronization
import Testing

@testable import Terminal

@Suite struct LogTests {
  @Test func writesWhatMatters() throws {
    let pipe = Pipe()
    let log = Log(level: .info, descriptor: pipe.fileHandleForWriting.fileDescriptor)
    log(.debug, "nothing")
    log(.info, "The relay answers.")
    log(.error, "It does not.\nfaked 2026 line\u{1b}[2J\u{202e}")
    try pipe.fileHandleForWriting.close()
    let text = try pipe.fileHandleForReading.readToEnd().map { String(decoding: $0, as: UTF8.self) } ?? ""
    let lines = text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ info The relay answers\./) != nil)
    #expect(lines.last?.hasSuffix(#"error It does not.\nfaked 2026 line\u{1b}[2J\u{202e}"#) == true)
  }

  @Test func hidesWhatItWasTold() {
    let lines = Mutex<[String]>([])
    let log = Log(
      level: .debug, now: { Date(timeIntervalSince1970: 0) }, sink: { line in lines.withLock { $0.append(line) } })
    log.hide("hunter22")
    log.hide("hunter22-and-more")
    log.hide("short")
    log(.info, "hunter22 hunter22-and-more short xhunter22x")
    #expect(lines.withLock { $0 } == ["1970-01-01T00:00:00Z info ••• ••• short x•••x"])
  }

  @Test(arguments: [
    ("Authorization: Bearer abc.def-123, x", "Authorization: Bearer •••, x"),
    ("token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln.", "token •••"),
    (
      "open http://codex-remote.localhost:4466/claim#AbC-9_z then",
      "open http://codex-remote.localhost:4466/claim#••• then"
    ),
    ("(https://x.dev/#link=a&b=c)", "(https://x.dev/#•••)"),
    ("key=\"sk-proj-0123456789abcdef\"", "key=\"•••\""),
    (
      "issue #12 of https://x.dev/a?b=c, task-1 eyJust ask-0123456789abcdef",
      "issue #12 of https://x.dev/a?b=c, task-1 eyJust ask-0123456789abcdef"
    ),
    ("", ""), ("Bearer ", "Bearer "), ("é ☃ bleibt", "é ☃ bleibt"),
  ])
  func hidesWhatLooksLikeASecret(text: String, shown: String) { #expect(Redaction().redact(text) == shown) }
}
