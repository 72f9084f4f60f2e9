/// Why a connection or a request failed, as a sentence that says what to do next.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: Sendable, CaseIterable {
    /// The URL or a header is not valid.
    case invalidRequest
    /// The host's name cannot be resolved.
    case unresolved
    case unresolvedProxy
    /// No connection: refused, unreachable, no such unix socket.
    case unreachable
    case timedOut
    /// The certificate is not trusted, or TLS failed otherwise.
    case untrusted
    /// The certificate is not valid at this machine's time.
    case clock
    /// The proxy did not let the connection through.
    case proxy
    /// The server answered the upgrade with something else; see `response`.
    case refused
    /// The server does not speak WebSocket.
    case notWebSocket
    /// The answer is longer than the request allows.
    case tooLarge
    /// The I/O loop was stopped.
    case stopped
    /// The connection broke.
    case broken
  }

  public let code: Code
  /// Host and port, or the path of a unix socket; empty where there is none.
  public let peer: String
  /// The lower layer's own words.
  public let detail: String
  /// The server's answer to an upgrade that it refused.
  public let response: HTTPResponse?

  public init(_ code: Code, peer: String = "", detail: String = "", response: HTTPResponse? = nil) {
    self.code = code
    self.peer = peer
    self.detail = detail
    self.response = response
  }

  public var description: String {
    let why = detail.isEmpty ? "" : " (\(detail))"
    switch code {
    case .invalidRequest:
      return "The address or a header is not valid\(why): correct it and try again."
    case .unresolved:
      return "The name \(peer) cannot be resolved: check its spelling and this machine's network and DNS."
    case .unresolvedProxy:
      return "The proxy's name cannot be resolved\(why): check HTTPS_PROXY and its relatives in the environment."
    case .unreachable:
      return "No connection to \(peer)\(why): check that it is running and that the network lets you reach it."
    case .timedOut:
      return "\(peer) did not answer in time\(why): check the network and try again."
    case .untrusted:
      return "The TLS certificate of \(peer) is not trusted\(why): check the address, or name the authority's"
        + " certificate in SSL_CERT_FILE."
    case .clock:
      return "The TLS certificate of \(peer) is not valid at this machine's time\(why): set the clock and try again."
    case .proxy:
      return "The proxy did not connect to \(peer)\(why): check HTTPS_PROXY, or list the host in NO_PROXY."
    case .refused:
      return "\(peer) refused the connection with status \(response?.status ?? 0)\(why): check the address and that"
        + " you are signed in."
    case .notWebSocket:
      return "\(peer) does not answer as a WebSocket server\(why): check the address."
    case .tooLarge:
      return "The answer of \(peer) is too large\(why): check the address."
    case .stopped:
      return "The program is stopping: start it again to go on."
    case .broken:
      return "The connection to \(peer) broke\(why): check the network and try again."
    }
  }
}
