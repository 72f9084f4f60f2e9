/// Whether the bytes are well-formed UTF-8 (RFC 3629).
func isValidUTF8(_ bytes: [UInt8]) -> Bool {
  (try? UTF8Span(validating: bytes.span)) != nil
}
