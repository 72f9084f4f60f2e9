// WebAuthn level 3, the relying party's side. No CBOR is read: the browser hands out the public key as SPKI and the
// authenticator data as it is, and no attestation is asked for, so nothing would vouch for more.
import { base64url, equalBytes, fromUtf8, sha256, utf8 } from "./encoding.js";

const ES256 = -7;
const RS256 = -257;
const EdDSA = -8;

const userPresent = 0x01;
const userVerified = 0x04;
const attestedData = 0x40;

/** How long a person may take over a dialog, in milliseconds. */
export const ticketTime = 5 * 60 * 1000;

/** @typedef {{origin: string, challenge: string}} Expected what the ceremony was started with */

/**
 * Creation options in their JSON form (PublicKeyCredentialCreationOptionsJSON).
 * @param {object} options
 * @param {string} options.origin
 * @param {string} options.challenge base64url
 * @param {string} options.user the user id; its UTF-8 bytes are the user handle
 * @param {string} options.name
 * @param {string[]} options.exclude ids of the passkeys that the account has
 */
export function creationOptions({ origin, challenge, user, name, exclude }) {
  const id = new URL(origin).hostname;
  return {
    rp: { id, name: id },
    user: { id: base64url(utf8(user)), name, displayName: name },
    challenge,
    pubKeyCredParams: [ES256, EdDSA, RS256].map((alg) => ({ type: "public-key", alg })),
    timeout: ticketTime,
    excludeCredentials: exclude.map((id) => ({ type: "public-key", id })),
    authenticatorSelection: {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    },
    attestation: "none",
  };
}

/**
 * Request options in their JSON form (PublicKeyCredentialRequestOptionsJSON).
 * @param {object} options
 * @param {string} options.origin
 * @param {string} options.challenge base64url
 * @param {string[]} [options.allow] ids of passkeys; without them the browser offers what it has
 */
export function requestOptions({ origin, challenge, allow = [] }) {
  return {
    challenge,
    rpId: new URL(origin).hostname,
    timeout: ticketTime,
    userVerification: "required",
    allowCredentials: allow.map((id) => ({ type: "public-key", id })),
  };
}

/**
 * Level 3 section 7.1, what of it applies without attestation.
 * @param {{id: string, clientDataJSON: Uint8Array<ArrayBuffer>, authenticatorData: Uint8Array<ArrayBuffer>,
 *   publicKey: Uint8Array<ArrayBuffer>, algorithm: number}} passkey
 * @param {Expected} expected
 * @returns {Promise<{count: number} | undefined>} the signature counter; undefined when it is not to be accepted
 */
export async function verifyCreation(passkey, expected) {
  if (!clientDataFits(passkey.clientDataJSON, "webauthn.create", expected)) return undefined;
  const data = await readAuthenticatorData(passkey.authenticatorData, expected.origin);
  if (!data || !(data.flags & attestedData)) return undefined;
  // Attested credential data: 16 bytes of AAGUID, the id's length in 2 bytes, the id, the key.
  const bytes = passkey.authenticatorData;
  if (bytes.length < 55) return undefined;
  const length = (bytes[53] << 8) | bytes[54];
  if (length > 1023 || bytes.length < 55 + length) return undefined;
  if (base64url(bytes.subarray(55, 55 + length)) !== passkey.id) return undefined;
  try {
    await importKey(passkey.publicKey, passkey.algorithm);
  } catch {
    return undefined;
  }
  return { count: data.count };
}

/**
 * Level 3 section 7.2.
 * @param {{clientDataJSON: Uint8Array<ArrayBuffer>, authenticatorData: Uint8Array<ArrayBuffer>,
 *   signature: Uint8Array<ArrayBuffer>}} assertion
 * @param {{publicKey: Uint8Array<ArrayBuffer>, algorithm: number, count: number}} passkey as it was registered
 * @param {Expected} expected
 * @returns {Promise<{count: number} | undefined>} the new counter; undefined when it is not to be accepted
 */
