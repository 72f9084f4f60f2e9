public import FoundationEssentials

/// Base64 for URLs without padding (RFC 4648, section 5; the form of RFC 7515).
public func base64URL(_ bytes: some ContiguousBytes) -> String {
  bytes.withUnsafeBytes { encode($0, alphabet: base64Alphabet, bits: 6) }
}

/// The bytes of base64url text, or nil for anything but the one spelling of some bytes: padding, whitespace, foreign
/// characters and stray bits at the end are refused, so that two texts never mean the same bytes.
public func base64URLDecode(_ text: some StringProtocol) -> Data? {
  var bytes = Data(capacity: text.utf8.count * 3 / 4)
  var (buffer, count) = (UInt32(0), 0)
  for character in text.utf8 {
    let value: UInt8
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "-"): value = 62
    case UInt8(ascii: "_"): value = 63
    default: return nil
    }
    buffer = (buffer << 6 | UInt32(value)) & 0xffff
    count += 6
    if count >= 8 {
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(count)))
    }
  }
  // Six bits left are a character too many; two or four are the rest of the last one and must be zero.
  return count < 6 && buffer & (1 << UInt32(count) - 1) == 0 ? bytes : nil
}

/// Base32 in capital letters without padding (RFC 4648, section 6): no two characters that are read as one another.
public func base32(_ bytes: some ContiguousBytes) -> String {
  bytes.withUnsafeBytes { encode($0, alphabet: base32Alphabet, bits: 5) }
}

private let base64Alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
private let base32Alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

private func encode(_ bytes: UnsafeRawBufferPointer, alphabet: [UInt8], bits: Int) -> String {
  String(unsafeUninitializedCapacity: (bytes.count * 8 + bits - 1) / bits) { text in
    var (buffer, count, end) = (UInt32(0), 0, 0)
    func put(_ shift: Int) {
      text[end] = alphabet[Int(buffer >> UInt32(shift)) & (alphabet.count - 1)]
      end += 1
    }
    for byte in bytes {
      buffer = (buffer << 8 | UInt32(byte)) & 0xffff
      count += 8
      while count >= bits {
        count -= bits
        put(count)
      }
    }
    if count > 0 {
      buffer <<= UInt32(bits - count)
      put(0)
    }
    return end
  }
}
