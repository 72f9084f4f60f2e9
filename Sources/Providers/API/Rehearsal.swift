import FoundationEssentials
public import Transport

/// Clients for showing a plan without carrying it out: what only reads is sent, what would change something is shown and
/// answered as the platform would answer it.
public enum Rehearsal {
  /// Cloudflare's envelope around whatever the calls of a deploy look at.
  public static func cloudflare(
    _ client: @escaping HTTPClient, show: @escaping @Sendable (HTTPRequest) -> Void
  ) -> HTTPClient {
    { request in
      if request.method == "GET" { return try await client(request) }
      show(request)
      let id = String(repeating: "0", count: 32)
      return json(
        #"{"success":true,"errors":[],"messages":[],"result":{"deployment_id":"\#(id)","subdomain":"relay-new"}}"#)
    }
  }

  /// Deno Deploy's answers; the revision that is not made succeeds at once, at an address that only it would tell.
  public static func denoDeploy(
    _ client: @escaping HTTPClient, show: @escaping @Sendable (HTTPRequest) -> Void
  ) -> HTTPClient {
    { request in
      if request.method == "GET" {
        guard request.url.hasSuffix("/revisions/rehearsal") else { return try await client(request) }
        return json(
          #"{"id":"rehearsal","status":"succeeded","timelines":[{"name":"Production","#
            + #""hostnames":["APP.ORGANISATION.deno.net"]}]}"#)
      }
      show(request)
      return json(#"{"id":"rehearsal","slug":"rehearsal","status":"queued"}"#)
    }
  }

  private static func json(_ text: String) -> HTTPResponse {
    HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: Array(text.utf8))
  }
}
