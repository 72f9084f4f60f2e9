/// Status line and headers of an HTTP/1 response.
public struct ResponseHead: Sendable, Equatable {
  public let status: Int
  /// In the order they came; names in lower case.
  public let headers: [(name: String, value: String)]

  public static func == (a: Self, b: Self) -> Bool {
    a.status == b.status && a.headers.elementsEqual(b.headers, by: ==)
  }

  /// The first header of this name, given in lower case.
  public subscript(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// All tokens of a comma-separated header, in lower case.
  func tokens(_ name: String) -> [String] {
    headers.filter { $0.name == name }.flatMap { $0.value.lowercased().split(separator: ",") }
      .map { String(trimmed($0[...])) }
  }

  /// Parses what stands before the empty line; nil when it is not HTTP/1.
  init?(_ bytes: ArraySlice<UInt8>) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
    for i in lines.indices where lines[i].last == UInt8(ascii: "\r") { lines[i].removeLast() }
    guard let first = lines.popFirst().map({ String(decoding: $0, as: UTF8.self) }), first.hasPrefix("HTTP/1.") else {
      return nil
    }
    let parts = first.split(separator: " ", maxSplits: 2)
    guard parts.count >= 2, parts[1].utf8.count == 3, let code = Int(parts[1]), (100...599).contains(code) else {
      return nil
    }
    var fields: [(name: String, value: String)] = []
    for line in lines {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return nil }
      let name = String(decoding: line[..<colon], as: UTF8.self)
      guard !name.contains(where: \.isWhitespace) else { return nil }
      let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
      fields.append((name: name.lowercased(), value: String(trimmed(value[...]))))
    }
    status = code
    headers = fields
  }
}

private func trimmed(_ text: Substring) -> Substring {
  var text = text
  while let c = text.first, c == " " || c == "\t" { text.removeFirst() }
  while let c = text.last, c == " " || c == "\t" { text.removeLast() }
  return text
}
