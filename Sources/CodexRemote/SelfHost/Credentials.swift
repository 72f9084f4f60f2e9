import Arguments
import FoundationEssentials
import Home
import Processes
import Providers
import Terminal

/// Finds the token that lets this program act for its user at a provider: the environment, what was kept, another
/// program's login, and a person who pastes one.
struct Credentials {
  let home: Home
  let environment: [String: String]
  let terminal: Terminal

  /// Throws `ProviderError` with `credentials` where there is none and nobody to ask.
  func find(_ platform: Platform) async throws -> Credential {
    for name in platform.token.variables {
      if let token = try token(in: environment[name], name, platform) { return Credential(token, source: name) }
    }
    let file = file(platform)
    let kept = try home.read(file).map { String(decoding: $0, as: UTF8.self) }
    if let token = try token(in: kept, home.path(of: file), platform) {
      return Credential(token, source: "the token kept on this machine")
    }
    if let token = await platform.token.borrowed?(environment) { return token }
    return try await pasted(platform)
  }

  private func pasted(_ platform: Platform) async throws -> Credential {
    let (page, what) = (platform.token.page, platform.token.what)
    terminal.line("  Make \(what), at:")
    terminal.line()
    terminal.line("    \(page)")
    terminal.line()
    if terminal.canAsk { await openInBrowser(page, environment: environment) }
    let text = try await terminal.readSecret("  Paste it here; it is not shown")
    guard let token = try token(in: text, "What was pasted", platform) else {
      throw ProviderError(
        .credentials, "There is no token for \(platform.title): set \(platform.token.variables[0]) to \(what).")
    }
    if try await terminal.confirm("  Keep it on this machine for the next time?", default: false) == true {
      try home.prepare()
      try home.write(Data("\(token)\n".utf8), to: file(platform))
    }
    return Credential(token, source: "what you pasted")
  }

  /// The token in a text, which may have been copied with the line's end; nil where there is none.
  /// - Parameter place: where the text stands, as a sentence begins with it.
  /// - Throws: `ProviderError` for anything but one token.
  private func token(in text: String?, _ place: String, _ platform: Platform) throws -> String? {
    guard let text else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count < 2, text.allSatisfy(\.isASCII) else {
      throw ProviderError(
        .credentials, "\(place) holds something else than one token: give \(platform.token.what).")
    }
    return words.first.map(String.init)
  }

  private func file(_ platform: Platform) -> String { "\(platform.name).token" }
}
