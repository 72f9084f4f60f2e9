import SelfHost
import Testing

@Suite struct GzipTests {
  @Test(arguments: [0, 1, 100, 70_000, 3_000_000])
  func whatWasCompressedExpandsToTheSame(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    #expect(try gunzip(gzip(bytes), limit: count) == bytes)
  }

  @Test func theHeaderNamesNoTimeAndNoSystem() throws {
    let header = try gzip(Array("text".utf8)).prefix(10)
    // RFC 1952: magic, deflate, no flags, time 0, best compression, system unknown.
    #expect(Array(header) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255])
  }

  @Test func moreThanTheLimitIsRefused() throws {
    let body = try gzip([UInt8](repeating: 0, count: 1000))
    #expect(throws: BundleError.self) { try gunzip(body, limit: 999) }
    #expect(throws: BundleError.self) { try gunzip(Array(body.dropLast()), limit: 1000) }
    #expect(throws: BundleError.self) { try gunzip(Array("no gzip".utf8), limit: 1000) }
  }
}
