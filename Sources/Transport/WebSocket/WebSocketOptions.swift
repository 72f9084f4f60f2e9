/// What to connect to, and within which bounds.
public struct WebSocketOptions: Sendable, Equatable {
  /// `ws` or `wss`. With a unix socket it names host and path of the request only.
  public var url: String
  public var headers: HTTPHeaders
  public var route: Route
  /// From the start to the server's answer to the upgrade.
  public var connectTimeout: Duration
  /// From our close frame to the server's.
  public var closeTimeout: Duration
  /// The longest message taken, in bytes. A longer one ends the connection (1009).
  public var maxMessage: Int
  /// How many bytes may wait to be sent. One message may pass the bound; a further one ends the connection
  /// (`.overflowed`), as the server does not keep up.
  public var maxUnsent: Int

  public init(
    _ url: String, headers: HTTPHeaders = [:], route: Route = Route(), connectTimeout: Duration = .seconds(10),
    closeTimeout: Duration = .seconds(3), maxMessage: Int = 64 << 20, maxUnsent: Int = 64 << 20
  ) {
    self.url = url
    self.headers = headers
    self.route = route
    self.connectTimeout = connectTimeout
    self.closeTimeout = closeTimeout
    self.maxMessage = maxMessage
    self.maxUnsent = maxUnsent
  }

  /// The URL of a WebSocket on an HTTP server: `http` becomes `ws`, `https` becomes `wss`.
  /// - Parameter url: an `http` or `https` one.
  public static func url(on url: String) -> String { "ws" + url.dropFirst("http".count) }

  /// A WebSocket server on a unix socket.
  public init(unixPath: String, maxMessage: Int = 64 << 20, maxUnsent: Int = 64 << 20) {
    self.init("ws://localhost/", route: Route(unixPath: unixPath), maxMessage: maxMessage, maxUnsent: maxUnsent)
  }
}

/// How an open connection ended.
public enum WebSocketEnd: Sendable, Equatable, CustomStringConvertible {
  /// The server's close frame, or its answer to ours. 1005 when it had no code.
  case closed(code: UInt16, reason: String)
  /// The connection broke or was closed without a close frame; what was sent last may not have arrived.
  case lost(String)
  /// The server broke the WebSocket protocol or `maxMessage`; it was told this code.
  case violated(code: UInt16, reason: String)
  /// More than `maxUnsent` bytes waited.
  case overflowed(unsent: Int)
  /// `abort` was called.
  case aborted(String)
  /// The I/O loop was stopped.
  case stopped

  public var description: String {
    switch self {
    case .closed(let code, let reason):
      "the server closed the connection (\(code)\(reason.isEmpty ? "" : ", \(reason)"))"
    case .lost(let why): "the connection was lost (\(why))"
    case .violated(_, let reason): "the server broke the WebSocket protocol (\(reason))"
    case .overflowed(let unsent): "the server did not keep up (\(unsent) bytes waited)"
    case .aborted(let why): "the connection was dropped (\(why))"
    case .stopped: "the program is stopping"
    }
  }
}
