// One-time codes as an authenticator app shows them (RFC 6238), written apart from the relay's.

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** @param {string} text base32 */
function decode(text) {
  let bits = "";
  for (const letter of text) bits += letters.indexOf(letter).toString(2).padStart(5, "0");
  const bytes = bits.match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => parseInt(byte, 2));
}

/** The length of a step, and how long before its end the next one is counted as the current one. In milliseconds. */
const step = 30_000;
const margin = 5_000;

/** @param {string} secret base32 @param {number} counter the number of the step */
async function code(secret, counter) {
  const message = new Uint8Array(8);
  new DataView(message.buffer).setUint32(4, counter);
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", decode(secret), algorithm, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
  const view = new DataView(mac.buffer);
  const value = (view.getUint32(mac[19] & 15) & 0x7fffffff) % 1_000_000;
  return String(value).padStart(6, "0");
}

/**
 * The codes of -1, 0 and 1 are taken, each once and in this order. By the real clock, whenever they are made, they are taken
 * for 5 s more at least, and those of 0 and 1 for 35 s.
 * @param {string} secret base32
 * @param {number} [steps] from the current one
 * @param {number} [time] milliseconds, by a clock that the test sets
 */
export async function totp(secret, steps = 0, time) {
  const counter = Math.floor((time ?? Date.now() + margin) / step) + steps;
  // The next one of a step that has not begun is two ahead, and not taken yet.
  while (time === undefined && steps === 1 && Date.now() < (counter - 1) * step) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return await code(secret, counter);
}

/** @param {string} secret base32 @returns {Promise<string>} none of its codes, now and in the next minutes */
export async function wrongTotp(secret) {
  const now = Math.floor(Date.now() / step);
  const right = await Promise.all(
    Array.from({ length: 12 }, (_, at) => code(secret, now - 2 + at)),
  );
  const codes = Array.from({ length: 13 }, (_, at) => String(at).padStart(6, "0"));
  return /** @type {string} */ (codes.find((one) => !right.includes(one)));
}
