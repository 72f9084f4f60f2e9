import FoundationEssentials
import Processes
import Transport

extension Cloudflare {
  /// Cloudflare as `self-host` offers it.
  public static let platform = Platform(
    name: "cloudflare", title: "Cloudflare", adapter: adapter,
    token: TokenSource(
      variables: ["CLOUDFLARE_API_TOKEN", "CF_API_TOKEN"], borrowed: wranglerLogin,
      page: "https://dash.cloudflare.com/profile/api-tokens?permissionGroupKeys=%5B%7B%22key%22%3A%22workers_scripts"
        + "%22%2C%22type%22%3A%22edit%22%7D%2C%7B%22key%22%3A%22account_settings%22%2C%22type%22%3A%22read%22%7D%5D"
        + "&accountId=%2A&zoneId=all&name=codex-remote",
      what: "an API token with Workers Scripts: Edit and Account Settings: Read"),
    usagePage: "dash.cloudflare.com, under Workers & Pages", rehearsal: rehearsal,
    make: { Cloudflare(Configuration($0), client: $0.client) })

  /// Wrangler's own login, by asking wrangler: its refresh token works once and is not ours to use.
  private static func wranglerLogin(_ environment: [String: String]) async -> Credential? {
    struct Answer: Decodable { let token: String? }
    guard let path = findExecutable("wrangler", searchPath: environment["PATH"]) else { return nil }
    let launch = Launch(path, ["auth", "token", "--json"], environment: environment)
    guard let answer = try? await capture(launch, timeLimit: .seconds(20)), answer.succeeded,
      let token = try? JSONDecoder().decode(Answer.self, from: answer.output).token, !token.isEmpty
    else { return nil }
    return Credential(token, source: "wrangler's login")
  }

  /// Cloudflare's envelope around whatever the calls of a deploy look at.
  private static func rehearsal(
    _ client: @escaping HTTPClient, show: @escaping @Sendable (HTTPRequest) -> Void
  ) -> HTTPClient {
    { request in
      if request.method == "GET" { return try await client(request) }
      show(request)
      let id = String(repeating: "0", count: 32)
      return .json(
        #"{"success":true,"errors":[],"messages":[],"result":{"deployment_id":"\#(id)","subdomain":"relay-new"}}"#)
    }
  }
}

extension Cloudflare.Configuration {
  init(_ place: RelayPlace) {
    let named = ["CLOUDFLARE_ACCOUNT_ID", "CF_ACCOUNT_ID"].compactMap { place.environment[$0] }.first { !$0.isEmpty }
    self.init(relay: place.relay, credential: place.credential, account: named ?? place.account)
    if account == place.account { address = place.address }
    choose = place.choose
    timeFactor = place.timeFactor
    if let base = place.environment["CLOUDFLARE_API_BASE_URL"], !base.isEmpty { api = base }
    (domain, adopts) = (place.domain, place.adopts)
    // One that is not of workers.dev is the domain that an earlier deploy was given.
    if domain == nil, let host = address?.host, !host.hasSuffix(".workers.dev") { domain = host }
  }
}
