import FoundationEssentials

/// The web client as the relay serves it: each file's path, type and compressed body, in one module.
struct WebAssets {
  /// 16 hex digits of a SHA-256 over all files of the client: it changes when any of them does.
  let build: String
  /// The source of `assets.js`.
  let module: [UInt8]
  /// How many files the relay will serve.
  let count: Int

  private static let page = "index.html"
  /// Files whose address never changes, so they are asked for again each time and carry the build in `{{base}}`.
  private static let fixed = [page: "/", "sw.js": "/sw.js", "manifest.webmanifest": "/manifest.webmanifest"]

  init(_ files: [String: [UInt8]]) throws(BundleError) {
    guard files[Self.page] != nil else { throw BundleError("The web client is missing: there is no web/index.html.") }
    let build = digest(of: files)
    var served: [(path: String, type: String, body: [UInt8], immutable: Bool)] = []
    for (path, bytes) in files {
      // These characters need no escape in a URL nor in a JavaScript string.
      guard path.utf8.allSatisfy({ Self.isPlain($0) }) else {
        throw BundleError("web/\(path) has a character that an address would have to escape: rename it.")
      }
      guard let type = contentType(of: path) else {
        throw BundleError("web/\(path) has an ending whose content type is not known: rename it.")
      }
      if let address = Self.fixed[path] {
        let text = String(decoding: bytes, as: UTF8.self).replacing("{{base}}", with: "/\(build)")
        served.append((address, type, Array(text.utf8), false))
      } else {
        served.append(("/\(build)/\(path)", type, bytes, true))
      }
    }
    served.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    let list = served.map { "\"\($0.path)\"" }.joined(separator: ",")
    served.append(("/\(build)/files.json", "application/json", Array("[\(list)]".utf8), true))

    var source = "export const build = \"\(build)\";\nexport const files = {\n"
    for file in served {
      let body = Data(try gzip(file.body)).base64EncodedString()
      source += "  \"\(file.path)\": { type: \"\(file.type)\", immutable: \(file.immutable), body: \"\(body)\" },\n"
    }
    source += "};\n"
    (self.build, module, count) = (build, Array(source.utf8), served.count)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
