import FoundationEssentials

extension Home {
  /// The value that a JSON file holds, or nil where there is no such file. Dates are ISO 8601.
  /// Throws `damaged` when the file holds something else; it is left as it is.
  public func readJSON<Value: Decodable>(_ type: Value.Type = Value.self, from name: String) throws(HomeError) -> Value?
  {
    guard let data = try read(name) else { return nil }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do { return try decoder.decode(type, from: data) } catch {
      let path = try path(of: name)
      throw HomeError(.damaged, "\(path) is damaged. Move it away, and what it held is set up anew.")
    }
  }

  /// Replaces a JSON file in one step, as `write` does. Names are sorted and lines indented, for people who look.
  public func writeJSON(_ value: some Encodable, to name: String) throws(HomeError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    let data: Data
    do { data = try encoder.encode(value) } catch {
      throw HomeError(.damaged, "\(name) cannot be written as JSON: \(error).")
    }
    try write(data + Data("\n".utf8), to: name)
  }
}
