// Encodings, ids, names, addresses, signatures: what is pure.
import { base32, base64url, equalBytes, fromBase64url } from "../../../templates/orbit/encoding.js";
import * as field from "../../../templates/orbit/fields.js";
import {
  fingerprint,
  isMachine,
  newMachine,
  newUserCode,
  readLink,
  readUserCode,
  thumbprint,
} from "../../../templates/orbit/ids.js";
import { cookie } from "../../../templates/orbit/http.js";
import { readToken } from "../../../templates/orbit/jwt.js";
import { addressKey } from "../../../templates/orbit/limits.js";
import { securityHeaders } from "../../../templates/orbit/headers.js";
import { signingKey } from "../../../templates/orbit/relay_state.js";
import { rawSignature } from "../../../templates/orbit/webauthn.js";
import { assert, equal } from "../support/assert.js";
import { der } from "../support/authenticator.js";
import { utf8 } from "../support/bytes.js";
import { Seeded } from "../support/seeded.js";
import { noCookie } from "../../../templates/orbit/tokens.js";

Deno.test("base32 is RFC 4648's, without padding", () => {
  const vectors = { "": "", f: "MY", fo: "MZXQ", foo: "MZXW6", foob: "MZXW6YQ", fooba: "MZXW6YTB" };
  for (const [text, expected] of Object.entries(vectors)) equal(base32(utf8(text)), expected);
  equal(base32(utf8("foobar")), "MZXW6YTBOI");
});

Deno.test("base64url is strict", () => {
  equal(base64url(new Uint8Array([251, 255])), "-_8");
  equal(fromBase64url("-_8"), new Uint8Array([251, 255]));
  for (const wrong of ["-_8=", "+/8", " -_8", "-_8\n", "a", "ж"]) {
    equal(fromBase64url(wrong), undefined, wrong);
  }
});

Deno.test("bytes are compared whole", () => {
  equal(equalBytes(utf8("abc"), utf8("abc")), true);
  equal(equalBytes(utf8("abc"), utf8("abd")), false);
  equal(equalBytes(utf8("abc"), utf8("ab")), false);
  equal(equalBytes(utf8(""), utf8("")), true);
});

Deno.test("the fingerprint is that of RFC 7638", async () => {
  // The key of RFC 7517 appendix A.1; computed with Python's hashlib and base64.
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  };
  const print = await thumbprint(jwk);
  equal(base64url(print), "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
  equal(fingerprint(print), "OJ7Y-R7LD-JQFF-PIMJ-LJ45");
});

Deno.test("links have one form", async () => {
  const user = `u_${"a".repeat(22)}`;
  const secret = "b".repeat(43);
  const link = await readLink(`invite.${user}.${secret}`);
  equal([link?.kind, link?.user, link?.hash.length], ["invite", user, 43]);
  const wrong = [
    "",
    "x",
    `invite.${user}`,
    `invite.${user}.${secret}.`,
    `Invite.${user}.${secret}`,
  ];
  for (const text of [...wrong, `invite.${user}.${secret}\n`, ` invite.${user}.${secret}`]) {
    equal(await readLink(text), undefined, text);
  }
});

Deno.test("user codes are typed as one likes", () => {
  for (const text of ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "b-c-d-f-g-h-j-k"]) {
    equal(readUserCode(text), "BCDFGHJK");
  }
  for (const text of ["BCDF-GHJ", "BCDF-GHJA", "BCDFGHJKL", ""]) {
    equal(readUserCode(text), undefined);
  }
  const letters = new Set();
  for (let count = 0; count < 500; count++) {
    const code = newUserCode();
    equal(readUserCode(code), code);
    for (const letter of code) letters.add(letter);
  }
  equal([...letters].sort().join(""), "BCDFGHJKLMNPQRSTVWXZ");
});

Deno.test("ids are of their kind", () => {
  equal(isMachine(newMachine()), true);
  for (
    const wrong of ["m_", newMachine() + "a", newMachine() + "\n", "c_" + "a".repeat(22), 7, null]
  ) {
    equal(isMachine(wrong), false);
  }
});

Deno.test("names are one clean line", () => {
  equal(field.name("  a\t b\n"), "a b");
  equal(field.name("a\u202eb\u0000c\u200bd"), "a b c d");
  equal(field.name("e\u0301"), "\u00e9");
  equal([...String(field.name("😀".repeat(200)))].length, 64);
  for (const wrong of ["", " ", "\u200b", 7, null, {}, "x".repeat(513)]) {
    equal(field.name(wrong), undefined);
  }
});

