import FoundationEssentials
import Transport

/// Calls a provider's HTTP API: one base address, one token, bounded answers, and tries again where that is safe.
///
/// Every call of the providers can be repeated: a PUT and a PATCH set a state, a POST that would make a thing twice is
/// refused by the platform with a conflict that the provider takes for success, or looks first (`Call.beforeRepeat`).
struct APIClient: Sendable {
  /// Without a slash at its end.
  let base: String
  /// The platform's name in sentences.
  let platform: String
  let token: String
  let send: HTTPClient
  /// All time limits are multiplied by this.
  var timeFactor = 1.0
  /// Waits between attempts; a test gives its own.
  var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

  /// How often a call is made in all.
  static let attempts = 4
  /// No wait that a server asks for is longer.
  static let longestWait = Duration.seconds(60)

  struct Call: Sendable {
    var method = "GET"
    /// Below the base, with its query.
    var path: String
    var headers: HTTPHeaders = [:]
    var body: [UInt8]?
    /// An upload takes longer than the default.
    var timeout = Duration.seconds(30)
    /// Asked before the call is made again after one whose outcome is not known: what stands for its answer.
    var beforeRepeat: (@Sendable () async throws -> HTTPResponse?)?

    /// Both platforms write names in snake case; a dictionary's keys stay as they are.
    static var encoder: JSONEncoder {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return encoder
    }

    init(_ method: String = "GET", _ path: String, json: (any Encodable & Sendable)? = nil) throws {
      self.method = method
      self.path = path
      if let json {
        body = Array(try Self.encoder.encode(json))
        headers["Content-Type"] = "application/json"
      }
    }
  }

  /// The platform's answer, whatever its status but 429 and 5xx, which are tried again and then thrown.
  ///
  /// - Throws: ``ProviderError`` for what is no answer of the platform (no network, a proxy's or a challenge page),
  ///   `CancellationError` at once when the task is cancelled.
  func callAsFunction(_ call: Call) async throws -> HTTPResponse {
    var request = HTTPRequest(call.method, base + call.path, headers: call.headers, body: call.body)
    request.headers["Authorization"] = "Bearer \(token)"
    request.headers["User-Agent"] = "codex-remote"
    request.headers["Accept"] = "application/json"
    request.timeout = call.timeout * timeFactor
    request.maxBody = 8 << 20
    request.opensConnection = call.beforeRepeat != nil
    var wait = Duration.milliseconds(500)
    var mayHaveHappened = false
    for attempt in 1... {
      var pause = wait * Double.random(in: 0.5...1)
      if mayHaveHappened, let found = try await call.beforeRepeat?() { return found }
      do {
        let response = try await send(request)
        guard response.status == 429 || response.status >= 500 else {
          try check(response)
          return response
        }
        if let seconds = response.headers["retry-after"].flatMap(Int.init) {
          pause = max(pause, min(.seconds(seconds), Self.longestWait))
        }
        if attempt == Self.attempts { throw failure(response) }
        mayHaveHappened = mayHaveHappened || response.status >= 500
      } catch let error as TransportError {
        guard attempt < Self.attempts, Self.mayPass(error.code) else {
          throw ProviderError(.unreachable, error.description)
        }
        mayHaveHappened = mayHaveHappened || error.code == .timedOut || error.code == .broken
      }
      try await sleep(pause)
      wait *= 2
    }
    throw CancellationError()
  }

  private static func mayPass(_ code: TransportError.Code) -> Bool {
    switch code {
    case .unreachable, .timedOut, .broken, .unresolved: true
    default: false
    }
  }

  /// An answer that is no JSON comes from something between here and the platform.
  private func check(_ response: HTTPResponse) throws {
    if response.headers["cf-mitigated"] == "challenge" {
      let ray = response.headers["cf-ray"].map { " (cf-ray \($0))" } ?? ""
      throw ProviderError(
        .unreachable, "\(platform) answered with a page that asks for a human\(ray): try again from another network.")
    }
    guard !response.body.isEmpty, response.status != 204 else { return }
    guard response.headers["content-type"]?.contains("json") == true else {
      throw ProviderError(
        .unreachable,
        "What answered at \(base) was not \(platform) but a page (status \(response.status)): a portal or a proxy is"
          + " in between; sign in to the network and try again.")
    }
  }

  private func failure(_ response: HTTPResponse) -> ProviderError {
    response.status == 429
      ? ProviderError(.unreachable, "\(platform) has had too many requests: wait a few minutes and run this again.")
      : ProviderError(
        .unreachable, "\(platform) is in trouble (status \(response.status)): nothing was lost; run this again later.")
  }

  /// Decodes an answer of the platform.
  func decode<Value: Decodable>(_ type: Value.Type = Value.self, from response: HTTPResponse) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do { return try decoder.decode(type, from: Data(response.body)) } catch {
      throw ProviderError(
        .other, "\(platform) answered in a form that this version does not know: update codex-remote and try again.")
    }
  }
}
