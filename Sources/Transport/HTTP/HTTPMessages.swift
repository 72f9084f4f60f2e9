/// A request, complete before it is sent.
public struct HTTPRequest: Sendable, Equatable {
  public var method: String
  /// `http` or `https`.
  public var url: String
  public var headers: HTTPHeaders
  public var body: [UInt8]?
  public var route: Route
  /// Name resolution, connection and TLS together.
  public var connectTimeout: Duration
  /// The whole exchange.
  public var timeout: Duration
  /// The longest body taken, in bytes after decompression.
  public var maxBody: Int
  /// Over a new connection: on a kept one that turns out to be dead, libcurl sends a request once more by itself, even
  /// one that was carried out.
  public var opensConnection = false

  public init(
    _ method: String, _ url: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil, route: Route = Route(),
    connectTimeout: Duration = .seconds(10), timeout: Duration = .seconds(30), maxBody: Int = 16 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.route = route
    self.connectTimeout = connectTimeout
    self.timeout = timeout
    self.maxBody = maxBody
  }
}

/// A response, whatever its status.
public struct HTTPResponse: Sendable, Equatable {
  public var status: Int
  public var headers: HTTPHeaders
  public var body: [UInt8]

  public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The body as text; what is not UTF-8 is replaced.
  public var text: String { String(decoding: body, as: UTF8.self) }
}

/// Header fields in order; names are compared without regard to case.
public struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public struct Field: Sendable, Equatable {
    public let name: String
    public let value: String
  }

  public private(set) var fields: [Field] = []

  public init() {}

  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { append(name, value) }
  }

  public mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// The first field of this name. Setting replaces all of them.
  public subscript(_ name: String) -> String? {
    get {
      let name = name.lowercased()
      return fields.first { $0.name.lowercased() == name }?.value
    }
    set {
      let lower = name.lowercased()
      fields.removeAll { $0.name.lowercased() == lower }
      if let newValue { append(name, newValue) }
    }
  }

  /// - Throws: `.invalidRequest` for a name that is no token, or a value with a line break or another control
  ///   character (RFC 9110, 5): they could add headers of their own.
  func check() throws(TransportError) {
    for field in fields {
      guard isToken(field.name) else {
        throw TransportError(.invalidRequest, detail: "the header name \"\(field.name)\"")
      }
      guard field.value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
        throw TransportError(.invalidRequest, detail: "a control character in the header \(field.name)")
      }
    }
  }
}

/// RFC 9110, 5.6.2.
func isToken(_ text: String) -> Bool {
  !text.isEmpty
    && text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
    }
}

/// Sends a request; `IO.request` is the real one, a test gives its own.
///
/// - Throws: `TransportError`, `CancellationError`.
public typealias HTTPClient = @Sendable (HTTPRequest) async throws -> HTTPResponse
