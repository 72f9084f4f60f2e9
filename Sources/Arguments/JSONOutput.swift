import FoundationEssentials

/// A value as one line of JSON, names sorted and dates in ISO 8601: what `--json` writes.
public func json(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.dateEncodingStrategy = .iso8601
  // Values for scripts hold text, numbers and dates; a number that JSON has no spelling for is a mistake of ours.
  guard let data = try? encoder.encode(value) else { return #"{"error":"The result cannot be written as JSON."}"# }
  return String(decoding: data, as: UTF8.self)
}
