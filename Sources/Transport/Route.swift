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
    /// What HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say; never for this machine's own names and addresses.
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
