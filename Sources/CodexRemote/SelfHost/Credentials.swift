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
      guard let value = environment[name] else { continue }
      // Copied with the line's end, as tokens often are.
      let token = value.split(whereSeparator: \.isWhitespace)
      guard token.count < 2, value.allSatisfy({ $0.isASCII }) else {
        throw ProviderError(
          .credentials, "\(name) holds something else than one token: set it to \(platform.token.what).")
      }
      if let token = token.first { return Credential(String(token), source: name) }
    }
    if let kept = try home.read(file(platform)) {
      let token = String(decoding: kept, as: UTF8.self).prefix { !$0.isWhitespace }
      if !token.isEmpty { return Credential(String(token), source: "the token kept on this machine") }
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
    guard let token = try await terminal.readSecret("  Paste it here; it is not shown") else {
      throw ProviderError(
        .credentials, "There is no token for \(platform.title): set \(platform.token.variables[0]) to \(what).")
    }
    if try await terminal.confirm("  Keep it on this machine for the next time?", default: false) == true {
      try home.prepare()
      try home.write(Data("\(token)\n".utf8), to: file(platform))
    }
    return Credential(token, source: "what you pasted")
  }

  private func file(_ platform: Platform) -> String { "\(platform.name).token" }
}
