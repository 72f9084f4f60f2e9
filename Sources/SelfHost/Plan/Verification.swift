import FoundationEssentials
import Providers
import Transport

/// Proves over the relay's own address that what answers there is the relay, in the build that was uploaded.
struct Verification {
  let address: RelayAddress
  let client: HTTPClient
  /// How long the address may take to begin to answer with the new build: a platform's edge changes within seconds.
  var patience = Duration.seconds(20)

  func run(build: String) async throws {
    try await health(build: build)
    try await page(build: build)
    try await socket()
  }

  private struct Health: Decodable { let ok: Bool, build: String }

  /// Asks until any build answers.
  func reached() async throws { try await health(build: nil) }

  /// Asks until the new build answers.
  private func health(build: String?) async throws {
    let deadline = ContinuousClock.now + patience
    var reason = ""
    var wait = Duration.milliseconds(50)
    repeat {
      do {
        let response = try await get("/health")
        if response.status == 200, let health = try? JSONDecoder().decode(Health.self, from: Data(response.body)),
          health.ok
        {
          if build == nil || health.build == build { return }
          reason = "it still answers with build \(health.build)"
        } else {
          reason = "\(address.origin)/health answers with status \(response.status)"
        }
      } catch let error as TransportError where error.code != .stopped {
        reason = error.detail.isEmpty ? "it cannot be reached" : error.detail
      }
      try await IO.sleep(for: wait)
      wait = min(wait * 2, .seconds(2))
    } while ContinuousClock.now < deadline
    throw VerificationError("The relay was started, but \(reason): look at its log.")
  }

  private func page(build: String) async throws {
    let page = try await get("/")
    guard page.status == 200, page.text.contains("/\(build)/") else {
      throw VerificationError("The relay does not serve this build's page: \(address.origin)/ says \(page.status).")
    }
    let policy = page.headers["content-security-policy"] ?? ""
    guard policy.contains("default-src 'none'"), policy.contains("frame-ancestors 'none'"),
      page.headers["x-content-type-options"] == "nosniff"
    else {
      throw VerificationError(
        "The relay's page lacks its security headers: find what removes them between here and \(address.origin).")
    }
    let list = try await get("/\(build)/files.json")
    guard list.status == 200, list.headers["cache-control"]?.contains("immutable") == true else {
      throw VerificationError("The relay does not serve /\(build)/files.json as it should: it says \(list.status).")
    }
  }

  /// An upgrade without a token must reach the relay and be refused by it.
  private func socket() async throws {
    let response = try await get(
      "/anchor?protocol=1",
      [
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
      ])
    guard response.status == 401, response.text.contains("bad-token") else {
      throw VerificationError(
        "The relay's WebSocket endpoint does not refuse a stranger as it should: it says \(response.status).")
    }
  }

  private func get(_ path: String, _ headers: HTTPHeaders = [:]) async throws -> HTTPResponse {
    var headers = headers
    headers["Host"] = address.host
    return try await client(
      HTTPRequest("GET", address.url + path, headers: headers, timeout: .seconds(10), maxBody: 1 << 20))
  }
}

/// Why a relay that was brought up is not in order, in one sentence.
public struct VerificationError: Error, Equatable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
