// The forms of ids, links and codes: section 1 of docs/protocol.md.
import { base32, base64url, digest, randomBytes, sha256, utf8 } from "./encoding.js";

/** @param {string} prefix @returns {string} the prefix and 22 characters of 16 random bytes */
const id = (prefix) => prefix + base64url(randomBytes(16));

export const newUser = () => id("u_");
export const newSignin = () => id("s_");
export const newMachine = () => id("m_");
export const newConnection = () => id("c_");
export const newInvite = () => id("i_");

/** @returns {string} 43 characters of 32 random bytes */
export const newSecret = () => base64url(randomBytes(32));

/** @param {unknown} text @returns {text is string} */
export const isUser = (text) => typeof text === "string" && /^u_[A-Za-z0-9_-]{22}$/.test(text);
/** @param {unknown} text @returns {text is string} */
export const isMachine = (text) => typeof text === "string" && /^m_[A-Za-z0-9_-]{22}$/.test(text);
/** @param {unknown} text @returns {text is string} */
export const isSignin = (text) => typeof text === "string" && /^s_[A-Za-z0-9_-]{22}$/.test(text);
/** @param {unknown} text @returns {text is string} */
export const isConnection = (text) =>
  typeof text === "string" && /^c_[A-Za-z0-9_-]{22}$/.test(text);

const linkForm = /^(claim|recover|invite|device)\.(u_[A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/**
 * @typedef {object} Link
 * @property {"claim" | "recover" | "invite" | "device"} kind
 * @property {string} user the account that it makes or belongs to
 * @property {string} hash SHA-256 of its secret part
 */

/**
 * @param {string} text
 * @returns {Promise<Link | undefined>} undefined when it has not the form of a link
 */
export async function readLink(text) {
  const match = linkForm.exec(text);
  if (!match) return undefined;
  const kind = /** @type {Link["kind"]} */ (match[1]);
  return { kind, user: match[2], hash: await digest(match[3]) };
}

const codeLetters = "BCDFGHJKLMNPQRSTVWXZ";

/** @param {number} count @returns {string} so many letters that are not mistaken for others and spell no word */
export function randomLetters(count) {
  let text = "";
  while (text.length < count) {
    // 240 is the largest multiple of 20 in a byte: beyond it the letters would not be equally likely.
    for (const byte of randomBytes(16)) {
      if (byte < 240 && text.length < count) text += codeLetters[byte % 20];
    }
  }
  return text;
}

/**
 * @param {string} text as typed: case, blanks and dashes do not count
 * @param {number} count
 * @returns {string | undefined} that many letters
 */
export function readLetters(text, count) {
  const letters = text.toUpperCase().replace(/[\s-]/g, "");
  const known = [...letters].every((letter) => codeLetters.includes(letter));
  return letters.length === count && known ? letters : undefined;
}

/** @returns {string} 8 letters */
export const newUserCode = () => randomLetters(8);

/** @param {string} text as typed @returns {string | undefined} the 8 letters */
export const readUserCode = (text) => readLetters(text, 8);

/** @param {string} code @returns {string} `XXXX-XXXX` */
export const showUserCode = (code) => `${code.slice(0, 4)}-${code.slice(4)}`;

/**
 * RFC 7638 thumbprint of an EC public key.
 * @param {{crv: string, kty: string, x: string, y: string}} jwk
 * @returns {Promise<Uint8Array<ArrayBuffer>>} 32 bytes
 */
export const thumbprint = (jwk) =>
  sha256(utf8(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y })));

/**
 * @param {Uint8Array} print a thumbprint
 * @returns {string} what a person compares: 20 letters in groups of 4
 */
export function fingerprint(print) {
  const letters = base32(print).slice(0, 20);
  return /** @type {string[]} */ (letters.match(/.{4}/g)).join("-");
}
