// Passkeys of an account: what was registered, what an assertion proves.
import { base64url, fromBase64url } from "./encoding.js";
import { Refusal } from "./errors.js";
import { note } from "./log.js";
import * as field from "./fields.js";
import { isUser } from "./ids.js";
import { byAge } from "./presence.js";
import { verifyAssertion, verifyCreation } from "./webauthn.js";

/** The most passkeys of a user. */
export const maxPasskeys = 16;

/**
 * @typedef {object} Passkey the record
 * @property {string} name
 * @property {string} publicKey SPKI, base64url
 * @property {number} algorithm COSE
 * @property {string[]} transports
 * @property {number} count the signature counter
 * @property {number} created
 * @property {number} used
 */

/** @typedef {import("./ports.d.ts").Transaction} Transaction */

/** A new passkey as the page sends it. */
export const newPasskey = field.object({
  id: field.encoded(1023),
  clientDataJSON: field.encoded(4096),
  authenticatorData: field.encoded(4096),
  publicKey: field.encoded(1024),
  algorithm: (value) => Number.isInteger(value) ? Number(value) : undefined,
  transports: (value) =>
    Array.isArray(value)
      ? value.filter((item) => typeof item === "string" && item.length <= 32).slice(0, 8).map(
        String,
      )
      : [],
});

/** An assertion as the page sends it. */
export const newAssertion = field.object({
  id: field.encoded(1023),
  userHandle: field.optional(field.encoded(64)),
  clientDataJSON: field.encoded(4096),
  authenticatorData: field.encoded(4096),
  signature: field.encoded(1024),
});

/**
 * @typedef {Exclude<ReturnType<typeof newPasskey>, undefined>} NewPasskey
 * @typedef {Exclude<ReturnType<typeof newAssertion>, undefined>} NewAssertion
 * @typedef {{origin: string, challenge: string, deadline: number}} Ceremony what the ticket said
 */

/** @param {string} text base64url that was checked */
const decode = (text) => /** @type {Uint8Array<ArrayBuffer>} */ (fromBase64url(text));

/**
 * @param {string | null} userHandle base64url of the user id's bytes
 * @returns {string | undefined} the user id
 */
export function readUserHandle(userHandle) {
  const bytes = userHandle === null ? undefined : fromBase64url(userHandle);
  const user = bytes && String.fromCharCode(...bytes);
  return isUser(user) ? user : undefined;
}

/**
 * Consumes a ticket's challenge; throws `bad-ticket` when it was used before.
 * @param {Transaction} tx
 * @param {Ceremony} ceremony
 */
export async function spend(tx, { challenge, deadline }) {
  if (await tx.get(`spent:${challenge}`)) throw new Refusal("bad-ticket");
  tx.set(`spent:${challenge}`, true, deadline);
}

/**
 * @param {NewPasskey} passkey
 * @param {Ceremony} ceremony
 * @param {string} name
 * @param {number} now
 * @returns {Promise<Passkey>} the record to store; throws `bad-passkey`
 */
export async function checkPasskey(passkey, ceremony, name, now) {
  const { id, publicKey, algorithm, transports } = passkey;
  const proven = await verifyCreation({
    id,
    algorithm,
    clientDataJSON: decode(passkey.clientDataJSON),
    authenticatorData: decode(passkey.authenticatorData),
    publicKey: decode(publicKey),
  }, ceremony);
  if (!proven) throw new Refusal("bad-passkey");
  return { name, publicKey, algorithm, transports, count: proven.count, created: now, used: now };
}

/**
 * Stores a passkey; throws `limit` past the most, `bad-passkey` when it is there already.
 * @param {Transaction} tx
 * @param {string} id
 * @param {Passkey} record
 */
export async function addPasskey(tx, id, record) {
  const existing = await tx.list("passkey:");
  if (existing.length >= maxPasskeys) throw tooMany;
  if (existing.some(({ key }) => key === `passkey:${id}`)) throw new Refusal("bad-passkey");
  tx.set(`passkey:${id}`, record);
}

const tooMany = new Refusal("limit", {
  message: `An account has at most ${maxPasskeys} passkeys: remove one first.`,
  extra: { limit: "passkeys" },
});

/** Spent on unknown users and passkeys, so that they take as long as known ones. @type {Promise<Passkey> | undefined} */
let decoy;

