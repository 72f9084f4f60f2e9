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
  _ address: RelayAddress, machine: ClaimedMachine?, deployKey: String, client: @escaping HTTPClient
) async throws -> Claim {
  struct Body: Encodable { let claim: String, machine: ClaimedMachine? }
  struct Answer: Decodable { let user: String, machine: String?, expires: Double }

  let secret = randomToken(bytes: 32)
  let response = try await Deployer(address: address, key: deployKey, client: client).onRelayTime()
    .ask("/deploy/claim", Body(claim: base64URL(sha256(Data(secret.utf8))), machine: machine))
  switch response.status {
  case 200:
    let answer = try JSONDecoder().decode(Answer.self, from: Data(response.body))
    return .link(
      "\(address.origin)/#link=claim.\(answer.user).\(secret)", user: answer.user, machine: answer.machine,
      expires: Date(timeIntervalSince1970: answer.expires / 1000))
  case 409: return .owned
  case 401: throw VerificationError.otherKey
  default: throw ClaimError("The relay made no claim link (\(Deployer.reason(response))): run this again.")
  }
}

/// Makes a link for an owner who is locked out: it adds a passkey and ends all sign-ins. Single use, one hour.
///
/// - Throws: ``ClaimError``, also where nobody owns the relay yet, or what the client throws.
public func recover(_ address: RelayAddress, deployKey: String, client: @escaping HTTPClient) async throws -> String {
  struct Body: Encodable { let claim: String }
  struct Answer: Decodable { let user: String }

  let secret = randomToken(bytes: 32)
  let response = try await Deployer(address: address, key: deployKey, client: client).onRelayTime()
    .ask("/deploy/recover", Body(claim: base64URL(sha256(Data(secret.utf8)))))
  switch response.status {
  case 200:
    let answer = try JSONDecoder().decode(Answer.self, from: Data(response.body))
    return "\(address.origin)/#link=recover.\(answer.user).\(secret)"
  case 409:
    throw ClaimError("Nobody owns the relay yet, so nobody is locked out: make a claim link without --recover.")
  case 401: throw VerificationError.otherKey
  default: throw ClaimError("The relay made no link for its owner: \(Deployer.reason(response)).")
  }
}

/// Why a relay made no claim link.
public struct ClaimError: Error, Equatable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
