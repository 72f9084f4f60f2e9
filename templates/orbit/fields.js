// The fields of a request body: each a function that answers the clean value, or undefined when it is not one.
import { Refusal } from "./errors.js";
import { base64url, fromBase64url } from "./encoding.js";
import { isMachine, isSignin } from "./ids.js";

/**
 * @template T
 * @typedef {(value: unknown) => T | undefined} Field
 */

/**
 * Takes the named fields of a body; unknown ones are ignored, so that an older relay takes a newer page's requests.
 * @template {Record<string, Field<unknown>>} S
 * @param {unknown} body
 * @param {S} shape
 * @returns {{[K in keyof S]: Exclude<ReturnType<S[K]>, undefined>}} throws `bad-request` when a field is missing or wrong
 */
export function take(body, shape) {
  /** @type {Record<string, unknown>} */
  const taken = {};
  const given = typeof body === "object" && body !== null ? body : {};
  for (const [key, field] of Object.entries(shape)) {
    const value = field(Object.hasOwn(given, key) ? Reflect.get(given, key) : undefined);
    if (value === undefined) {
      throw new Refusal("bad-request", {
        message: `The field "${key}" is missing or not valid: update the page or the program.`,
      });
    }
    taken[key] = value;
  }
  return /** @type {any} */ (taken);
}

/** @param {number} max characters @returns {Field<string>} */
export const text = (max) => (value) =>
  typeof value === "string" && value.length <= max ? value : undefined;

/**
 * What a person reads: 1 to 64 characters on one line, without control, format or bidirectional characters.
 * @type {Field<string>}
 */
export const name = (value) => {
  if (typeof value !== "string" || value.length > 512) return undefined;
  const clean = value.normalize("NFC").replace(/[\p{C}\p{Zl}\p{Zp}]/gu, " ").replace(/\s+/g, " ")
    .trim();
  return clean === "" ? undefined : [...clean].slice(0, 64).join("");
};

/** @param {number} max bytes @returns {Field<Uint8Array<ArrayBuffer>>} base64url */
export const bytes = (max) => (value) => {
  const decoded = typeof value === "string" ? fromBase64url(value) : undefined;
  return decoded && decoded.length <= max ? decoded : undefined;
};

/** @param {number} max bytes @returns {Field<string>} base64url, kept as text */
export const encoded = (max) => (value) => bytes(max)(value) ? String(value) : undefined;

/** @type {Field<string>} */
export const machine = (value) => isMachine(value) ? value : undefined;
/** @type {Field<string>} */
export const signin = (value) => isSignin(value) ? value : undefined;

/** @template T @param {Field<T>} field @returns {Field<T | null>} the field, or null when it is null or missing */
export const optional = (field) => (value) =>
  value === undefined || value === null ? null : field(value);

/** @template {Record<string, Field<unknown>>} S @param {S} shape */
export const object = (shape) => (/** @type {unknown} */ value) =>
  typeof value === "object" && value !== null ? take(value, shape) : undefined;

/** @typedef {{crv: "P-256", kty: "EC", x: string, y: string}} PublicKey */

const prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const constant = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/**
 * Whether a point lies on P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3): not every platform looks when a key is imported.
 * @param {Uint8Array} x
 * @param {Uint8Array} y
 */
function onCurve(x, y) {
  const [a, b] = [BigInt(`0x${x.toHex()}`), BigInt(`0x${y.toHex()}`)];
  return a < prime && b < prime && (b * b - (a * a * a - 3n * a + constant)) % prime === 0n;
}

/** A public key for ES256 as a JWK, reduced to what makes the key. @type {Field<PublicKey>} */
export const publicKey = (value) => {
  if (typeof value !== "object" || value === null) return undefined;
  const { crv, kty, x, y } = /** @type {Record<string, unknown>} */ (value);
  const [a, b] = [x, y].map(bytes(32));
  if (crv !== "P-256" || kty !== "EC" || a?.length !== 32 || b?.length !== 32) return undefined;
  return onCurve(a, b) ? { crv, kty, x: base64url(a), y: base64url(b) } : undefined;
};
