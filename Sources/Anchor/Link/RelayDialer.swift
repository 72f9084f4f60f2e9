import Transport

/// Makes the requests and sockets to a relay: where it is dialled, and under which name.
struct RelayDialer: Sendable, Equatable {
  let origin: String
  /// `http` or `https`, host and port to dial; no slash at the end.
  private let dialled: String
  /// The origin's host and port where another address is dialled.
  private let host: String?
  private let route: Route

  /// - Parameter loopbackPort: where the relay listens on this machine without TLS, behind its origin.
  init(origin: String, loopbackPort: Int? = nil, certificates: String? = nil) {
    self.origin = origin
    let authority = origin.split(separator: "/").last.map(String.init) ?? ""
    route = Route(caFile: certificates)
    let name = authority.split(separator: ":").first.map(String.init) ?? ""
    if let loopbackPort {
      dialled = "http://127.0.0.1:\(loopbackPort)"
      host = authority
    } else if origin.hasPrefix("http://"), name.hasSuffix(".localhost") {
      // Not every resolver knows these names, and no other machine has them (RFC 6761, 6.3).
      let port = authority.split(separator: ":").dropFirst().last ?? "80"
      dialled = "http://127.0.0.1:\(port)"
      host = authority
    } else {
      dialled = origin
      host = nil
    }
  }

  private func headers(_ more: HTTPHeaders) -> HTTPHeaders {
    var headers = more
    if let host { headers["Host"] = host }
    return headers
  }

  func request(_ method: String, _ path: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil) -> HTTPRequest {
    HTTPRequest(
      method, dialled + path, headers: self.headers(headers), body: body, route: route, maxBody: 1 << 20)
  }

  /// The socket of an anchor. Frames are at most 60 KiB; what waits to be sent is bounded by the sessions' windows.
  func socket(token: String) -> WebSocketOptions {
    WebSocketOptions(
      WebSocketOptions.url(on: dialled) + "/anchor?protocol=\(RelayProtocol.versions.upperBound)",
      headers: headers(["Authorization": "Bearer \(token)"]), route: route, maxMessage: 1 << 20, maxUnsent: 32 << 20)
  }
}
