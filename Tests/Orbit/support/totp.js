// One-time codes as an authenticator app shows them (RFC 6238), written apart from the relay's.

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** @param {string} text base32 */
function decode(text) {
  let bits = "";
  for (const letter of text) bits += letters.indexOf(letter).toString(2).padStart(5, "0");
  const bytes = bits.match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => parseInt(byte, 2));
}

/**
 * @param {string} secret base32
 * @param {number} [steps] from the current one
 * @param {number} [time] milliseconds
 */
export async function totp(secret, steps = 0, time = Date.now()) {
  const counter = Math.floor(time / 30_000) + steps;
  const message = new Uint8Array(8);
  new DataView(message.buffer).setUint32(4, counter);
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", decode(secret), algorithm, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
  const view = new DataView(mac.buffer);
  const value = (view.getUint32(mac[19] & 15) & 0x7fffffff) % 1_000_000;
  return String(value).padStart(6, "0");
}
