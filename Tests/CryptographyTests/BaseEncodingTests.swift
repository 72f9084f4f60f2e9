import Cryptography
import Foundation
import Testing

@Suite struct BaseEncodingTests {
  @Test(arguments: [
    ("", "", ""), ("f", "Zg", "MY"), ("fo", "Zm8", "MZXQ"), ("foo", "Zm9v", "MZXW6"), ("foob", "Zm9vYg", "MZXW6YQ"),
    ("fooba", "Zm9vYmE", "MZXW6YTB"), ("foobar", "Zm9vYmFy", "MZXW6YTBOI"),
  ])
  func encodesTheVectorsOfRFC4648(text: String, base64: String, base32Text: String) {
    #expect(base64URL(Data(text.utf8)) == base64)
    #expect(base32(Data(text.utf8)) == base32Text)
    #expect(base64URLDecode(base64) == Data(text.utf8))
  }

  @Test func readsBackWhatItWrote() {
    for count in 0..<100 {
      let bytes = randomBytes(count)
      #expect(base64URLDecode(base64URL(bytes)) == bytes)
    }
    let all = Data(0...255)
    #expect(base64URL(Data([0xfb, 0xff])) == "-_8")
    #expect(base64URLDecode(base64URL(all)) == all)
  }

  @Test(arguments: ["A", "AAAAA", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", " Zg", "Zg\n", "Zé"])
  func refusesAnyOtherSpelling(text: String) {
    #expect(base64URLDecode(text) == nil)
  }
}