async function makeDecoy() {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const publicKey = base64url(spki);
  return { name: "", publicKey, algorithm: -7, transports: [], count: 0, created: 0, used: 0 };
}

/**
 * @param {import("./ports.d.ts").Store} store the user's
 * @param {NewAssertion} assertion
 * @param {Ceremony} ceremony
 * @param {number} now
 * @returns {Promise<{known: boolean, use?: (tx: Transaction) => Promise<void>}>} `known`: the user has such a passkey; `use`,
 *   where it is proven: what notes its use and consumes the ticket, in the transaction that does what it allows
 */
export async function checkAssertion(store, assertion, ceremony, now) {
  const key = `passkey:${assertion.id}`;
  const stored = await store.transact((tx) => tx.get(key));
  const known = stored !== undefined;
  /** @type {Passkey} */
  const passkey = stored ?? await (decoy ??= makeDecoy());
  const proven = await verifyAssertion(
    {
      clientDataJSON: decode(assertion.clientDataJSON),
      authenticatorData: decode(assertion.authenticatorData),
      signature: decode(assertion.signature),
    },
    { ...passkey, publicKey: decode(passkey.publicKey) },
    ceremony,
  );
  if (!known || !proven) return { known };
  const use = async (/** @type {Transaction} */ tx) => {
    const current = await tx.get(key);
    // Removed meanwhile, or its counter moved on by another sign-in with the same value.
    if (!current || (proven.count > 0 && proven.count <= current.count)) {
      throw new Refusal("bad-passkey");
    }
    await spend(tx, ceremony);
    tx.set(key, { ...current, count: proven.count, used: now });
  };
  return { known, use };
}

/** @param {import("./ports.d.ts").Entry<Passkey>} entry */
const view = ({ key, value: { name, created, used } }) => ({
  id: key.slice("passkey:".length),
  name,
  created,
  used,
});

/** @type {Record<string, import("./orbit.js").Operation>} */
export const passkeyOperations = {
  "passkeys.list": {
    signin: true,
    run: ({ store }) =>
      store.transact(async (tx) => ({ passkeys: byAge(await tx.list("passkey:")).map(view) })),
  },

  "passkeys.prepare": {
    signin: true,
    fresh: true,
    run: ({ store }) =>
      store.transact(async (tx) => ({
        name: (await tx.get("account")).name,
        exclude: (await tx.list("passkey:")).map(({ key }) => key.slice("passkey:".length)),
      })),
  },

  "passkeys.add": {
    signin: true,
    fresh: true,
    run: async ({ store, now }, { passkey, name, ceremony, address }) => {
      const record = await checkPasskey(passkey, ceremony, name, now);
      await store.transact(async (tx) => {
        await spend(tx, ceremony);
        await addPasskey(tx, passkey.id, record);
        await note(tx, now, { what: "passkey-added", name, address });
      });
      return { passkey: view({ key: `passkey:${passkey.id}`, value: record }) };
    },
  },

  "passkeys.rename": {
    signin: true,
    run: ({ store }, { id, name }) =>
      store.transact(async (tx) => {
        const key = `passkey:${id}`;
        const passkey = await tx.get(key);
        if (!passkey) throw new Refusal("not-found");
        tx.set(key, { ...passkey, name });
        return { passkey: view({ key, value: { ...passkey, name } }) };
      }),
  },

  "passkeys.remove": {
    signin: true,
    fresh: true,
    run: ({ store, now }, { id, address }) =>
      store.transact(async (tx) => {
        const passkeys = await tx.list("passkey:");
        const passkey = passkeys.find(({ key }) => key === `passkey:${id}`);
        if (!passkey) throw new Refusal("not-found");
        if (passkeys.length === 1 && !await tx.get("totp")) throw new Refusal("last-way-in");
        tx.delete(`passkey:${id}`);
        await note(tx, now, { what: "passkey-removed", name: passkey.value.name, address });
        return {};
      }),
  },

  /** The passkeys of the account, for a verification of the user who is signed in. */
  "passkeys.allow": {
    signin: true,
    run: ({ store }) =>
      store.transact(async (tx) =>
        (await tx.list("passkey:")).map(({ key }) => key.slice("passkey:".length))
      ),
  },
};
