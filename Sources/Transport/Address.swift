/// The parts of a URL that a connection needs.
struct Address: Sendable, Equatable {
  let isSecure: Bool
  /// Without port and brackets, in lower case.
  let host: String
  /// Host and port as the URL has them.
  let authority: String
  /// Path and query.
  let target: String

  /// - Parameter schemes: the plain scheme and the secure one.
  /// - Throws: `.invalidRequest`.
  init(_ url: String, schemes: (plain: String, secure: String)) throws(TransportError) {
    func invalid(_ why: String) -> TransportError { TransportError(.invalidRequest, detail: "\(why) in \"\(url)\"") }
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
      throw invalid("a character that a URL cannot hold")
    }
    guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else { throw invalid("no scheme") }
    switch url[..<colon].lowercased() {
    case schemes.plain: isSecure = false
    case schemes.secure: isSecure = true
    default: throw invalid("a scheme other than \(schemes.plain) and \(schemes.secure)")
    }
    var rest = url[colon...].dropFirst(3)
    if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    authority = String(rest[..<end])
    guard !authority.contains("@") else { throw invalid("a user name") }
    host = try Address.host(authority).lowercased()
    guard !host.isEmpty else { throw invalid("no host") }
    let path = rest[end...]
    target = path.hasPrefix("/") ? String(path) : "/" + path
  }

  private static func host(_ authority: String) throws(TransportError) -> Substring {
    var name = authority[...]
    if name.hasPrefix("[") {
      guard let close = name.firstIndex(of: "]") else {
        throw TransportError(.invalidRequest, detail: "\"[\" without \"]\" in \"\(authority)\"")
      }
      let port = name[name.index(after: close)...]
      name = name[name.index(after: name.startIndex)..<close]
      try check(port: port, authority)
    } else if let colon = name.firstIndex(of: ":") {
      try check(port: name[colon...], authority)
      name = name[..<colon]
    }
    return name
  }

  private static func check(port: Substring, _ authority: String) throws(TransportError) {
    if port.isEmpty { return }
    let digits = port.dropFirst()
    guard port.first == ":", digits.utf8.allSatisfy(isDigit), let number = UInt16(digits), number > 0 else {
      throw TransportError(.invalidRequest, detail: "the port in \"\(authority)\"")
    }
  }

  /// Whether the host is this machine, whatever DNS says: such connections never go through a proxy, and a browser
  /// takes the same names for this machine.
  var isLoopback: Bool {
    host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
      || (host.hasPrefix("127.") && host.split(separator: ".").count == 4
        && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || isDigit($0) })
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
