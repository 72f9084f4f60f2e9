// Sign-in names (`login`). An index, in slices of its own, says whose a name is; the user's scope says whether it is
// used, and that is what counts. No step spans both, so that
// - a user changes names one change at a time: a lease in the user's scope, which must last when codes are turned on;
// - an entry of the index is reserved for longer than such a lease, and after that it is its user's only while it is used;
// - a name is noted in the user's scope before it is entered, so that what erases an account finds every entry.
import { digest, slice } from "./encoding.js";
import { Refusal } from "./errors.js";
import { newSecret } from "./ids.js";

/** How long one change of a user's names may take, in milliseconds. */
const leaseTime = 60_000;
/** How long an entry is its user's without being used, in milliseconds: longer than the lease, by more than clocks differ. */
const reserveTime = 2 * leaseTime;

/** @typedef {import("./ports.d.ts").Transaction} Transaction */
/** @typedef {import("./orbit.js").Edge} Edge */
/** @typedef {{user: string, since: number}} Name an entry of the index, and when it was taken */

/**
 * @param {string} name
 * @returns {string} as it is compared: case, width and blanks do not count
 */
export const loginForm = (name) => name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();

/** @param {string} login @returns {Promise<string>} the slice of the index that it is in */
export const loginScope = (login) => slice("name", login);

/** @param {string} login whatever its letters, a key of the same length */
const nameKey = async (login) => `name:${await digest(login)}`;
/** @param {string} login */
const noteKey = async (login) => `login:${await digest(login)}`;

/**
 * Begins a change of a user's names; throws `slow-down` while another one is under way.
 * @param {Transaction} tx
 * @param {number} now
 * @returns {Promise<string>} the lease
 */
export async function lease(tx, now) {
  if (await tx.get("naming")) throw new Refusal("slow-down", { retryAfter: leaseTime / 1000 });
  const id = newSecret();
  tx.set("naming", id, now + leaseTime);
  return id;
}

/** @param {Transaction} tx @param {string} login may be entered under its user from now on */
export const noteLogin = async (tx, login) => tx.set(await noteKey(login), login);

/** @param {Transaction} tx @returns {Promise<string[]>} every name that may be entered under the user */
export const notedLogins = async (tx) => (await tx.list("login:")).map(({ value }) => value);

/**
 * Takes a name that nobody else uses; throws `name-taken`.
 * @param {Edge} edge
 * @param {string} user
 * @param {string} login
 * @returns {Promise<number>} when it was taken
 */
export async function takeName(edge, user, login) {
  const scope = await loginScope(login);
  /** @type {Name | null} */
  const found = await edge.call(scope, "name.find", { login });
  const others = found !== null && found.user !== user;
  const held = others && (edge.now - found.since < reserveTime ||
    await edge.call(`user:${found.user}`, "totp.known", { login }));
  const since = held ? null : await edge.call(scope, "name.take", { login, user, before: found });
  if (since === null) throw new Refusal("name-taken");
  return since;
}

/**
 * @param {Edge} edge
 * @param {string} user
 * @param {string} login
 * @param {number} [since] only the entry of that time
 */
export const dropName = async (edge, user, login, since) =>
  await edge.call(await loginScope(login), "name.drop", { login, user, since });

/**
 * Ends a change of a user's names: those that are not used leave the index.
 * @param {Edge} edge
 * @param {string} user
 * @param {string} id the lease; one that has ended leaves it all to the next change
 */
export async function settleNames(edge, user, id) {
  /** @type {string[]} */
  const unused = await edge.call(`user:${user}`, "logins.unused", { id });
  for (const login of unused) await dropName(edge, user, login);
  await edge.call(`user:${user}`, "logins.settle", { id, unused });
}

/** @type {Record<string, import("./orbit.js").Operation>} */
export const loginOperations = {
  "logins.unused": {
    run: ({ store }, { id }) =>
      store.transact(async (tx) => {
        if (await tx.get("naming") !== id) return [];
        const used = (await tx.get("totp"))?.login;
        return (await notedLogins(tx)).filter((login) => login !== used);
      }),
  },

  "logins.settle": {
    run: ({ store }, { id, unused }) =>
      store.transact(async (tx) => {
        if (await tx.get("naming") !== id) return;
        tx.delete("naming");
        for (const login of unused) tx.delete(await noteKey(login));
      }),
  },

  /** In a slice of the index: the entry of a name. */
  "name.find": {
    run: ({ store }, { login }) =>
      store.transact(async (tx) => (await tx.get(await nameKey(login))) ?? null),
  },

  /** In a slice of the index: takes a name whose entry is still the one that was found. Answers when, or null. */
  "name.take": {
    run: ({ store, now }, { login, user, before }) =>
      store.transact(async (tx) => {
        const key = await nameKey(login);
        /** @type {Name | undefined} */
        const entry = await tx.get(key);
        if (entry?.user !== before?.user || entry?.since !== before?.since) return null;
        tx.set(key, { user, since: now });
        return now;
      }),
  },

  "name.drop": {
    run: ({ store }, { login, user, since }) =>
      store.transact(async (tx) => {
        const key = await nameKey(login);
        /** @type {Name | undefined} */
        const entry = await tx.get(key);
        if (!entry || entry.user !== user || (since ?? entry.since) !== entry.since) return;
        tx.delete(key);
      }),
  },
};
