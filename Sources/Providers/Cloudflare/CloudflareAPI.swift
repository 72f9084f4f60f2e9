import Transport

/// Cloudflare's API below one account: its envelope, and its error codes as sentences.
struct CloudflareAPI: Sendable {
  let client: APIClient

  /// An error of the platform's own.
  struct Refusal: Error {
    let status: Int
    let codes: [Int]
    let message: String
  }

  static let notFound: Set = [10007, 10090, 10092]

  /// The result of a call.
  ///
  /// - Throws: ``Refusal`` when the platform says no, for the caller to act on or to turn into a sentence.
  func result<Result: Decodable>(_ call: APIClient.Call) async throws -> Result {
    let response = try await client(call)
    let envelope = try client.decode(CloudflareEnvelope<Result>.self, from: response)
    guard envelope.success, (200..<300).contains(response.status), let result = envelope.result else {
      throw refusal(response.status, envelope.errors ?? [])
    }
    return result
  }

  /// A call whose result is not looked at, such as a deletion, which has none.
  func perform(_ call: APIClient.Call) async throws {
    let response = try await client(call)
    guard !response.body.isEmpty else {
      guard (200..<300).contains(response.status) else {
        throw Refusal(status: response.status, codes: [], message: "")
      }
      return
    }
    let envelope = try client.decode(CloudflareEnvelope<CloudflareNothing>.self, from: response)
    guard envelope.success, (200..<300).contains(response.status) else {
      throw refusal(response.status, envelope.errors ?? [])
    }
  }

  /// Nil where the platform says that there is no such thing.
  func found<Result: Decodable>(_ call: APIClient.Call) async throws -> Result? {
    do { return try await result(call) } catch let refusal as Refusal {
      guard refusal.codes.contains(where: Self.notFound.contains) else { throw refusal }
      return nil
    }
  }

  private func refusal<R>(_ status: Int, _ errors: [CloudflareEnvelope<R>.Problem]) -> Refusal {
    Refusal(status: status, codes: errors.map(\.code), message: errors.map(\.message).joined(separator: "; "))
  }
}

extension CloudflareAPI.Refusal {
  /// What the code means and what to do next. Codes are documented only in part: the rest is told as it came.
  func sentence(_ doing: String) -> ProviderError {
    let said = "Cloudflare: \(codes.map(String.init).joined(separator: ", ")) \(message)"
    switch codes.first {
    case 9106, 9109, 10000:
      return ProviderError(
        .credentials,
        "The token does not permit \(doing) (\(said)): it needs Workers Scripts: Edit and Account Settings: Read on"
          + " this account; make one with them and run this again.")
    case 10034:
      return ProviderError(.other, "Your Cloudflare account's e-mail address is not verified: verify it, then go on.")
    case 10027: return ProviderError(.other, "The relay is too large for this Cloudflare plan (\(said)).")
    case 10031:
      return ProviderError(.nameTaken, "That workers.dev name is taken: choose another at dash.cloudflare.com.")
    case 10075, 10097:
      return ProviderError(.other, "This Cloudflare plan has no Durable Objects with SQLite (\(said)).")
    case 10220:
      return ProviderError(
        .other,
        "The deploy key was rotated since that version, and going back would bring the old one back (\(said)): deploy"
          + " with the codex-remote of that version instead.")
    default: return ProviderError(.other, "\(doing.prefix(1).uppercased() + doing.dropFirst()) failed (\(said)).")
    }
  }
}
