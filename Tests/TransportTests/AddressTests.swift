import Testing

@testable import Transport

@Suite struct AddressTests {
  func address(_ url: String) throws -> Address { try Address(url, schemes: ("ws", "wss")) }

  @Test(arguments: [
    ("ws://example.com", false, "example.com", "example.com", "/"),
    ("WSS://Example.COM:8443/a/b?c=d#e", true, "example.com", "Example.COM:8443", "/a/b?c=d"),
    ("ws://127.0.0.1:80?x=/y", false, "127.0.0.1", "127.0.0.1:80", "/?x=/y"),
    ("wss://[::1]:1/", true, "::1", "[::1]:1", "/"),
    ("ws://[fe80::1]#x", false, "fe80::1", "[fe80::1]", "/"),
  ])
  func parts(url: String, isSecure: Bool, host: String, authority: String, target: String) throws {
    let address = try address(url)
    #expect(address.isSecure == isSecure)
    #expect(address.host == host)
    #expect(address.authority == authority)
    #expect(address.target == target)
  }

  @Test(arguments: [
    "", "ws:", "ws:/x", "ws://", "ws:///x", "ws://:80/", "http://a/", "ws://a b/", "ws://a/\r\n", "ws://a\\b/",
    "ws://user@a/", "ws://u:p@a/", "ws://a:0/", "ws://a:65536/", "ws://a:b/", "ws://[::1/", "ws://[::1]x/", "ws://é/",
    "ws://a:-1/", "ws://a:+1/", "//a/",
  ])
  func invalid(url: String) {
    #expect(throws: TransportError.self) { try address(url) }
  }

  @Test(arguments: [
    ("localhost", true), ("codex-remote.localhost", true), ("LOCALHOST", true), ("127.0.0.1", true),
    ("127.1.2.3", true), ("[::1]", true), ("localhost.example", false), ("127.0.0.1.example", false),
    ("mylocalhost", false), ("10.0.0.1", false), ("[::2]", false), ("example.com", false),
  ])
  func thisMachine(host: String, isLoopback: Bool) throws {
    #expect(try address("ws://\(host)/").isLoopback == isLoopback)
  }

  @Test func headersAreComparedWithoutCase() {
    var headers: HTTPHeaders = ["Content-Type": "a", "X": "1", "x": "2"]
    #expect(headers["content-TYPE"] == "a")
    #expect(headers["X"] == "1")
    headers["x"] = "3"
    #expect(headers.fields.map(\.value) == ["a", "3"])
    headers["X"] = nil
    #expect(headers.fields.count == 1)
  }

  @Test(arguments: TransportError.Code.allCases)
  func everyErrorIsASentence(code: TransportError.Code) {
    let error = TransportError(code, peer: "relay.example:443", detail: "why", response: HTTPResponse(status: 401))
    let text = error.description
    #expect(text.hasSuffix("."))
    #expect(text.contains(": "))
    #expect(!text.contains("\n"))
  }
}
