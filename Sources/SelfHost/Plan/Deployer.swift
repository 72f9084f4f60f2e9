import Cryptography
import FoundationEssentials
import Providers
import Transport

/// Asks a relay for what only its deployer may, proving it with the deploy key (docs/protocol.md, section 2).
struct Deployer: Sendable {
  let address: RelayAddress
  /// Its UTF-8 bytes sign.
  let key: String
  let client: HTTPClient
  /// The relay's clock less this machine's, in seconds.
  var clockOffset = 0.0

  private struct Claims: Encodable { let aud: String, iat: Int, exp: Int, jti: String }

  /// A token for one use within a minute.
  func token() throws -> String {
    let now = Int(Date.now.timeIntervalSince1970 + clockOffset)
    return try JSONWebToken.hs256(
      type: "deploy+jwt", claims: Claims(aud: address.origin, iat: now, exp: now + 60, jti: randomToken(bytes: 16)),
      key: Array(key.utf8))
  }

  /// - Throws: what the client throws.
  func ask(_ path: String, _ body: some Encodable) async throws -> HTTPResponse {
    try await client(
      HTTPRequest(
        "POST", address.url + path,
        headers: [
          "Host": address.host, "Authorization": "Bearer \(try token())", "Content-Type": "application/json",
        ],
        body: Array(try JSONEncoder().encode(body)), maxBody: 1 << 16))
  }

  /// The same with the relay's clock, where this machine's is more than half a token's life off: TLS takes a clock that
  /// is wrong by minutes, a token does not.
  func onRelayTime() async throws -> Deployer {
    struct Health: Decodable { let time: Double }
    let response = try await client(
      HTTPRequest(
        "GET", address.url + "/health", headers: ["Host": address.host], timeout: .seconds(10), maxBody: 1 << 16))
    // What is no time of a calendar year is no relay's.
    guard let health = try? JSONDecoder().decode(Health.self, from: Data(response.body)),
      (0...253_402_300_799_000).contains(health.time)
    else { return self }
    let offset = health.time / 1000 - Date.now.timeIntervalSince1970
    var deployer = self
    if abs(offset) > 30 { deployer.clockOffset = offset }
    return deployer
  }

  /// Why the relay said no, for a person to read.
  static func reason(_ response: HTTPResponse) -> String {
    struct Refusal: Decodable {
      struct Detail: Decodable { let code: String, message: String }
      let error: Detail
    }
    let detail = try? JSONDecoder().decode(Refusal.self, from: Data(response.body)).error
    return detail.map { "\($0.code): \($0.message)" } ?? "status \(response.status)"
  }
}
