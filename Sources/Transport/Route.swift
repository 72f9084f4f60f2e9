import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#elseif os(Windows)
  import ucrt
#endif

/// How to reach a server; the same for WebSockets and requests.
public struct Route: Sendable, Equatable {
  public enum Proxy: Sendable, Equatable {
    /// What https_proxy, http_proxy, all_proxy and no_proxy say, in small letters or (but for http_proxy) capitals;
    /// never for this machine's own names and addresses.
    case environment
    case none
    /// `http://`, `https://` or `socks5h://`, whatever the host is.
    case url(String)
  }

  /// A unix socket to connect to instead of the URL's host, at most 107 bytes (macOS: 103).
  public var unixPath: String?
  /// A PEM file of the authorities to trust instead of the system's; SSL_CERT_FILE when nil.
  public var caFile: String?
  public var proxy: Proxy

  public init(unixPath: String? = nil, caFile: String? = nil, proxy: Proxy = .environment) {
    self.unixPath = unixPath
    self.caFile = caFile
    self.proxy = proxy
  }

  /// - Throws: `.invalidRequest` for a unix path that no socket can have.
  func check() throws(TransportError) {
    guard let unixPath else { return }
    #if canImport(Darwin)
      let longest = 103
    #else
      let longest = 107
    #endif
    guard (1...longest).contains(unixPath.utf8.count), !unixPath.utf8.contains(0) else {
      throw TransportError(.invalidRequest, detail: "a unix socket's path has 1 to \(longest) bytes: \(unixPath)")
    }
  }

  func apply(to easy: CurlEasy, for address: Address) {
    if let unixPath { easy.set(CURLOPT_UNIX_SOCKET_PATH, unixPath) }
    switch proxy {
    case .environment: if unixPath != nil || address.isLoopback { easy.set(CURLOPT_PROXY, "") }
    case .none: easy.set(CURLOPT_PROXY, "")
    case .url(let url):
      easy.set(CURLOPT_PROXY, url)
      // An empty list: NO_PROXY is the environment's.
      easy.set(CURLOPT_NOPROXY, "")
    }
    if let caFile = caFile ?? environment("SSL_CERT_FILE") { easy.trustOnly(caFile) }
  }

  /// Whom an error names.
  func peer(_ address: Address) -> String { unixPath ?? address.authority }
}

private func environment(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  let text = unsafe String(cString: value)
  return text.isEmpty ? nil : text
}
