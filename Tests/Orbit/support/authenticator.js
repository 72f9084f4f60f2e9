// A WebAuthn authenticator in software: discoverable passkeys with user verification, and every fault on demand.
import { base64url, concat, random, sha256, utf8 } from "./bytes.js";

/** @typedef {{type?: string, challenge?: string, origin?: string, crossOrigin?: boolean, rpId?: string, flags?: number,
 *   count?: number, signature?: string, id?: string, userHandle?: string}} Faults */

/** @param {CryptoKeyPair} pair @param {number} algorithm @param {Uint8Array<ArrayBuffer>} data */
async function sign(pair, algorithm, data) {
  if (algorithm === -7) {
    const how = { name: "ECDSA", hash: "SHA-256" };
    return der(new Uint8Array(await crypto.subtle.sign(how, pair.privateKey, data)));
  }
  const how = algorithm === -8 ? "Ed25519" : "RSASSA-PKCS1-v1_5";
  return new Uint8Array(await crypto.subtle.sign(how, pair.privateKey, data));
}

/** @param {Uint8Array} raw r and s, 32 bytes each */
export function der(raw) {
  const number = (/** @type {Uint8Array} */ bytes) => {
    let at = 0;
    while (at < bytes.length - 1 && bytes[at] === 0) at++;
    const rest = bytes.subarray(at);
    const body = rest[0] & 0x80 ? concat(new Uint8Array([0]), rest) : rest;
    return concat(new Uint8Array([2, body.length]), body);
  };
  const body = concat(number(raw.subarray(0, 32)), number(raw.subarray(32)));
  return concat(new Uint8Array([0x30, body.length]), body);
}

/** @param {number} algorithm */
async function keyPair(algorithm) {
  const how = {
    [-7]: { name: "ECDSA", namedCurve: "P-256" },
    [-8]: { name: "Ed25519" },
    [-257]: {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
  }[algorithm];
  return /** @type {CryptoKeyPair} */ (
    await crypto.subtle.generateKey(/** @type {any} */ (how), true, ["sign", "verify"])
  );
}

export class Authenticator {
  /** @param {string} origin @param {number} [algorithm] */
  constructor(origin, algorithm = -7) {
    this.origin = origin;
    this.algorithm = algorithm;
    this.count = 0;
    this.id = "";
    this.userHandle = "";
  }

  /** @param {any} options @param {string} type @param {Faults} faults */
  clientData(options, type, faults) {
    const { challenge } = options;
    return utf8(JSON.stringify({
      type: faults.type ?? type,
      challenge: faults.challenge ?? challenge,
      origin: faults.origin ?? this.origin,
      crossOrigin: faults.crossOrigin ?? false,
    }));
  }

  /** @param {Faults} faults @param {number} flags */
  async authenticatorData(faults, flags) {
    const head = new Uint8Array(37);
    head.set(await sha256(faults.rpId ?? new URL(this.origin).hostname));
    head[32] = faults.flags ?? flags;
    new DataView(head.buffer).setUint32(33, faults.count ?? this.count);
    return head;
  }

  /**
   * Creates a passkey as `navigator.credentials.create` would.
   * @param {any} options
   * @param {Faults} [faults]
   */
  async create(options, faults = {}) {
    this.pair = await keyPair(this.algorithm);
    this.id = random(32);
    this.userHandle = options.user.id;
    const id = Uint8Array.fromBase64(this.id, { alphabet: "base64url" });
    const length = new Uint8Array([id.length >> 8, id.length & 255]);
    const attested = concat(new Uint8Array(16), length, id, new Uint8Array([0xa0]));
    const data = concat(await this.authenticatorData(faults, 0x45), attested);
    return {
      id: faults.id ?? this.id,
      clientDataJSON: base64url(this.clientData(options, "webauthn.create", faults)),
      authenticatorData: base64url(data),
      publicKey: base64url(
        new Uint8Array(await crypto.subtle.exportKey("spki", this.pair.publicKey)),
      ),
      algorithm: this.algorithm,
      transports: ["internal"],
    };
  }

  /**
   * Signs as `navigator.credentials.get` would.
   * @param {any} options
   * @param {Faults} [faults]
   */
  async get(options, faults = {}) {
    const clientData = this.clientData(options, "webauthn.get", faults);
    const data = await this.authenticatorData(faults, 0x05);
    const signed = concat(data, await sha256(clientData));
    const pair = /** @type {CryptoKeyPair} */ (this.pair);
    return {
      id: faults.id ?? this.id,
      userHandle: faults.userHandle ?? this.userHandle,
      clientDataJSON: base64url(clientData),
      authenticatorData: base64url(data),
      signature: faults.signature ?? base64url(await sign(pair, this.algorithm, signed)),
    };
  }
}
