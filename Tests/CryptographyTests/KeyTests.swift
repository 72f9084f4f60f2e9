import Cryptography
import Foundation
import Testing

@Suite struct KeyTests {
  @Test func signsForItsPublicKeyOnly() throws {
    let (key, other) = (try SigningKey(), try SigningKey())
    let signature = try key.sign(Data("x".utf8))
    #expect(signature.count == 64)
    #expect(key.publicKey.verifies(signature, of: Data("x".utf8)))
    #expect(!key.publicKey.verifies(signature, of: Data("y".utf8)))
    #expect(!other.publicKey.verifies(signature, of: Data("x".utf8)))
    #expect(!key.publicKey.verifies(Data(count: 64), of: Data("x".utf8)))
    #expect(!key.publicKey.verifies(signature.prefix(63), of: Data("x".utf8)))
  }

  @Test func comesBackFromItsFile() throws {
    let key = try SigningKey()
    let bytes = try key.pkcs8()
    let again = try SigningKey(der: bytes)
    #expect(again.publicKey == key.publicKey)
    #expect(again.publicKey.verifies(try key.sign(Data([1])), of: Data([1])))
    #expect(key.publicKey.verifies(try again.sign(Data()), of: Data()))
  }

  @Test func refusesOtherKeys() throws {
    let bytes = Data(try SigningKey().pkcs8().withUnsafeBytes { Array($0) })
    // An Ed25519 key, and one on another curve.
    let ed25519 = Data(
      [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
      ] + [UInt8](repeating: 7, count: 32))
    let secp256k1 = try #require(
      Data(
        base64Encoded: "MHQCAQEEIJYJ5ndyQn7K5lWnFY80z/0OWk5/NHkGHLpmiLZP2moooAcGBSuBBAAKoUQDQgAEEv8XTERX"
          + "r7ly9ta6W3Uj5wlYkcVtu7PkwAsjULHZn6Efd4q3a6uHx1oF6mvAIU2WyHaPvV2bg5aw68C8zuCpuw=="))
    for wrong in [Data(), Data([1, 2, 3]), bytes.dropLast(), bytes + [0], ed25519, secp256k1] {
      #expect(performing: { try SigningKey(der: wrong) }, throws: { ($0 as? CryptographyError)?.code == .invalidKey })
    }
  }

  @Test func refusesPointsOffTheCurve() throws {
    let point = try SigningKey().publicKey.point
    #expect(try PublicKey(point: point).point == point)
    var off = point
    off[64] ^= 1
    for wrong in [off, Data(), point.dropLast(), Data([0x02]) + point[1..<33], point + [0]] {
      #expect(throws: CryptographyError.self) { try PublicKey(point: wrong) }
    }
  }

  @Test func isAJSONWebKey() throws {
    let key = try SigningKey().publicKey
    #expect(try JSONDecoder().decode(PublicKey.self, from: Data(key.jwk.utf8)) == key)
    #expect(try JSONDecoder().decode(PublicKey.self, from: JSONEncoder().encode(key)) == key)
    for (a, b) in [("P-256", "P-384"), ("\"EC\"", "\"RSA\""), ("\"x\":\"", "\"x\":\"A")] {
      let wrong = key.jwk.replacingOccurrences(of: a, with: b)
      #expect(throws: CryptographyError.self) { try JSONDecoder().decode(PublicKey.self, from: Data(wrong.utf8)) }
    }
  }

  @Test func hasAFingerprintThatPeopleCanCompare() throws {
    // The key of RFC 7515, appendix A.3; both values computed with Python's hashlib and base64.
    let jwk = """
      {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
       "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
      """
    let key = try JSONDecoder().decode(PublicKey.self, from: Data(jwk.utf8))
    #expect(key.thumbprint == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
    #expect(key.fingerprint == "UCRD-FQXR-SSST-KU6L-CMIN")
    let signed = Data(
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        .utf8)
    let signature = try #require(
      base64URLDecode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"))
    #expect(key.verifies(signature, of: signed))
  }
}
