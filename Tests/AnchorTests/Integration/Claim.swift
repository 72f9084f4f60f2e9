import Cryptography
import FoundationEssentials
import Home
import Testing
import Transport

@testable import Anchor

/// What a deployer and the first person do: register the machine, make the claim link, claim it with a passkey.
struct Claim {
  let origin: String
  let port: Int
  let deployKey: String

  private struct Claims: Encodable {
    var aud: String
    var exp: Int
    var jti: String
  }

  private struct Made: Decodable {
    var user: String
    var machine: String?
  }

  private var host: String { String(origin.dropFirst("http://".count)) }

  /// Registers a new machine and keeps it in the home.
  func make(_ home: Home) async throws -> (machine: Machine, link: String) {
    let store = MachineStore(home: home)
    let key = try store.keyOrNew(origin)
    let secret = randomToken()
    // docs/protocol.md: the hash is over the secret part.
    let claims = Claims(aud: origin, exp: Int(Date.now.timeIntervalSince1970) + 60, jti: randomToken(bytes: 16))
    let token = try JSONWebToken.hs256(type: "deploy+jwt", claims: claims, key: Data(deployKey.utf8))
    let hash = base64URL(sha256(Data(secret.utf8)))
    let body = #"{"claim":"\#(hash)","machine":{"name":"Test machine","jwk":\#(key.publicKey.jwk)}}"#
    let answer = try await post("/deploy/claim", body, ["Authorization": "Bearer \(token)"])
    let made = try JSONDecoder().decode(Made.self, from: Data(answer.body))
    guard let id = made.machine else { throw NeverHappened("a machine") }
    let machine = Machine(origin: origin, user: made.user, id: id, name: "Test machine", key: key)
    try store.save(machine)
    return (machine, "claim.\(made.user).\(secret)")
  }

  private struct Options: Decodable {
    struct Key: Decodable { var challenge: String }
    var ticket: String
    var publicKey: Key
  }

  /// Makes the account and gives its cookie.
  func use(_ link: String) async throws -> String {
    let options = try JSONDecoder().decode(
      Options.self, from: Data(try await browser("/api/link/options", #"{"link":"\#(link)","name":"Ada"}"#).body))
    let key = try SigningKey()
    let point = key.publicKey.point
    let client = #"{"type":"webauthn.create","challenge":"\#(options.publicKey.challenge)","origin":"\#(origin)"}"#
    let id = randomBytes(16)
    let name = String(host.split(separator: ":")[0])
    // User present and verified, credential attached (WebAuthn level 3, section 6.1).
    var data = sha256(Data(name.utf8)) + Data([0x45, 0, 0, 0, 1]) + Data(count: 16)
    data += Data([0, 16]) + id
    data += Data([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20]) + point[1..<33]
    data += Data([0x22, 0x58, 0x20]) + point[33..<65]
    let prefix: [UInt8] = [
      0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
      0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ]
    let spki = Data(prefix) + point
    let passkey =
      #"{"id":"\#(base64URL(id))","clientDataJSON":"\#(base64URL(Data(client.utf8)))","#
      + #""authenticatorData":"\#(base64URL(data))","publicKey":"\#(base64URL(spki))","algorithm":-7,"#
      + #""transports":["internal"]}"#
    let answer = try await browser(
      "/api/link/use",
      #"{"link":"\#(link)","ticket":"\#(options.ticket)","name":"Ada","device":"Tests","passkey":\#(passkey)}"#)
    guard let cookie = answer.headers["Set-Cookie"] else { throw NeverHappened("a cookie") }
    return String(cookie.prefix { $0 != ";" })
  }

  func browser(_ path: String, _ body: String, cookie: String? = nil) async throws -> HTTPResponse {
    var headers: HTTPHeaders = ["Origin": origin]
    headers["Cookie"] = cookie
    return try await post(path, body, headers)
  }

  private func post(_ path: String, _ body: String, _ headers: HTTPHeaders) async throws -> HTTPResponse {
    var headers = headers
    headers["Host"] = host
    headers["Content-Type"] = "application/json"
    let answer = try await IO.request(
      HTTPRequest("POST", "http://127.0.0.1:\(port)\(path)", headers: headers, body: Array(body.utf8)))
    guard answer.status == 200 else { throw NeverHappened("\(path): \(answer.status) \(answer.text)") }
    return answer
  }
}
