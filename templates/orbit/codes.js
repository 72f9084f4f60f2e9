// Device codes (RFC 8628): how a machine without a browser joins an account. The record lies in the scope that the user
// code hashes to; it says which user and machine it became, and counts only once that user has that machine.
import { digest } from "./encoding.js";
import { Refusal } from "./errors.js";
import { fingerprint, newSecret, newUserCode, thumbprint } from "./ids.js";

/** The life of a code, in milliseconds. */
export const codeTime = 10 * 60 * 1000;
/** The interval between two polls, in seconds; one that is told `slow_down` waits for as much more (RFC 8628 section 3.5). */
export const pollInterval = 5;

/**
 * @typedef {object} Code the record
 * @property {string} name
 * @property {import("./fields.js").PublicKey} jwk
 * @property {string} device SHA-256 of the device code's secret part
 * @property {number} expires
 * @property {number} polled when it was last asked for in time
 * @property {"pending" | "approved" | "denied"} state
 * @property {string} [user]
 * @property {string} [machine]
 */

/**
 * @returns {{code: string, secret: string}} a user code and the secret part of its device code
 */
export const newCode = () => ({ code: newUserCode(), secret: newSecret() });

/** @param {string} code */
const codeKey = (code) => `code:${code}`;

/**
 * @param {import("./ports.d.ts").Transaction} tx
 * @param {string} code
 * @returns {Promise<Code>} throws `bad-code` when it is unknown, expired or was decided
 */
async function pending(tx, code) {
  /** @type {Code | undefined} */
  const record = await tx.get(codeKey(code));
  if (!record || record.state !== "pending") throw new Refusal("bad-code");
  return record;
}

/**
 * @param {import("./ports.d.ts").Transaction} tx
 * @param {string} code
 * @param {string} user
 * @returns {Promise<Code>} throws `bad-code` unless it is pending, or approved by the same user
 */
async function approvable(tx, code, user) {
  /** @type {Code | undefined} */
  const record = await tx.get(codeKey(code));
  const mine = record?.state === "approved" && record.user === user;
  if (!record || !(record.state === "pending" || mine)) throw new Refusal("bad-code");
  return record;
}

/** @type {Record<string, import("./orbit.js").Operation>} */
export const codeOperations = {
  /** Keeps a new code; answers false when the code is taken. */
  "code.make": {
    run: ({ store, now }, { code, secret, name, jwk }) =>
      store.transact(async (tx) => {
        if (await tx.get(codeKey(code))) return false;
        const expires = now + codeTime;
        const device = await digest(secret);
        tx.set(`device:${device}`, code, expires);
        /** @type {Code} */
        const record = {
          name,
          jwk,
          device,
          expires,
          polled: 0,
          state: "pending",
        };
        tx.set(codeKey(code), record, expires);
        return true;
      }),
  },

  "code.look": {
    run: ({ store }, { code }) =>
      store.transact(async (tx) => {
        const { name, jwk, expires } = await pending(tx, code);
        return { name, jwk, expires, fingerprint: fingerprint(await thumbprint(jwk)) };
      }),
  },

  /** The key of a code that the user may approve. */
  "code.key": {
    run: ({ store }, { code, user }) =>
      store.transact(async (tx) => {
        const record = await approvable(tx, code, user);
        return { jwk: record.jwk };
      }),
  },

  /** Binds a code to a user and a machine id; the same user may do so again, so that a lost answer does no harm. */
  "code.approve": {
    run: ({ store }, { code, user, machine }) =>
      store.transact(async (tx) => {
        const record = await approvable(tx, code, user);
        const id = record.machine ?? machine;
        const next = { ...record, state: "approved", user, machine: id };
        tx.set(codeKey(code), next, record.expires);
        return { id, name: record.name, jwk: record.jwk, expires: record.expires };
      }),
  },

  "code.deny": {
    run: ({ store }, { code }) =>
      store.transact(async (tx) => {
        const record = await pending(tx, code);
        tx.set(codeKey(code), { ...record, state: "denied" }, record.expires);
        return {};
      }),
  },

  /** Forgets a code that the user approved. */
  "code.drop": {
    run: ({ store }, { code, user }) =>
      store.transact(async (tx) => {
        /** @type {Code | undefined} */
        const record = await tx.get(codeKey(code));
        if (!record || record.user !== user) return;
        tx.delete(codeKey(code));
        tx.delete(`device:${record.device}`);
      }),
  },

  /** What the machine's poll is answered: an error of RFC 8628 section 3.5, or who it became. */
  "code.poll": {
    run: ({ store, now }, { secret }) =>
      store.transact(async (tx) => {
        const code = await tx.get(`device:${await digest(secret)}`);
        /** @type {Code | undefined} */
        const record = code && await tx.get(codeKey(code));
        if (!record) return { error: "expired_token" };
        // Nothing is written for one that comes early, so that nobody has the store written to without a limit.
        if (now - record.polled < pollInterval * 1000) return { error: "slow_down" };
        tx.set(codeKey(code), { ...record, polled: now }, record.expires);
        if (record.state === "denied") return { error: "access_denied" };
        if (record.state === "pending") return { error: "authorization_pending" };
        return { user: record.user, machine: record.machine };
      }),
  },
};
