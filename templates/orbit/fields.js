// The fields of a request body: each a function that answers the clean value, or undefined when it is not one.
import { Refusal } from "./errors.js";
import { fromBase64url } from "./encoding.js";
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

/** A public key for ES256 as a JWK, reduced to what makes the key. @type {Field<PublicKey>} */
export const publicKey = (value) => {
  if (typeof value !== "object" || value === null) return undefined;
  const { crv, kty, x, y } = /** @type {Record<string, unknown>} */ (value);
  const coordinate = (/** @type {unknown} */ part) =>
    typeof part === "string" && part.length === 43 && fromBase64url(part)?.length === 32;
  if (crv !== "P-256" || kty !== "EC" || !coordinate(x) || !coordinate(y)) return undefined;
  return { crv, kty, x: String(x), y: String(y) };
};
