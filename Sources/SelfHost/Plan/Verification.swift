import FoundationEssentials
import Providers
import Transport

/// Proves over the relay's own address that what answers there is the relay, in the build that was uploaded, and that
/// two ends can speak through it.
struct Verification {
  let address: RelayAddress
  let client: HTTPClient
  let roundTrip: RoundTrip
  /// How long the address may take to begin to answer with the new build: a platform's edge changes within seconds, a
  /// new name within a minute or two.
  var patience = Duration.seconds(20)
  /// Told what it waits for, whenever that is something else.
  var waits: @Sendable (String) -> Void = { _ in }

  /// How long errors of the platform may be those of a beginning: past it the relay itself fails.
  private var grace: Duration { max(patience / 18, .seconds(1)) }
  /// How long another place of the platform's edge may still have the build before.
  private var settling: Duration { patience / 36 }

  func run(build: String, deployKey: String?) async throws {
    try await reached(build: build)
    try await settled { try await page(build: build) }
    try await settled { try await strangers() }
    guard let deployKey else { return }
    try await settled { try await roundTrip.run(address, deployKey, .seconds(10)) }
  }

  private struct Health: Decodable { let ok: Bool, build: String }

  /// Asks until the new build answers.
  func reached(build: String) async throws {
    let deadline = ContinuousClock.now + patience
    var failsSince: ContinuousClock.Instant?
    var reason = ""
    var wait = Duration.milliseconds(50)
    repeat {
      let before = reason
      do {
        let response = try await get("/health")
        if response.status == 200, let health = try? JSONDecoder().decode(Health.self, from: Data(response.body)),
          health.ok
        {
          if health.build == build { return }
          reason = "it still answers with build \(health.build)"
        } else {
          reason = "\(address.origin)/health answers with status \(response.status)"
        }
        failsSince = response.status >= 500 ? failsSince ?? .now : nil
      } catch let error as TransportError where error.code == .clock {
        throw error
      } catch let error as TransportError where error.code != .stopped {
        reason = error.detail.isEmpty ? "it cannot be reached" : error.detail
      }
      if let failsSince, failsSince + grace < .now { break }
      if reason != before { waits(reason) }
      try await IO.sleep(for: wait)
      wait = min(wait * 2, .seconds(2))
    } while ContinuousClock.now < deadline
    throw VerificationError("The relay was started, but \(reason): look at its log.")
  }

  /// Tries again for a moment: what answered before may not be what answers now.
  func settled(_ check: () async throws -> Void) async throws {
    let deadline = ContinuousClock.now + settling
    var wait = Duration.milliseconds(100)
    while true {
      do { return try await check() } catch let error
        where !(error is CancellationError) && error as? VerificationError != .otherKey
      {
        guard ContinuousClock.now + wait < deadline else { throw error }
      }
      try await IO.sleep(for: wait)
      wait *= 2
    }
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
  private func strangers() async throws {
    let response = try await get(
      "/anchor?protocol=1",
      [
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
      ])
    // 429: strangers at this address have tried too often, and are refused all the same.
    guard response.status == 401 && response.text.contains("bad-token") || response.status == 429 else {
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

  /// The relay answers, but has another deploy key than this machine.
  static let otherKey = VerificationError(
    "The relay has another deploy key than this machine, since another one has deployed it: codex-remote self-host"
      + " rotate makes a new one from here, and signs nobody out.")
}
