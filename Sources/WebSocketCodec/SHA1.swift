/// SHA-1 (RFC 3174), for Sec-WebSocket-Accept alone, where it proves nothing but that the server speaks WebSocket.
func sha1(_ message: [UInt8]) -> [UInt8] {
  var hash: (UInt32, UInt32, UInt32, UInt32, UInt32) = (
    0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0
  )
  var data = message
  data.append(0x80)
  while data.count % 64 != 56 { data.append(0) }
  let bits = UInt64(message.count) &* 8
  for shift: UInt64 in stride(from: 56, through: 0, by: -8) { data.append(UInt8(truncatingIfNeeded: bits >> shift)) }
  func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x << n | x >> (32 - n) }

  var w = [UInt32](repeating: 0, count: 80)
  for block in stride(from: 0, to: data.count, by: 64) {
    for i in 0..<16 {
      w[i] = (0..<4).reduce(0) { $0 << 8 | UInt32(data[block + i * 4 + $1]) }
    }
    for i in 16..<80 { w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1) }
    var (a, b, c, d, e) = hash
    for i in 0..<80 {
      let f: UInt32
      let k: UInt32
      switch i {
      case 0..<20: (f, k) = (b & c | ~b & d, 0x5A82_7999)
      case 20..<40: (f, k) = (b ^ c ^ d, 0x6ED9_EBA1)
      case 40..<60: (f, k) = (b & c | b & d | c & d, 0x8F1B_BCDC)
      default: (f, k) = (b ^ c ^ d, 0xCA62_C1D6)
      }
      let next = rotated(a, 5) &+ f &+ e &+ k &+ w[i]
      (e, d, c, b, a) = (d, c, rotated(b, 30), a, next)
    }
    hash = (hash.0 &+ a, hash.1 &+ b, hash.2 &+ c, hash.3 &+ d, hash.4 &+ e)
  }
  return [hash.0, hash.1, hash.2, hash.3, hash.4].flatMap { word in
    ([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: word >> $0) }
  }
}

/// Base64 with padding (RFC 4648, 4).
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var out: [UInt8] = []
  for i in stride(from: 0, to: bytes.count, by: 3) {
    let count = min(3, bytes.count - i)
    var group = UInt32(bytes[i]) << 16
    if count > 1 { group |= UInt32(bytes[i + 1]) << 8 }
    if count > 2 { group |= UInt32(bytes[i + 2]) }
    for k in 0..<4 {
      out.append(k <= count ? alphabet[Int(group >> UInt32(18 - 6 * k)) & 63] : UInt8(ascii: "="))
    }
  }
  return String(decoding: out, as: UTF8.self)
}
