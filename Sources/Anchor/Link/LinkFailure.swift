import FoundationEssentials
import Transport

/// What the end of a link, or an attempt at one, means: a sentence, and whether to dial again.
enum LinkFailure: Equatable {
  case retry(String)
  /// The relay told its time in milliseconds since 1970: dial again with it.
  case clock(Double)
  /// Dialling again would not help.
  case final(String)

  private struct Answer: Decodable {
    struct Content: Decodable {
      var code: String
      var message: String
      var time: Double?
    }
    var error: Content
  }

  /// An attempt that failed.
  init(_ error: any Error, origin: String) {
    guard let error = error as? TransportError else {
      self = .retry("\(error)")
      return
    }
    guard error.code == .refused, let response = error.response else {
      self = .retry(error.description)
      return
    }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)).error else {
      self = .retry("\(origin) answered with status \(response.status), not as a relay does: check its address.")
      return
    }
    switch answer.code {
    case "clock":
      // What is no time of a calendar year is no relay's.
      guard let time = answer.time, (0...253_402_300_799_000).contains(time) else {
        self = .retry("\(origin) did not tell its time when it refused this machine's clock; it is dialled again.")
        return
      }
      self = .clock(time)
    case "unknown-machine":
      self = .final("\(origin) does not know this machine, or revoked it: run `codex-remote login` to sign in again.")
    default: self = .retry("\(origin) refused this machine: \(answer.message)")
    }
  }

  /// The end of a link that was open.
  init(_ end: WebSocketEnd, origin: String) {
    guard case .closed(let code, let reason) = end else {
      self = .retry("The link to \(origin) broke: \(end); it is dialled again.")
      return
    }
    switch code {
    case 1001 where reason == "silent":
      self = .retry(
        "The relay at \(origin) heard nothing from this machine for 15 s: check its network; it is dialled again.")
    case 1001, 1012: self = .retry("The relay at \(origin) restarts; it is dialled again.")
    case 4000:
      self = .retry("Another anchor with this machine's key connected to \(origin): end one of the two.")
    case 4001:
      self = .final("This machine was revoked at \(origin): run `codex-remote login` to sign in again.")
    case 4002: self = .final("The relay at \(origin) speaks another protocol: update codex-remote, or the relay.")
    case 1009, 4003: self = .retry("The relay at \(origin) could not read a frame: update codex-remote or the relay.")
    case 4004: self = .retry("This machine read too slowly for \(origin): check its network; it is dialled again.")
    case 4005: self = .retry("The relay at \(origin) has too many connections; it is dialled again.")
    default:
      let why = reason.isEmpty ? "" : ", \(reason)"
      self = .retry("The relay at \(origin) closed the link (\(code)\(why)); it is dialled again.")
    }
  }
}
