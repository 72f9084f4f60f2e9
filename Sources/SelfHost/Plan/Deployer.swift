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

  private struct Claims: Encodable { let aud: String, iat: Int, exp: Int, jti: String }

  /// - Throws: what the client throws.
  func ask(_ path: String, _ body: some Encodable) async throws -> HTTPResponse {
    let now = Int(Date.now.timeIntervalSince1970)
    let token = try JSONWebToken.hs256(
      type: "deploy+jwt", claims: Claims(aud: address.origin, iat: now, exp: now + 60, jti: randomToken(bytes: 16)),
      key: Array(key.utf8))
    return try await client(
      HTTPRequest(
        "POST", address.url + path,
        headers: [
          "Host": address.host, "Authorization": "Bearer \(token)", "Content-Type": "application/json",
        ],
        body: Array(try JSONEncoder().encode(body)), maxBody: 1 << 16))
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
