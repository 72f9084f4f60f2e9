// Tokens as an anchor and a deployer make them.
import { base64url, random, sha256, utf8 } from "./bytes.js";

/** @param {unknown} value */
const part = (value) => base64url(utf8(JSON.stringify(value)));

/**
 * @param {Record<string, unknown>} header
 * @param {Record<string, unknown>} claims
 * @param {(signed: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>} sign
 */
export async function token(header, claims, sign) {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${base64url(new Uint8Array(await sign(utf8(signed))))}`;
}

/** @param {Uint8Array<ArrayBuffer>} raw a key @param {Record<string, unknown>} header @param {Record<string, unknown>} claims */
export async function signed(raw, header, claims) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  return await token(
    { alg: "HS256", ...header },
    claims,
    (bytes) => crypto.subtle.sign("HMAC", key, bytes),
  );
}

/** @param {string} secret its UTF-8 bytes are the key @param {Record<string, unknown>} header @param {Record<string, unknown>} claims */
export const hs256 = (secret, header, claims) => signed(utf8(secret), header, claims);

/**
 * A deployer's token.
 * @param {string} key
 * @param {string} origin
 * @param {Record<string, unknown>} [claims] that differ
 * @param {Record<string, unknown>} [header]
 */
export const deployToken = (key, origin, claims = {}, header = {}) =>
  hs256(key, { typ: "deploy+jwt", ...header }, {
    aud: origin,
    exp: Math.floor(Date.now() / 1000) + 60,
    jti: random(16),
    ...claims,
  });

/** An anchor's key. */
export class MachineKey {
  /** @param {CryptoKeyPair} pair @param {JsonWebKey} jwk */
  constructor(pair, jwk) {
    this.pair = pair;
    this.jwk = { kty: "EC", crv: "P-256", x: String(jwk.x), y: String(jwk.y) };
  }

  static async make() {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const pair = /** @type {CryptoKeyPair} */ (
      await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])
    );
    return new MachineKey(pair, await crypto.subtle.exportKey("jwk", pair.publicKey));
  }

  async thumbprint() {
    const { crv, kty, x, y } = this.jwk;
    return base64url(await sha256(JSON.stringify({ crv, kty, x, y })));
  }

  /**
   * @param {{user: string, machine: string, origin: string}} who
   * @param {Record<string, unknown>} [claims] that differ
   * @param {Record<string, unknown>} [header]
   */
  async token({ user, machine, origin }, claims = {}, header = {}) {
    const iat = Math.floor(Date.now() / 1000);
    return await token(
      { alg: "ES256", typ: "anchor+jwt", kid: await this.thumbprint(), ...header },
      { iss: machine, sub: user, aud: origin, iat, exp: iat + 60, jti: random(16), ...claims },
      (bytes) =>
        crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, this.pair.privateKey, bytes),
    );
  }
}
