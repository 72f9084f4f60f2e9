/// Reads the body of a response that is no upgrade: by length, in chunks, or to the end of the connection
/// (RFC 9112, 6.3). What passes the limit is cut off.
struct ResponseBody: Sendable {
  private enum Framing {
    case none
    case length(Int)
    case chunked, untilEnd
  }
  private enum Chunk {
    case size
    case data(Int)
    case dataEnd, trailer
  }

  private let framing: Framing
  private let limit: Int
  private var chunk = Chunk.size
  private var line: [UInt8] = []
  private(set) var bytes: [UInt8] = []
  private(set) var isComplete = false

  init(_ head: ResponseHead, limit: Int) {
    self.limit = limit
    if head.status == 204 || head.status == 304 {
      framing = .none
    } else if head["transfer-encoding"] != nil {
      framing = head.tokens("transfer-encoding").last == "chunked" ? .chunked : .untilEnd
    } else if let length = head["content-length"].flatMap({ Int($0) }), length >= 0 {
      framing = .length(length)
    } else {
      framing = .untilEnd
    }
    switch framing {
    case .none, .length(0): isComplete = true
    default: break
    }
  }

  mutating func take(_ input: ArraySlice<UInt8>) {
    if isComplete { return }
    switch framing {
    case .none: break
    case .length(let length): bytes += input.prefix(length - bytes.count)
    case .untilEnd: bytes += input
    case .chunked: takeChunks(input)
    }
    if case .length(let length) = framing, bytes.count >= length { isComplete = true }
    if bytes.count >= limit {
      bytes.removeLast(bytes.count - limit)
      isComplete = true
    }
  }

  private mutating func takeChunks(_ input: ArraySlice<UInt8>) {
    var rest = input
    while !isComplete, !rest.isEmpty {
      if case .data(let left) = chunk {
        let part = rest.prefix(min(left, limit - bytes.count))
        bytes += part
        rest = rest.dropFirst(part.count)
        chunk = part.count == left ? .dataEnd : .data(left - part.count)
        if bytes.count >= limit { isComplete = true }
        continue
      }
      let byte = rest.removeFirst()
      guard byte == UInt8(ascii: "\n") else {
        // A line longer than this is no chunk head: what is here is all there will be.
        if line.count == 4096 { isComplete = true } else { line.append(byte) }
        continue
      }
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      takeLine()
      line.removeAll(keepingCapacity: true)
    }
  }

  private mutating func takeLine() {
    switch chunk {
    case .size:
      let digits = String(decoding: line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }, as: UTF8.self)
      if let size = Int(digits, radix: 16), size >= 0 {
        chunk = size == 0 ? .trailer : .data(size)
      } else {
        isComplete = true
      }
    case .dataEnd: chunk = .size
    case .trailer: if line.isEmpty { isComplete = true }
    case .data: break
    }
  }
}
