import Cryptography
public import FoundationEssentials
import Home
public import Transport

/// What a person needs to approve this machine.
public struct LoginPrompt: Sendable, Equatable {
  /// To be opened in a browser that is signed in to the relay; the code is in it.
  public let link: String
  /// To be typed where the link cannot be opened, as `XXXX-XXXX`.
  public let code: String
  /// To be compared with what the browser shows.
  public let fingerprint: String
  public let expires: Date
}

/// Why this machine could not be signed in; the description is a sentence that says what to do next.
public struct LoginError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable { case badOrigin, denied, expired, refused, notARelay }
  public let code: Code
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// Signs this machine in by the device code flow (RFC 8628).
public struct DeviceLogin: Sendable {
  private let store: MachineStore
  private let dialer: RelayDialer
  private let origin: String
  private let send: HTTPClient
  private let pause: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - origin: the relay's, as `relayOrigin` gives it.
  ///   - certificates: a PEM file of authorities instead of the system's.
  ///   - send: how requests are sent.
  ///   - pause: how the time between two questions is waited.
  public init(
    store: MachineStore, origin: String, certificates: String? = nil,
    send: @escaping HTTPClient = { try await IO.request($0) },
    pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.store = store
    self.origin = origin
    dialer = RelayDialer(origin: origin, certificates: certificates)
    self.send = send
    self.pause = pause
  }

  /// The origin that a person means: `https://` is added where no scheme is given, what follows the host is left out.
  /// Throws `LoginError.badOrigin`, also for plain `http` to another machine, which would give everything away.
  public static func relayOrigin(_ text: String) throws(LoginError) -> String {
    let full = text.contains("://") ? text : "https://\(text)"
    let parts = full.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "https:" || parts[0] == "http:" else {
      throw LoginError(.badOrigin, "\(text) is no relay's address: give one such as https://relay.example.")
    }
    let authority = parts[2].prefix { $0 != "/" && $0 != "?" && $0 != "#" }.lowercased()
    let host =
      authority.hasPrefix("[")
      ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
    guard !host.isEmpty, !authority.contains("@") else {
      throw LoginError(.badOrigin, "\(text) is no relay's address: give one such as https://relay.example.")
    }
    let isLocal = host == "localhost" || host.hasSuffix(".localhost") || host == "127.0.0.1" || host == "[::1]"
    guard parts[0] == "https:" || isLocal else {
      throw LoginError(.badOrigin, "A relay on another machine is reached by https only: give https://\(authority).")
    }
    return "\(parts[0])//\(authority)"
  }

  private struct Grant: Decodable {
    var deviceCode: String
    var userCode: String
    /// Seconds.
    var expiresIn: Int
    var interval: Int

    private enum CodingKeys: String, CodingKey {
      case deviceCode = "device_code"
      case userCode = "user_code"
      case expiresIn = "expires_in"
      case interval
    }
  }

  private struct Approved: Decodable {
    var user: String
    var machine: String
    var name: String
    var origin: String
  }

  private struct Pending: Decodable { var error: String }

  private struct Refused: Decodable {
    struct Content: Decodable { var message: String }
    var error: Content
  }

  /// Asks for a code, shows it, and waits until someone approved it. The machine is kept in the store.
  ///
  /// Throws `LoginError`, `TransportError`, `HomeError`, `CancellationError`.
  /// - Parameters:
  ///   - name: how people will see this machine.
  ///   - show: gets what the person needs, once.
  public func run(name: String, show: @Sendable (LoginPrompt) -> Void) async throws -> Machine {
    // One that was approved before keeps its key and with it its place in the account.
    let isNew = try store.loadKey(origin) == nil
    let key = try store.keyOrNew(origin)
    let grant: Grant
    do { grant = try await ask(key, name) } catch {
      // A key that no relay has taken is of no use: the address may have been mistyped.
      if isNew { try? store.remove(origin) }
      throw error
    }
    show(
      LoginPrompt(
        link: "\(origin)/#code=\(grant.userCode)", code: grant.userCode, fingerprint: key.publicKey.fingerprint,
        expires: .now.addingTimeInterval(Double(grant.expiresIn))))
    let approved = try await poll(grant)
    guard approved.origin == origin else {
      throw LoginError(
        .notARelay, "The relay at \(origin) calls itself \(approved.origin): sign in with `--relay \(approved.origin)`."
      )
    }
    let machine = Machine(origin: origin, user: approved.user, id: approved.machine, name: approved.name, key: key)
    try store.save(machine)
    return machine
  }

  private func ask(_ key: SigningKey, _ name: String) async throws -> Grant {
    let body = Array(#"{"name":\#(JSONOutput.quoted(name)),"jwk":\#(key.publicKey.jwk)}"#.utf8)
    let response = try await send(
      dialer.request("POST", "/device/code", headers: ["Content-Type": "application/json"], body: body))
    if response.status == 200, var grant = try? JSONDecoder().decode(Grant.self, from: Data(response.body)),
      // It is shown as it comes, so it must be a code and nothing else (docs/protocol.md, section 1).
      grant.userCode.wholeMatch(of: #/[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}/#) != nil
    {
      grant.expiresIn = min(max(grant.expiresIn, 1), 3600)
      grant.interval = min(max(grant.interval, 1), 60)
      return grant
    }
    throw refusal(response)
  }

  private func poll(_ grant: Grant) async throws -> Approved {
    var interval = Duration.seconds(grant.interval)
    let deadline = ContinuousClock.now + .seconds(grant.expiresIn)
    let form = "grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=\(grant.deviceCode)"
    while ContinuousClock.now < deadline {
      try await pause(interval)
      let response: HTTPResponse
      do {
        response = try await send(
          dialer.request(
            "POST", "/device/token", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Array(form.utf8)))
      } catch let error as TransportError where error.code != .stopped {
        // The network may come back before the code expires (RFC 8628, section 3.5).
        interval = min(interval * 2, .seconds(30))
        continue
      }
      if response.status == 200, let approved = try? JSONDecoder().decode(Approved.self, from: Data(response.body)) {
        return approved
      }
      switch try? JSONDecoder().decode(Pending.self, from: Data(response.body)).error {
      case "authorization_pending": continue
      case "slow_down": interval += .seconds(5)
      case "access_denied":
        throw LoginError(.denied, "This machine was denied in the browser: run `codex-remote login` to ask again.")
      case "expired_token": throw expired
      default:
        if response.status == 429 || response.status >= 500 { continue }
        throw refusal(response)
      }
    }
    throw expired
  }

  private var expired: LoginError {
    LoginError(.expired, "Nobody approved the code in time: run `codex-remote login` for a new one.")
  }

  private func refusal(_ response: HTTPResponse) -> LoginError {
    if let answer = try? JSONDecoder().decode(Refused.self, from: Data(response.body)).error {
      return LoginError(.refused, "\(origin) refused: \(answer.message)")
    }
    return LoginError(
      .notARelay, "\(origin) answered with status \(response.status), not as a relay does: check its address.")
  }
}
