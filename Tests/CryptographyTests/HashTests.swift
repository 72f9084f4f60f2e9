import Cryptography
import Foundation
import Testing

private func hex(_ bytes: Data) -> String { bytes.map { String(format: "%02x", $0) }.joined() }

@Suite struct HashTests {
  @Test func hashesTheVectorsOfFIPS180() {
    #expect(hex(sha256(Data())) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(hex(sha256(Data("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func authenticatesTheVectorsOfRFC4231() {
    #expect(
      hex(hmacSHA256(key: Data(repeating: 0x0b, count: 20), Data("Hi There".utf8)))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(
      hex(hmacSHA256(key: Data("Jefe".utf8), Data("what do ya want for nothing?".utf8)))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    let long = Data("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
    #expect(
      hex(hmacSHA256(key: Data(repeating: 0xaa, count: 131), long))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    // An empty key is a key, not "the last one".
    #expect(
      hex(hmacSHA256(key: Data(), Data())) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  @Test func randomBytesDiffer() {
    #expect(randomBytes(0).isEmpty)
    #expect(randomBytes(32).count == 32)
    #expect(randomBytes(32) != randomBytes(32))
    #expect(randomToken(bytes: 16).count == 22)
  }

  @Test func erasesKeyBytes() {
    var bytes = Data([1, 2, 3])
    erase(&bytes)
    #expect(bytes.isEmpty)
    let secret = SecretBytes(Data([1, 2, 3]))
    #expect(secret.count == 3)
    #expect(secret.withUnsafeBytes { Array($0) } == [1, 2, 3])
  }
}
