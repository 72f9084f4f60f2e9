public import Cryptography
public import FoundationEssentials
public import Providers
public import Transport

/// The outcome of asking a relay for a claim link.
public enum Claim: Sendable, Equatable {
  /// Nobody owns the relay yet: who opens the link within its time does.
  case link(String, user: String, machine: String?, expires: Date)
  /// Somebody owns it; there is nothing to claim.
  case owned
}

/// A machine to be registered together with a claim link: whoever claims approves it.
public struct ClaimedMachine: Sendable, Encodable {
  let name: String
  let jwk: PublicKey

  public init(name: String, key: PublicKey) { (self.name, jwk) = (name, key) }
}

/// Makes a claim link, single use and valid for an hour, and voids the one before (docs/protocol.md, section 2).
///
/// - Parameter deployKey: the secret that the relay was started with; its UTF-8 bytes sign.
/// - Throws: ``ClaimError``, or what the client throws.
public func claim(
  _ address: RelayAddress, machine: ClaimedMachine?, deployKey: String, client: HTTPClient
) async throws -> Claim {
  struct Claims: Encodable { let aud: String, iat: Int, exp: Int, jti: String }
  struct Body: Encodable { let claim: String, machine: ClaimedMachine? }
  struct Answer: Decodable { let user: String, machine: String?, expires: Double }
  struct Refusal: Decodable {
    struct Detail: Decodable { let code: String, message: String }
    let error: Detail
  }

  let secret = randomToken(bytes: 32)
  let now = Int(Date.now.timeIntervalSince1970)
  let token = try JSONWebToken.hs256(
    type: "deploy+jwt", claims: Claims(aud: address.origin, iat: now, exp: now + 60, jti: randomToken(bytes: 16)),
    key: Array(deployKey.utf8))
  let body = try JSONEncoder().encode(Body(claim: base64URL(sha256(Data(secret.utf8))), machine: machine))
  let response = try await client(
    HTTPRequest(
      "POST", address.url + "/deploy/claim",
      headers: [
        "Host": address.host, "Authorization": "Bearer \(token)", "Content-Type": "application/json",
      ],
      body: Array(body), maxBody: 1 << 16))
  let decoder = JSONDecoder()
  switch response.status {
  case 200:
    let answer = try decoder.decode(Answer.self, from: Data(response.body))
    return .link(
      "\(address.origin)/#link=claim.\(answer.user).\(secret)", user: answer.user, machine: answer.machine,
      expires: Date(timeIntervalSince1970: answer.expires / 1000))
  case 409: return .owned
  default:
    let detail = try? decoder.decode(Refusal.self, from: Data(response.body)).error
    throw ClaimError(
      "The relay made no claim link (\(detail.map { "\($0.code): \($0.message)" } ?? "status \(response.status)")).")
  }
}

/// Why a relay made no claim link.
public struct ClaimError: Error, Equatable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
