import Testing

@testable import WebSocketCodec

@Suite struct UpgradeTests {
  /// The example of RFC 6455, 1.3.
  static let key = "dGhlIHNhbXBsZSBub25jZQ=="
  static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
  static let opening =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
    + "Sec-WebSocket-Accept:  \(accept) \r\nX-Note: a: b\r\n\r\n"

  /// What the reader says in the end, fed in these parts, and how many bytes it was fed after that.
  func read(_ parts: [ArraySlice<UInt8>], ended: Bool = false) -> UpgradeReader.Outcome {
    var reader = UpgradeReader(key: Self.key)
    var rest: [UInt8] = []
    var outcome = UpgradeReader.Outcome.more
    for part in parts {
      if case .open = outcome {
        rest += part
      } else if outcome == .more {
        let bytes = Array(part)
        outcome = reader.read(bytes.span)
      }
    }
    if case .open(let head, let first) = outcome { return .open(head, rest: first + rest) }
    return outcome == .more && ended ? reader.end() : outcome
  }

  func read(_ text: String, ended: Bool = false) -> UpgradeReader.Outcome {
    read([Array(text.utf8)[...]], ended: ended)
  }

  @Test func theRequest() {
    let request = UpgradeRequest(
      host: "example.com:8080", target: "/anchor?protocol=1", headers: [("Authorization", "Bearer x")],
      nonce: Array("the sample nonce".utf8))
    #expect(request.key == Self.key)
    #expect(
      String(decoding: request.bytes, as: UTF8.self)
        == "GET /anchor?protocol=1 HTTP/1.1\r\nHost: example.com:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: \(Self.key)\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer x\r\n\r\n")
    #expect(UpgradeRequest.accept(forKey: Self.key) == Self.accept)
  }

  /// RFC 3174, 7.3, and lengths around a block's end.
  @Test func sha1OfKnownMessages() {
    func hex(_ text: String) -> String {
      sha1(Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    #expect(hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(
      hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    #expect(hex(String(repeating: "a", count: 55)) == "c1c8bbdc22796e28c0e15163d20899b65621d65a")
    #expect(hex(String(repeating: "a", count: 64)) == "0098ba824b5c16427bd7a1122a5a442a25ec644d")
  }

  @Test func everySplitOfTheAnswerOpens() throws {
    let bytes = Array(Self.opening.utf8) + [0x81, 0]
    let head = try #require(ResponseHead(Array(Self.opening.utf8.dropLast(4))[...]))
    #expect(head["x-note"] == "a: b")
    for halves in bytes.halves { #expect(read(halves) == .open(head, rest: [0x81, 0])) }
    #expect(read(bytes.parts(of: 1)) == .open(head, rest: [0x81, 0]))
  }

  @Test func interimResponsesAreSkipped() {
    guard case .open = read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + Self.opening)
    else {
      Issue.record("not open")
      return
    }
  }

  @Test(arguments: [
    ("401 Unauthorized\r\nContent-Length: 5\r\n\r\nhello", 401, "hello"),
    ("401 Unauthorized\r\nContent-Length: 5\r\n\r\nhello, this is another answer", 401, "hello"),
    ("302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 302, ""),
    ("204 No Content\r\n\r\n", 204, ""),
    (
      "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n4;name=value\r\n,two\r\n0\r\nTrailer: x\r\n\r\n", 200,
      "one,two"
    ),
    ("503 Busy\r\nTransfer-Encoding: gzip, chunked\r\n\r\nA\r\n0123456789\r\n00\r\n\r\n", 503, "0123456789"),
    ("503 Busy\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n", 503, ""),
    ("403\r\nContent-Length: 2\r\n\r\nno", 403, "no"),
  ])
  func refusalsWithABodyOfKnownEnd(text: String, status: Int, body: String) {
    let bytes = Array("HTTP/1.1 \(text)".utf8)
    for parts in bytes.halves + [bytes.parts(of: 1)] {
      guard case .refused(let head, let taken) = read(parts) else {
        Issue.record("not refused, in parts of \(parts.map(\.count))")
        return
      }
      #expect(head.status == status)
      #expect(String(decoding: taken, as: UTF8.self) == body)
    }
  }

  @Test(arguments: [
    ("HTTP/1.0 403 Forbidden\r\n\r\nnot you", "not you"),
    ("HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nnot", "not"),
    ("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nno", "no"),
  ])
  func refusalsThatEndWithTheConnection(text: String, body: String) {
    #expect(read(text) == .more)
    guard case .refused(let head, let taken) = read(text, ended: true) else {
      Issue.record("not refused")
      return
    }
    #expect(head.status == 403)
    #expect(String(decoding: taken, as: UTF8.self) == body)
  }

  @Test func aRefusalsBodyIsCut() {
    for framing in ["", "Content-Length: 1000000\r\n"] {
      let text = "HTTP/1.1 500 Error\r\n\(framing)\r\n" + String(repeating: "x", count: 100_000)
      guard case .refused(_, let body) = read(text) else {
        Issue.record("not refused")
        return
      }
      #expect(body.count == UpgradeReader.maxBody)
    }
    let chunk = "8000\r\n" + String(repeating: "x", count: 0x8000) + "\r\n"
    let text = "HTTP/1.1 500 Error\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + chunk
    guard case .refused(_, let body) = read(Array(text.utf8).parts(of: 1000)) else {
      Issue.record("not refused")
      return
    }
    #expect(body.count == UpgradeReader.maxBody)
  }

  @Test(arguments: [
    opening.replacing(accept, with: "AAAA"),
    opening.replacing("Upgrade: WebSocket", with: "Upgrade: h2c"),
    opening.replacing("Connection: keep-alive, Upgrade", with: "Connection: close"),
    opening.replacing("X-Note", with: "Sec-WebSocket-Extensions"),
    opening.replacing("X-Note", with: "Sec-WebSocket-Protocol"),
    opening.replacing("X-Note", with: "X Note"),
    "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "HTTP/2 200\r\n\r\n",
    "HTTP/1.1 20 OK\r\n\r\n",
    "HTTP/1.1 abc\r\n\r\n",
    "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
    "SSH-2.0-OpenSSH\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 40_000))",
  ])
  func whatIsNoAnswer(text: String) {
    guard case .invalid(let why) = read(Array(text.utf8).parts(of: 7)) else {
      Issue.record("taken as an answer")
      return
    }
    #expect(!why.isEmpty)
  }

  @Test func theEndBeforeTheAnswer() {
    guard case .invalid = read("HTTP/1.1 101 Switch", ended: true), case .invalid = read("", ended: true) else {
      Issue.record("taken as an answer")
      return
    }
  }
}
