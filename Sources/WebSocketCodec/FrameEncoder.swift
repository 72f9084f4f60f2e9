/// Appends one whole, masked client frame to `out`.
///
/// - Parameters:
///   - payload: at most 125 bytes for a control frame.
///   - key: a fresh unpredictable number for every frame (RFC 6455, 5.3).
public func appendFrame(_ opcode: Opcode, _ payload: borrowing Span<UInt8>, key: UInt32, to out: inout [UInt8]) {
  let count = payload.count
  precondition(!opcode.isControl || count <= 125, "a control frame holds at most 125 bytes")
  out.reserveCapacity(grown(out.capacity, to: out.count &+ count &+ maxFrameOverhead))
  out.append(0x80 | opcode.rawValue)
  if count < 126 {
    out.append(0x80 | UInt8(truncatingIfNeeded: count))
  } else if count < 65536 {
    out.append(0x80 | 126)
    out.append(UInt8(truncatingIfNeeded: count >> 8))
    out.append(UInt8(truncatingIfNeeded: count))
  } else {
    out.append(0x80 | 127)
    for shift in stride(from: 56, through: 0, by: -8) { out.append(UInt8(truncatingIfNeeded: count >> shift)) }
  }
  for shift: UInt32 in [0, 8, 16, 24] { out.append(UInt8(truncatingIfNeeded: key >> shift)) }
  appendMasked(payload, key: key, to: &out)
}

/// Bytes that a frame adds to its payload at most.
public let maxFrameOverhead = 14

/// The payload of a close frame: the code and a reason, cut to 123 bytes at a character's boundary.
///
/// A code that no frame may carry (1005, 1006 ...) gives an empty payload.
public func closePayload(_ code: UInt16, _ reason: String = "") -> [UInt8] {
  guard CloseCode.isSendable(code) else { return [] }
  var text = reason[...]
  while text.utf8.count > 123 { text.removeLast() }
  return [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)] + Array(text.utf8)
}

/// `reserveCapacity` reserves exactly; a queue must grow geometrically.
private func grown(_ capacity: Int, to wanted: Int) -> Int {
  wanted <= capacity ? 0 : max(wanted, capacity &* 2)
}
