// Sign-ins: a browser's cookie and its record. The record decides; without it the cookie opens nothing.
import { Refusal } from "./errors.js";
import { newSignin } from "./ids.js";
import { note, noteFailure } from "./log.js";
import { checkAssertion } from "./passkeys.js";
import { revokeConnections } from "./presence.js";
import { signinLife } from "./tokens.js";
import { unlockCodes, withCode } from "./totp.js";

/** The most sign-ins of a user; one more ends the longest unused. */
const maxSignins = 64;
/** A verification counts as fresh for this long, in milliseconds. */
const freshTime = 5 * 60 * 1000;
/** When it was last used is written at most this often, in milliseconds: a write for every request is not worth it. */
const seenStep = 5 * 60 * 1000;
/** How long an anchor that was away learns which sign-ins were ended: longer than it keeps a session without its page. */
const revokedTime = 25 * 60 * 60 * 1000;

/**
 * @typedef {object} Signin
 * @property {string} device what the browser calls itself
 * @property {string} address of the last use
 * @property {number} created
 * @property {number} seen
 * @property {number} renewed when its cookie was last issued
 * @property {number} verified when the user was last verified
 */

/** @typedef {import("./ports.d.ts").Transaction} Transaction */

/** @param {Signin} signin @returns {number} when it ends if it is not used, in milliseconds */
export const signinEnd = ({ renewed }) => renewed + signinLife * 1000;

/** @param {Transaction} tx @param {string} id @param {Signin} signin */
const save = (tx, id, signin) => tx.set(`signin:${id}`, signin, signinEnd(signin));

/** @param {Signin} signin @param {number} now @returns {boolean} */
const isFresh = (signin, now) => now - signin.verified <= freshTime;

/**
 * The store as a sign-in may use it. Each transaction reads the sign-in's record, so that one that is ended while
 * something is under way, and one whose account is removed, cannot write a thing after its end.
 * @param {import("./ports.d.ts").Store} store
 * @param {string} id
 * @param {number | null} fresh the time at which its last verification must be fresh; null: it need not
 * @returns {import("./ports.d.ts").Store} its transactions throw `signed-out` or `verify-first`
 */
export const storeOfSignin = (store, id, fresh) => ({
  transact: (change) =>
    store.transact(async (tx) => {
      const record = await tx.get(`signin:${id}`);
      if (!record) throw new Refusal("signed-out");
      if (fresh !== null && !isFresh(record, fresh)) throw new Refusal("verify-first");
      return await change(tx);
    }),
});

/**
 * Adds a sign-in and ends the longest unused ones past the limit.
 * @param {Transaction} tx
 * @param {{device: string, address: string}} from
 * @param {number} now
 * @returns {Promise<{id: string, ended: string[]}>} whoever calls closes the connections of `ended`
 */
export async function startSignin(tx, { device, address }, now) {
  const existing = await tx.list("signin:");
  existing.sort((a, b) => a.value.seen - b.value.seen);
  const ended = existing.slice(0, Math.max(0, existing.length - maxSignins + 1))
    .map(({ key }) => key.slice("signin:".length));
  for (const id of ended) await endSignin(tx, id, now);
  const id = newSignin();
  save(tx, id, { device, address, created: now, seen: now, renewed: now, verified: now });
  return { id, ended };
}

/**
 * Ends a sign-in, and the link to a further device that it made: who had it is not to come back.
 * @param {Transaction} tx
 * @param {string} id
 * @param {number} now
 */
export async function endSignin(tx, id, now) {
  tx.delete(`signin:${id}`);
  for (const { key, value } of await tx.list("link:device:")) {
    if (value.signin === id) tx.delete(key);
  }
  tx.set(`revoked:${id}`, now, now + revokedTime);
}

/**
 * @param {Transaction} tx
 * @param {number} now
 * @returns {Promise<string[]>} the ids of all, which are ended now
 */
export async function endAllSignins(tx, now) {
  const ids = (await tx.list("signin:")).map(({ key }) => key.slice("signin:".length));
  for (const id of ids) await endSignin(tx, id, now);
  return ids;
}

/**
 * @param {Transaction} tx
 * @param {string} id
 * @param {number} now
 */
async function verified(tx, id, now) {
  const record = await tx.get(`signin:${id}`);
  if (!record) throw new Refusal("signed-out");
  save(tx, id, { ...record, verified: now });
}

/** @type {Record<string, import("./orbit.js").Operation>} */
export const signinOperations = {
  /** Notes the use of a sign-in; `renew` prolongs its record together with its cookie. */
  "signins.use": {
    signin: true,
    run: ({ store, now, signin }, { sid, address, renew }) =>
      store.transact(async (tx) => {
        const record = await tx.get(`signin:${sid}`);
        if (!record) throw new Refusal("signed-out");
        if (renew || record.address !== address || now - record.seen > seenStep) {
          save(tx, sid, { ...record, seen: now, address, renewed: renew ? now : record.renewed });
        }
        return { id: sid, fresh: isFresh(signin, now), created: record.created };
      }),
  },

  /** Does nothing but look at the record, before something in another scope. */
  "signins.check": { signin: true, run: () => ({}) },
  "signins.fresh": { signin: true, fresh: true, run: () => ({}) },

  /** Verifies the user again: the sign-in is fresh from now on. */
  "signins.verify": {
    signin: true,
    run: async (at, { sid, assertion, ceremony, address }) => {
      const { store, now } = at;
      const { known, use } = await checkAssertion(store, assertion, ceremony, now);
      if (!use) {
        if (known) await store.transact((tx) => noteFailure(tx, at, address));
        throw new Refusal("bad-passkey");
      }
      await store.transact(async (tx) => {
        await use(tx);
        await unlockCodes(tx);
        await verified(tx, sid, now);
      });
      return { fresh: true };
    },
  },

  /** The same with a one-time code. */
  "signins.code": {
    signin: true,
    run: async (at, { sid, code, address }) => {
      const given = { code, address, noted: true };
      await withCode(at, given, "own", (tx) => verified(tx, sid, at.now));
      return { fresh: true };
    },
  },

  "signins.list": {
    signin: true,
    run: ({ store }, { sid }) =>
      store.transact(async (tx) => {
        const signins = (await tx.list("signin:")).map(({ key, value }) => {
          const id = key.slice("signin:".length);
          const { device, created, seen, address } = value;
          return { id, device, created, seen, address, current: id === sid };
        });
        return { signins: signins.sort((a, b) => b.seen - a.seen) };
      }),
  },

  /** Ends one sign-in of the user, or all: the sockets close and the anchors end the sessions. */
  "signins.revoke": {
    signin: true,
    run: async (at, { id, all, address }) => {
      const ids = await at.store.transact(async (tx) => {
        const record = all ? undefined : await tx.get(`signin:${id}`);
        if (!all && !record) throw new Refusal("not-found");
        const { device } = record ?? {};
        await note(tx, at.now, { what: all ? "signed-out-all" : "signed-out", device, address });
        if (all) return await endAllSignins(tx, at.now);
        await endSignin(tx, id, at.now);
        return [id];
      });
      await revokeConnections(at, all ? undefined : ids);
      return {};
    },
  },
};
