// JSON Web Tokens (RFC 7519): HS256 made and verified, ES256 verified. The key fixes the algorithm, never the token.
import { base64url, fromBase64url, fromUtf8, utf8 } from "./encoding.js";

/** The longest token that is looked at, in characters. */
const maxToken = 4096;

/**
 * @typedef {object} Token
 * @property {Record<string, unknown>} header
 * @property {Record<string, unknown>} claims
 * @property {Uint8Array<ArrayBuffer>} signed the bytes under the signature
 * @property {Uint8Array<ArrayBuffer>} signature
 */

/**
 * Reads a compact token without trusting it.
 * @param {string | undefined | null} text
 * @returns {Token | undefined} undefined when it is not well-formed
 */
export function readToken(text) {
  if (!text || text.length > maxToken) return undefined;
  const parts = text.split(".");
  if (parts.length !== 3) return undefined;
  const header = readPart(parts[0]);
  const claims = readPart(parts[1]);
  const signature = fromBase64url(parts[2]);
  if (!header || !claims || !signature) return undefined;
  return { header, claims, signature, signed: utf8(`${parts[0]}.${parts[1]}`) };
}

/**
 * @param {string} part
 * @returns {Record<string, unknown> | undefined}
 */
function readPart(part) {
  const bytes = fromBase64url(part);
  if (!bytes) return undefined;
  try {
    const value = JSON.parse(fromUtf8(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {BufferSource} raw at least 32 bytes
 * @returns {Promise<CryptoKey>}
 */
export const hmacKey = (raw) =>
  crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);

/**
 * @param {import("./fields.js").PublicKey} jwk
 * @returns {Promise<CryptoKey>} rejects when the point is not on the curve
 */
export const es256Key = (jwk) =>
  crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);

/**
 * @param {CryptoKey} key from `hmacKey`
 * @param {{typ: string, kid?: string}} header
 * @param {Record<string, unknown>} claims
 * @returns {Promise<string>}
 */
export async function signHS256(key, header, claims) {
  const part = (/** @type {unknown} */ value) => base64url(utf8(JSON.stringify(value)));
  const signed = `${part({ alg: "HS256", ...header })}.${part(claims)}`;
  const signature = await crypto.subtle.sign("HMAC", key, utf8(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

/**
 * @param {Token} token
 * @param {CryptoKey} key from `hmacKey`
 * @returns {Promise<boolean>}
 */
export async function verifyHS256(token, key) {
  if (token.header.alg !== "HS256" || token.header.crit !== undefined) return false;
  return await crypto.subtle.verify("HMAC", key, token.signature, token.signed);
}

/**
 * @param {Token} token
 * @param {CryptoKey} key from `es256Key`
 * @returns {Promise<boolean>}
 */
export async function verifyES256(token, key) {
  if (token.header.alg !== "ES256" || token.header.crit !== undefined) return false;
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  return await crypto.subtle.verify(algorithm, key, token.signature, token.signed);
}

/**
 * @param {Request} request
 * @returns {string | undefined} the token of `Authorization: Bearer …`
 */
export function bearer(request) {
  const match = /^Bearer ([A-Za-z0-9._-]+)$/i.exec(request.headers.get("authorization") ?? "");
  return match?.[1];
}
