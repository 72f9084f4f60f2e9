import Transport

extension DenoDeploy {
  /// Deno Deploy as `self-host` offers it.
  public static let platform = Platform(
    name: "deno", title: "Deno Deploy", adapter: adapter,
    token: TokenSource(
      variables: ["DENO_DEPLOY_TOKEN"], page: "https://console.deno.com",
      what: "an organisation token (ddo_…), from the organisation's settings"),
    domainRefusal: "--domain is for Cloudflare; for Deno Deploy add it in the console, see docs/self-hosting.md",
    usagePage: "console.deno.com, on the app's page",
    remains: { "Its database \(databaseSlug($0)) stays: only console.deno.com can delete it." },
    rehearsal: rehearsal,
    make: { place in
      var configuration = Configuration(relay: place.relay, credential: place.credential, address: place.address)
      if let base = place.environment["DENO_DEPLOY_API_BASE_URL"], !base.isEmpty { configuration.api = base }
      configuration.timeFactor = place.timeFactor
      return DenoDeploy(configuration, client: place.client)
    })

  /// The platform's answers; the revision that is not made succeeds at once, at an address that only it would tell.
  private static func rehearsal(
    _ client: @escaping HTTPClient, show: @escaping @Sendable (HTTPRequest) -> Void
  ) -> HTTPClient {
    { request in
      if request.method == "GET" {
        guard request.url.hasSuffix("/revisions/rehearsal") else { return try await client(request) }
        return .json(
          #"{"id":"rehearsal","status":"succeeded","timelines":[{"name":"Production","#
            + #""hostnames":["APP.ORGANISATION.deno.net"]}]}"#)
      }
      show(request)
      return .json(#"{"id":"rehearsal","slug":"rehearsal","status":"queued"}"#)
    }
  }
}
