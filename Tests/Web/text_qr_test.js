// QR codes against those of libqrencode 4.1: the same text, level M, the mask that it chose.
import { deepStrictEqual as equal, ok } from "node:assert";
import { qrCode } from "../../web/text/qr.js";

/** @param {boolean[][]} rows */
const lines = (rows) => rows.map((row) => row.map(Number).join(""));

/** @param {number} length */
const sample = (length) =>
  Array.from({ length }, (_, i) => String.fromCharCode(97 + (i * i + 7 * i) % 26)).join("");

/** Length, mask, and the SHA-256 of the modules, row by row. @type {[number, number, string][]} */
const KNOWN = [
  [1, 4, "ed92d118774a8ffc3d56b2308e1e3fb0472b5052336e564a9fdcc87c0ed8f94f"],
  [15, 1, "3132f653f46d5c473f70df479ae73f8746769adcaa9f1708ae8c5d0a3c954a18"],
  [27, 1, "6804a101c9501cc6858c4ae64fe0bfb590f82a0c2cc1416de2e754fbe2b93a95"],
  [45, 1, "4dd5b8323f01c230d17c988f1d35a309aad3dd27733323c702512590b0b0d34f"],
  [63, 3, "22e13cea8c1aca195f708834269da4e45ef70443bb2bbbda4d5570c166656dda"],
  [87, 0, "db38c28527dc4f27783a849f3624ccd8310467c5cb93facdbd49af0ee01a29eb"],
  [108, 1, "d6fef6e2aa8770d972f225c1df6883a15d99a511bc7c86525219e15658c9ba9c"],
  [123, 1, "da25bcbb880e4aabd813dc59c15830d40bf87042eba3deddf6bab1c4f90c1361"],
  [153, 5, "1e6d24dd95954759793cd85d6645b00bc6cf8e0245cde16fbb77f55bcedbdb52"],
  [183, 1, "887b808a04832c9c95e3b13519d350db5aa6c326c7eef9c14d2a0135e262c4a4"],
  [216, 1, "11149ca85a55692d55b18e39893a61ab5aa632986eb7e2187b5b469dbbdf082b"],
  [252, 1, "81ba3938983a56dbb7395613d8d1f755778fa5ecf504643cd9463fcebac2f7a4"],
  [288, 1, "946fe0d411da0b7857d89d59db92e0dba8929f851b9b4d8e73583d324d799ffb"],
  [333, 1, "f3fb78af3c14cb0028d1ba5964562ddc525aec8d87efa5d8e9e987df92a9ae7c"],
  [363, 1, "f0e101f7d0a089527c0b82740f9117ca61208ea1c83edc2b9521a9528fe92473"],
  [414, 1, "70074f4137953f39b8b88fdeea94141fd0e05773fb5231cfe5eec8178730aa09"],
  [453, 1, "7043057673bd365696197f874fe2f33029daa4f1de6c7b536b297b0f64fc5040"],
  [507, 1, "4fc96b86ed6f79312eeef6442fa250be97b4470906b636dd77e4b2d970cb9098"],
  [561, 1, "8b400c3713396314f0330c8b81b85a55dbb927d9083eda5ee0557fac04cae993"],
  [627, 3, "d26cc01f830fcf4a2b4694bf689fa3806998cf07f6b352cfee4431967e594766"],
  [669, 4, "5de94a6be8097409a817a0a30c2af4df1dd45aea918288f227efe1834816231f"],
  [714, 4, "ce95019476b511c1dfa48b6182b692822ab72913086ee391bec9d897c52ca1e4"],
  [780, 4, "3faefc6b63d4cdd7e020dccf3495fc6b1f7aaf9bd8ea18907974ee7ed9e12c53"],
  [858, 4, "35d49beb558151fb97e60013b2d996c451fa15d0dd7f22787f2f583ab3ab2c60"],
  [912, 4, "fd5bc2cfb2803683f68e4f5dda30024c2cce2f5cc14c47fd048203e4549a3513"],
];

Deno.test("a QR code is the one that libqrencode draws, in every version", async () => {
  const versions = new Set();
  for (const [length, mask, hash] of KNOWN) {
    const rows = qrCode(sample(length), mask);
    ok(rows);
    versions.add(rows.length);
    const bytes = new TextEncoder().encode(lines(rows).join("\n"));
    equal(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex(), hash, `${length}`);
  }
  equal(versions.size, 25);
});

Deno.test("a QR code without a mask is one of the eight, and what is too long is none", () => {
  const text = "otpauth://totp/host:Ada?secret=JBSWY3DPEHPK3PXP&issuer=host";
  const best = JSON.stringify(qrCode(text));
  ok([0, 1, 2, 3, 4, 5, 6, 7].some((mask) => JSON.stringify(qrCode(text, mask)) === best));
  equal(qrCode("x".repeat(997))?.length, 117);
  equal(qrCode("x".repeat(998)), null);
  equal(qrCode("ж".repeat(499)), null);
});
