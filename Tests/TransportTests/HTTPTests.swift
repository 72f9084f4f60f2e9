import Foundation
import Testing
import Transport

@Suite(.serialized, .timeLimit(.minutes(5))) struct HTTPTests {
  let server: TestServer
  var url: String { "http://127.0.0.1:\(server.port)" }

  init() async throws { server = try await TestServer.shared(.deno) }

  /// What the server saw.
  struct Seen: Decodable {
    var method: String
    var headers: [String: String]
    var body: String
  }

  func seen(_ request: HTTPRequest) async throws -> Seen {
    let response = try await IO.request(request)
    #expect(response.status == 200)
    return try JSONDecoder().decode(Seen.self, from: Data(response.body))
  }

  @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE"], [nil, "", "body é"])
  func methodsAndBodies(method: String, body: String?) async throws {
    // A body that a GET has is not shown by the server.
    if method == "GET", body?.isEmpty == false { return }
    let seen = try await seen(patient(method, "\(url)/request", body: body.map { Array($0.utf8) }))
    #expect(seen.method == method)
    #expect(seen.body == body ?? "")
    let length = body.map { "\($0.utf8.count)" } ?? (["GET", "DELETE"].contains(method) ? nil : "0")
    #expect(seen.headers["content-length"] == length)
    #expect(seen.headers["content-type"] == nil)
  }

  @Test func headers() async throws {
    var headers: HTTPHeaders = ["Authorization": "Bearer x", "Content-Type": "application/json", "X-Empty": ""]
    headers["user-agent"] = "test"
    let seen = try await seen(HTTPRequest("POST", "\(url)/request", headers: headers, body: Array("{}".utf8)))
    #expect(seen.headers["authorization"] == "Bearer x")
    #expect(seen.headers["content-type"] == "application/json")
    #expect(seen.headers["x-empty"] == "")
    #expect(seen.headers["user-agent"] == "test")
    #expect(seen.headers["expect"] == nil)
  }

  @Test func aLargeBodyIsSentWhole() async throws {
    let body = [UInt8](repeating: 0x61, count: 5_000_000)
    #expect(try await seen(patient("PUT", "\(url)/request", body: body)).body.utf8.count == body.count)
  }

  @Test func headHasNoBody() async throws {
    let response = try await IO.request(patient("HEAD", "\(url)/body?size=1000"))
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
    #expect(response.headers["Content-Type"] == "text/plain")
  }

  @Test func anErrorStatusIsAnAnswer() async throws {
    let response = try await IO.client(patient("GET", "\(url)/nowhere"))
    #expect(response.status == 404)
    #expect(response.text == "nothing here")
  }

  @Test func redirectsAreNotFollowed() async throws {
    let response = try await IO.request(patient("GET", "\(url)/redirect"))
    #expect(response.status == 302)
    #expect(response.headers["location"] == "/request")
  }

  /// The second answer is packed: the bound holds for what it unpacks to.
  @Test(arguments: [1_000, 200_000])
  func theBodyIsBounded(size: Int) async throws {
    let response = try await IO.request(HTTPRequest("GET", "\(url)/body?size=\(size)", maxBody: size))
    #expect(response.body == [UInt8](repeating: UInt8(ascii: "y"), count: size))
    let error = await failure {
      try await IO.request(HTTPRequest("GET", "\(url)/body?size=\(size)", maxBody: size - 1))
    }
    #expect(error?.code == .tooLarge)
  }

  @Test func anEndlessBodyEndsAtTheBound() async throws {
    #expect(await failure { try await IO.request(patient("GET", "\(url)/endless")) }?.code == .tooLarge)
  }

  @Test func theTotalTimeIsBounded() async throws {
    let error = await failure { try await IO.request(HTTPRequest("GET", "\(url)/stall", timeout: .milliseconds(100))) }
    #expect(error?.code == .timedOut)
  }

  @Test func cancellingEndsARequest() async throws {
    let request = HTTPRequest("GET", "\(url)/stall", timeout: .seconds(600))
    let task = Task { try await IO.request(request) }
    await Task.yield()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    let late = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await IO.request(request)
    }
    await #expect(throws: CancellationError.self) { try await late.value }
  }

  @Test func manyAtOnce() async throws {
    try await withThrowingTaskGroup { group in
      for i in 0..<60 {
        group.addTask {
          try await seen(HTTPRequest("POST", "\(url)/request", body: Array("\(i)".utf8))).body == "\(i)"
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test func nobodyListens() async throws {
    // Port 1 is nobody's.
    let error = await failure { try await IO.request(patient("GET", "http://127.0.0.1:1/")) }
    #expect(error?.code == .unreachable)
    #expect(error?.description.contains("127.0.0.1:1") == true)
  }

  @Test func aNameThatDoesNotExist() async throws {
    let error = await failure { try await IO.request(patient("GET", "http://nowhere.invalid/")) }
    #expect(error?.code == .unresolved)
    #expect(error?.description.contains("nowhere.invalid") == true)
  }

  @Test func aServerThatSpeaksSomethingElse() async throws {
    let raw = try await TestServer.shared(.raw)
    let error = await failure { try await IO.request(patient("GET", "http://127.0.0.1:\(raw.port)/no-http")) }
    #expect(error?.code == .broken)
  }

  @Test(arguments: [
    patient("GET", "ftp://127.0.0.1/"), patient("GET", "file:///etc/passwd"), patient("GET", "127.0.0.1"),
    patient("GET", "http://user:secret@127.0.0.1/"), patient("GET", "http://"),
    patient("GET", "http://a b/"),
    patient("GET", "http://127.0.0.1:0/"), patient("GET", "http://127.0.0.1:99999/"),
    patient("GET", "http://[::1/"),
    patient("GET", "http://127.0.0.1/\r\nX: y"),
    HTTPRequest("GET", "http://127.0.0.1/", headers: ["X": "y\r\nZ: z"]),
    HTTPRequest("GET", "http://127.0.0.1/", headers: ["X Y": "z"]),
    HTTPRequest("GET", "http://127.0.0.1/", headers: ["": "z"]),
    HTTPRequest("GET / HTTP/1.1\r\nX:", "http://127.0.0.1/"),
  ])
  func whatIsNoRequest(request: HTTPRequest) async throws {
    #expect(await failure { try await IO.request(request) }?.code == .invalidRequest)
  }
}
