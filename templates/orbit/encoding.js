// Bytes and texts: base64url, base32, UTF-8, SHA-256.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>} its UTF-8 bytes
 */
export const utf8 = (text) => encoder.encode(text);

/**
 * @param {BufferSource} bytes
 * @returns {string} the text; throws TypeError when the bytes are not UTF-8
 */
export const fromUtf8 = (bytes) => decoder.decode(bytes);

/**
 * RFC 4648 section 5, without padding.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export const base64url = (bytes) => bytes.toBase64({ alphabet: "base64url", omitPadding: true });

/**
 * @param {string} text base64url without padding
 * @returns {Uint8Array<ArrayBuffer> | undefined} undefined when it is anything else
 */
export function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}

/**
 * RFC 4648 section 6, without padding.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function base32(bytes) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += letters[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + letters[(value << (5 - bits)) & 31] : text;
}

/**
 * @param {string | BufferSource} data a text counts as its UTF-8 bytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>} 32 bytes
 */
export async function sha256(data) {
  const bytes = typeof data === "string" ? utf8(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * @param {string | BufferSource} data
 * @returns {Promise<string>} the SHA-256 in base64url, 43 characters
 */
export const digest = async (data) => base64url(await sha256(data));

/**
 * The scope `<kind>:<2 hex>` that holds what is found by `name`: one of 256 slices.
 * @param {string} kind
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function slice(kind, name) {
  return `${kind}:${(await sha256(name))[0].toString(16).padStart(2, "0")}`;
}

/**
 * Compares in a time that depends on the lengths only.
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 * @returns {boolean}
 */
export function equalBytes(a, b) {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

/**
 * @param {number} count
 * @returns {Uint8Array<ArrayBuffer>} that many random bytes
 */
export const randomBytes = (count) => crypto.getRandomValues(new Uint8Array(count));
