import Cryptography
import Foundation
import Testing

/// What this module makes is read by WebCrypto (the relay's implementation), and the other way round.
@Suite struct OtherImplementationTests {
  @Test func webCryptoVerifiesItsTokens() throws {
    let deno = try #require(find("deno"), "deno is not on PATH and not in .venv; make setup installs it")
    struct Claims: Encodable { let aud = "http://x.localhost/", exp = 1_700_000_000, name = "ä/☃" }
    let key = try SigningKey()
    let secret = SecretBytes(randomBytes(32))
    let es256 = try JSONWebToken.es256(type: "anchor+jwt", claims: Claims(), key: key)
    let hs256 = try JSONWebToken.hs256(type: "deploy+jwt", claims: Claims(), key: secret, keyID: "k1")
    let program = """
      const [jwk, es256, secret, hs256, pkcs8] = Deno.args;
      const bytes = (t) => Uint8Array.fromBase64(t, {alphabet: "base64url"});
      const json = (t) => JSON.parse(new TextDecoder().decode(bytes(t)));
      const check = async (key, algorithm, token) => {
        const [header, claims, signature] = token.split(".");
        const signed = new TextEncoder().encode(header + "." + claims);
        return [await crypto.subtle.verify(algorithm, key, bytes(signature), signed), json(header), json(claims)];
      };
      const ec = {name: "ECDSA", namedCurve: "P-256", hash: "SHA-256"};
      const hmac = {name: "HMAC", hash: "SHA-256"};
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(jwk));
      const pair = await crypto.subtle.generateKey(ec, true, ["sign"]);
      console.log(JSON.stringify({
        es256: await check(await crypto.subtle.importKey("jwk", JSON.parse(jwk), ec, true, ["verify"]), ec, es256),
        hs256: await check(await crypto.subtle.importKey("raw", bytes(secret), hmac, true, ["verify"]), hmac, hs256),
        imported: await crypto.subtle.exportKey("jwk", await crypto.subtle.importKey("pkcs8", bytes(pkcs8), ec, true, ["sign"])),
        thumbprint: new Uint8Array(digest).toBase64({alphabet: "base64url", omitPadding: true}),
        pkcs8: new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)).toBase64(),
        jwk: await crypto.subtle.exportKey("jwk", pair.publicKey),
        signature: new Uint8Array(await crypto.subtle.sign(ec, pair.privateKey, new TextEncoder().encode("hello")))
          .toBase64(),
      }));
      """
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: deno)
    let script = FileManager.default.temporaryDirectory.appending(path: "check-\(UUID().uuidString).js")
    try Data(program.utf8).write(to: script)
    defer { try? FileManager.default.removeItem(at: script) }
    process.arguments = [
      "run", "--quiet", "--no-config", script.path, key.publicKey.jwk, es256,
      base64URL(secret), hs256, base64URL(try key.pkcs8()),
    ]
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()

    let result = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let claims: NSDictionary = ["aud": "http://x.localhost/", "exp": 1_700_000_000, "name": "ä/☃"]
    let (es, hs) = (try #require(result["es256"] as? [Any]), try #require(result["hs256"] as? [Any]))
    #expect(es[0] as? Bool == true && hs[0] as? Bool == true)
    #expect(es[1] as? NSDictionary == ["alg": "ES256", "kid": key.publicKey.thumbprint, "typ": "anchor+jwt"])
    #expect(hs[1] as? NSDictionary == ["alg": "HS256", "kid": "k1", "typ": "deploy+jwt"])
    #expect(es[2] as? NSDictionary == claims && hs[2] as? NSDictionary == claims)
    #expect((result["imported"] as? [String: Any])?["y"] as? String == base64URL(key.publicKey.point.suffix(32)))
    #expect(result["thumbprint"] as? String == key.publicKey.thumbprint)

    let foreign = try SigningKey(der: try #require(Data(base64Encoded: result["pkcs8"] as? String ?? "")))
    let jwk = try JSONSerialization.data(withJSONObject: try #require(result["jwk"]))
    #expect(try JSONDecoder().decode(PublicKey.self, from: jwk) == foreign.publicKey)
    let signature = try #require(Data(base64Encoded: result["signature"] as? String ?? ""))
    #expect(foreign.publicKey.verifies(signature, of: Data("hello".utf8)))
  }

  @Test func refusesShortSecrets() {
    #expect(throws: CryptographyError.self) {
      try JSONWebToken.hs256(type: "deploy+jwt", claims: ["a": 1], key: Data(count: 31))
    }
  }

  /// The program on PATH, or in the project's own environment.
  private func find(_ name: String) -> String? {
    let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.venv/bin").path
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init) + [package]
    return folders.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