export async function verifyAssertion(assertion, passkey, expected) {
  if (!clientDataFits(assertion.clientDataJSON, "webauthn.get", expected)) return undefined;
  const data = await readAuthenticatorData(assertion.authenticatorData, expected.origin);
  if (!data) return undefined;
  const hash = await sha256(assertion.clientDataJSON);
  const signed = new Uint8Array(assertion.authenticatorData.length + hash.length);
  signed.set(assertion.authenticatorData);
  signed.set(hash, assertion.authenticatorData.length);
  const signature = passkey.algorithm === ES256
    ? rawSignature(assertion.signature)
    : assertion.signature;
  if (!signature) return undefined;
  const { key, verification } = await importKey(passkey.publicKey, passkey.algorithm);
  if (!await crypto.subtle.verify(verification, key, signature, signed)) return undefined;
  // A counter that does not grow means a copied authenticator; those that do not count stay at 0.
  if ((data.count > 0 || passkey.count > 0) && data.count <= passkey.count) return undefined;
  return { count: data.count };
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes clientDataJSON
 * @param {string} type
 * @param {Expected} expected
 * @returns {boolean}
 */
function clientDataFits(bytes, type, expected) {
  try {
    const data = JSON.parse(fromUtf8(bytes));
    return data.type === type && data.challenge === expected.challenge &&
      data.origin === expected.origin && data.crossOrigin !== true;
  } catch {
    return false;
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} origin
 * @returns {Promise<{flags: number, count: number} | undefined>} undefined unless it is for this host, with the user
 *   present and verified
 */
async function readAuthenticatorData(bytes, origin) {
  if (bytes.length < 37) return undefined;
  const host = await sha256(new URL(origin).hostname);
  if (!equalBytes(bytes.subarray(0, 32), host)) return undefined;
  const flags = bytes[32];
  if (!(flags & userPresent) || !(flags & userVerified)) return undefined;
  return { flags, count: new DataView(bytes.buffer, bytes.byteOffset).getUint32(33) };
}

/**
 * @param {Uint8Array<ArrayBuffer>} spki
 * @param {number} algorithm COSE
 * @returns {Promise<{key: CryptoKey, verification: AlgorithmIdentifier | EcdsaParams}>}
 */
async function importKey(spki, algorithm) {
  /** @type {Record<number, [EcKeyImportParams | RsaHashedImportParams | Algorithm, EcdsaParams | Algorithm]>} */
  const algorithms = {
    [ES256]: [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
    [RS256]: [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, { name: "RSASSA-PKCS1-v1_5" }],
    [EdDSA]: [{ name: "Ed25519" }, { name: "Ed25519" }],
  };
  const known = algorithms[algorithm];
  if (!known) throw new TypeError("The key's algorithm is not -7, -257 or -8.");
  const key = await crypto.subtle.importKey("spki", spki, known[0], false, ["verify"]);
  return { key, verification: known[1] };
}

/**
 * An ECDSA signature of P-256 from DER (RFC 3279 section 2.2.3) to the 64 bytes that WebCrypto takes.
 * @param {Uint8Array} der
 * @returns {Uint8Array<ArrayBuffer> | undefined} undefined when it is not strict DER of two numbers of 1 to 32 bytes
 */
export function rawSignature(der) {
  if (der.length < 8 || der.length > 72 || der[0] !== 0x30 || der[1] !== der.length - 2) {
    return undefined;
  }
  const raw = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    if (der[at] !== 0x02) return undefined;
    let length = der[at + 1];
    at += 2;
    if (length === 0 || at + length > der.length || der[at] & 0x80) return undefined;
    if (der[at] === 0 && length > 1) {
      if (!(der[at + 1] & 0x80)) return undefined;
      at++;
      length--;
    }
    if (length > 32) return undefined;
    raw.set(der.subarray(at, at + length), end - length);
    at += length;
  }
  return at === der.length ? raw : undefined;
}
