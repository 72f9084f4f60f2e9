/// A multipart/form-data body (RFC 7578), its parts in order.
struct Multipart {
  private let boundary: String
  private(set) var body: [UInt8] = []

  /// The boundary must stand in no part; 128 random bits see to that.
  init(boundary: String) { self.boundary = boundary }

  var contentType: String { "multipart/form-data; boundary=\(boundary)" }

  /// - Parameter name: printable ASCII without a double quote, as paths of modules are.
  mutating func append(_ name: String, filename: String? = nil, type: String, _ content: [UInt8]) {
    var head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\""
    if let filename { head += "; filename=\"\(filename)\"" }
    head += "\r\nContent-Type: \(type)\r\n\r\n"
    body += head.utf8
    body += content
    body += "\r\n".utf8
  }

  mutating func finish() { body += "--\(boundary)--\r\n".utf8 }
}
