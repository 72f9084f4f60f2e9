/// The client's half of the opening handshake (RFC 6455, 4.1).
public struct UpgradeRequest: Sendable {
  /// Host and, unless it is the scheme's own, port.
  public let host: String
  /// Path and query, beginning with "/".
  public let target: String
  public let headers: [(name: String, value: String)]
  /// Sec-WebSocket-Key.
  public let key: String

  /// - Parameters:
  ///   - nonce: 16 fresh random bytes.
  ///   - headers: none of the handshake's own. The caller has checked that nothing here holds a line break.
  public init(host: String, target: String, headers: [(name: String, value: String)] = [], nonce: [UInt8]) {
    precondition(nonce.count == 16, "the nonce has 16 bytes")
    self.host = host
    self.target = target
    self.headers = headers
    key = base64(nonce)
  }

  /// The request as it goes over the wire.
  public var bytes: [UInt8] {
    var text = "GET \(target) HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    text += "Sec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    return Array((text + "\r\n").utf8)
  }

  /// The Sec-WebSocket-Accept that answers a key.
  static func accept(forKey key: String) -> String {
    base64(sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
  }
}
