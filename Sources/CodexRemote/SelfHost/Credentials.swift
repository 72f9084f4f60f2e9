import Arguments
import FoundationEssentials
import Home
import Processes
import Providers
import Terminal

/// Finds the token that lets this program act for its user at a provider: the environment, what was kept, a login of
/// wrangler's, and a person who pastes one.
struct Credentials {
  let home: Home
  let environment: [String: String]
  let terminal: Terminal

  private static let cloudflarePage =
    "https://dash.cloudflare.com/profile/api-tokens?permissionGroupKeys=%5B%7B%22key%22%3A%22workers_scripts%22%2C"
    + "%22type%22%3A%22edit%22%7D%2C%7B%22key%22%3A%22account_settings%22%2C%22type%22%3A%22read%22%7D%5D"
    + "&accountId=%2A&zoneId=all&name=codex-remote"
  private static let denoPage = "https://console.deno.com"

  /// Throws `ProviderError` with `credentials` where there is none and nobody to ask.
  func find(_ provider: ProviderName) async throws -> Credential {
    let variables = provider == .cloudflare ? ["CLOUDFLARE_API_TOKEN", "CF_API_TOKEN"] : ["DENO_DEPLOY_TOKEN"]
    for name in variables {
      if let token = environment[name], !token.isEmpty { return Credential(token, source: name) }
    }
    if let kept = try home.read(file(provider)) {
      let token = String(decoding: kept, as: UTF8.self).prefix { !$0.isWhitespace }
      if !token.isEmpty { return Credential(String(token), source: "the token kept on this machine") }
    }
    if provider == .cloudflare, let token = await wrangler() { return token }
    return try await pasted(provider, variable: variables[0])
  }

  /// Wrangler's own login, by asking wrangler: its refresh token works once and is not ours to use.
  private func wrangler() async -> Credential? {
    struct Answer: Decodable { let token: String? }
    guard let path = findExecutable("wrangler", searchPath: environment["PATH"]) else { return nil }
    let launch = Launch(path, ["auth", "token", "--json"], environment: environment)
    guard let answer = try? await capture(launch, timeLimit: .seconds(20)), answer.succeeded,
      let token = try? JSONDecoder().decode(Answer.self, from: answer.output).token, !token.isEmpty
    else { return nil }
    return Credential(token, source: "wrangler's login")
  }

  private func pasted(_ provider: ProviderName, variable: String) async throws -> Credential {
    let page = provider == .cloudflare ? Self.cloudflarePage : Self.denoPage
    let what =
      provider == .cloudflare
      ? "an API token with Workers Scripts: Edit and Account Settings: Read"
      : "an organisation token (ddo_…), from the organisation's settings"
    terminal.line("  Make \(what), at:")
    terminal.line()
    terminal.line("    \(page)")
    terminal.line()
    await openInBrowser(page, environment: environment)
    guard let token = try await terminal.readSecret("  Paste it here; it is not shown") else {
      throw ProviderError(.credentials, "There is no token for \(provider.rawValue): set \(variable) to \(what).")
    }
    if try await terminal.confirm("  Keep it on this machine for the next time?", default: false) == true {
      try home.prepare()
      try home.write(Data("\(token)\n".utf8), to: file(provider))
    }
    return Credential(token, source: "what you pasted")
  }

  private func file(_ provider: ProviderName) -> String { "\(provider.rawValue).token" }
}
