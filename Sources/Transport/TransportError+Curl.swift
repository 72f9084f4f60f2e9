import CCurl

extension TransportError {
  /// What libcurl's code means for the user.
  init(_ code: CURLcode, _ easy: CurlEasy, peer: String) {
    let words = easy.words(for: code)
    let connectStatus = easy.connectStatus
    if connectStatus != 0, !(200...299).contains(connectStatus) {
      let why = connectStatus == 407 ? "it asks for a name and password" : "it answered \(connectStatus)"
      self.init(.proxy, peer: peer, detail: why)
      return
    }
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED:
      self.init(.invalidRequest, peer: peer, detail: words)
    case CURLE_COULDNT_RESOLVE_HOST:
      self.init(.unresolved, peer: peer, detail: words)
    case CURLE_COULDNT_RESOLVE_PROXY:
      self.init(.unresolvedProxy, peer: peer, detail: words)
    case CURLE_COULDNT_CONNECT:
      self.init(.unreachable, peer: peer, detail: words)
    case CURLE_PROXY:
      self.init(.proxy, peer: peer, detail: words)
    case CURLE_OPERATION_TIMEDOUT:
      self.init(.timedOut, peer: peer, detail: words)
    case CURLE_PEER_FAILED_VERIFICATION where words.contains("expired") || words.contains("not yet valid"):
      self.init(.clock, peer: peer, detail: words)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_ISSUER_ERROR:
      self.init(.untrusted, peer: peer, detail: words)
    default:
      self.init(.broken, peer: peer, detail: words)
    }
  }
}