Deno.test("points off the curve are no keys", () => {
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  };
  equal(field.publicKey({ ...jwk, d: "secret", alg: "ES256" }), {
    crv: "P-256",
    kty: "EC",
    x: jwk.x,
    y: jwk.y,
  });
  const zero = "A".repeat(43);
  const big = base64url(new Uint8Array(32).fill(255));
  for (const wrong of [{ x: jwk.y }, { x: zero, y: zero }, { x: big }, { y: zero }, { y: "" }]) {
    equal(field.publicKey({ ...jwk, ...wrong }), undefined);
  }
});

Deno.test("an address of IPv6 counts as its /64", () => {
  const cases = {
    "192.0.2.7": "192.0.2.7",
    "::ffff:192.0.2.7": "192.0.2.7",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:0DB8:0001:0002::1": "2001:db8:1:2::/64",
    "2001:db8::1": "2001:db8:0:0::/64",
    "::1": "0:0:0:0::/64",
    "fe80::1%eth0": "fe80:0:0:0::/64",
    "": "",
  };
  for (const [address, key] of Object.entries(cases)) equal(addressKey(address), key);
});

Deno.test("a cookie is found by its whole name", () => {
  equal(cookie("a=1; b=2;c=3", "b"), "2");
  equal(cookie("a=1; b=2;c=3", "c"), "3");
  equal(cookie("xb=1", "b"), undefined);
  equal(cookie("b", "b"), undefined);
  equal(cookie(null, "b"), undefined);
  equal(cookie("b=a=c", "b"), "a=c");
});

Deno.test("signatures are strict DER", () => {
  const seed = new Seeded();
  for (let count = 0; count < 300; count++) {
    const raw = Uint8Array.from({ length: 64 }, () => seed.below(256));
    // Numbers that begin with zeros or with a high bit are written in another length.
    if (count % 3 === 0) raw.fill(0, 0, seed.below(31));
    if (count % 5 === 0) raw.fill(0, 32, 32 + seed.below(31));
    equal(rawSignature(der(raw)), raw, String(seed));
    const broken = der(raw);
    broken[seed.below(broken.length)] ^= 1 << seed.below(8);
    const read = rawSignature(broken.subarray(0, seed.below(broken.length + 1)));
    assert(read === undefined || read.length === 64, String(seed));
  }
  const wrong = [
    [],
    [0x30, 0],
    [0x30, 6, 2, 1, 1, 2, 1, 1, 0],
    [0x30, 7, 2, 1, 1, 2, 1, 1],
    [0x30, 6, 2, 1, 0x81, 2, 1, 1],
    [0x30, 7, 2, 2, 0, 1, 2, 1, 1],
    [0x30, 6, 2, 0, 2, 2, 1, 1],
    [0x31, 6, 2, 1, 1, 2, 1, 1],
  ];
  for (const bytes of wrong) equal(rawSignature(new Uint8Array(bytes)), undefined, String(bytes));
});

Deno.test("tokens that are none are not read", () => {
  const wrong = [
    "",
    ".",
    "..",
    "a.b",
    "a.b.c.d",
    "e30.e30",
    "e30.W10.",
    "bnVsbA.e30.",
    "e30.e30.=",
    undefined,
  ];
  for (const text of [...wrong, `e30.${"A".repeat(5000)}.`]) equal(readToken(text), undefined);
  equal(readToken("e30.e30.")?.claims, {});
});

Deno.test("relays on two ports of one host have two cookies", () => {
  equal(noCookie("https://a.example").split("=")[0], "__Host-signin");
  equal(noCookie("http://codex-remote.localhost:4390").split("=")[0], "__Host-signin-4390");
  equal(noCookie("http://codex-remote.localhost:4391").split("=")[0], "__Host-signin-4391");
});

Deno.test("only https asks for https", () => {
  const names = (/** @type {string | null} */ origin) => new Map(securityHeaders(origin));
  equal(names("http://a.localhost:1").has("strict-transport-security"), false);
  equal(names("https://a.example").get("strict-transport-security"), "max-age=63072000");
  assert(names("https://a.example").get("content-security-policy")?.includes(" wss://a.example;"));
});

Deno.test("a key signs once it has rested", () => {
  const keys = (/** @type {Record<string, number>} */ ages) =>
    Object.fromEntries(Object.entries(ages).map(([kid, created]) => [kid, { key: "", created }]));
  equal(signingKey(keys({ a: 1000 }), 1000), "a");
  equal(signingKey(keys({ a: 0, b: 1000 }), 1000), "a");
  equal(signingKey(keys({ a: 0, b: 1000 }), 121_000), "b");
});
