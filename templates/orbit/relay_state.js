// The `relay` scope: what concerns the whole relay. Its origin, who owns it, the keys that cookies and tickets are
// signed with, the list of users.
import { base64url, fromBase64url, randomBytes } from "./encoding.js";
import { newUser } from "./ids.js";
import { hmacKey } from "./jwt.js";
import { Refusal } from "./errors.js";

const day = 24 * 60 * 60 * 1000;
/** The most users of a relay. */
const maxUsers = 2000;
/** A new signing key is made when the newest is this old. */
const keyAge = 30 * day;
/** A cookie lives 30 days and is renewed daily, so a key that is this much older than its successor signs nothing alive. */
const keyLife = keyAge + 32 * day;
/** A key signs only after every instance has had time to read it: twice the time that they use what they have read. */
const keyRest = 120_000;
/** How long what was read is used again, in milliseconds. */
const cacheTime = 60_000;
/** How soon an unknown key id, user or invite may cause another read, in milliseconds: anyone can name one. */
const rereadTime = 5_000;

/**
 * @typedef {object} RelayState
 * @property {string | null} origin
 * @property {string} owner the user who owns the relay, or will once the claim link was used
 * @property {Record<string, {key: string, created: number}>} keys by kid
 * @property {string} current kid of the key that signs
 */

/**
 * @param {import("./ports.d.ts").Transaction} tx
 * @param {number} now
 * @returns {[kid: string, key: {key: string, created: number}]} a new signing key
 */
function addKey(tx, now) {
  const kid = base64url(randomBytes(8));
  const made = { key: base64url(randomBytes(32)), created: now };
  tx.set(`key:${kid}`, made, now + keyLife);
  return [kid, made];
}

/** @type {Record<string, import("./orbit.js").Operation>} */
export const relayOperations = {
  /** Reads the state; makes the owner's id and a signing key when there are none, and a key when the newest is old. */
  "relay.state": {
    run: ({ store, now }) =>
      store.transact(async (tx) => {
        const origin = await tx.get("origin") ?? null;
        let owner = await tx.get("owner");
        if (!owner) tx.set("owner", owner = newUser());
        /** @type {RelayState["keys"]} */
        const keys = {};
        for (const { key, value } of await tx.list("key:")) keys[key.slice("key:".length)] = value;
        const newest = Math.max(0, ...Object.values(keys).map(({ created }) => created));
        if (newest < now - keyAge) {
          const [kid, made] = addKey(tx, now);
          keys[kid] = made;
        }
        return { origin, owner, keys, current: signingKey(keys, now) };
      }),
  },

  /** Pins the origin unless one is pinned; answers the one that is. */
  "relay.pin": {
    run: ({ store }, { origin }) =>
      store.transact(async (tx) => {
        const pinned = await tx.get("origin");
        if (pinned === undefined) tx.set("origin", origin);
        return { origin: pinned ?? origin };
      }),
  },

  /** Consumes a deployer's token; throws `bad-token` when it was used before. */
  "relay.consume": {
    run: ({ store }, { jti, deadline }) =>
      store.transact(async (tx) => {
        if (await tx.get(`jti:${jti}`)) throw new Refusal("bad-token");
        tx.set(`jti:${jti}`, true, deadline);
      }),
  },

  /** Notes an account before it is made; it counts only if the account is there. */
  "relay.note": {
    run: ({ store, now }, { user }) =>
      store.transact(async (tx) => {
        if (await tx.get(`user:${user}`)) return;
        const count = await tx.get("user-count") ?? 0;
        if (count >= maxUsers) {
          throw new Refusal("limit", {
            message: `A relay has at most ${maxUsers} users: its owner can remove one.`,
            extra: { limit: "users" },
          });
        }
        tx.set("user-count", count + 1);
        tx.set(`user:${user}`, { noted: now });
      }),
  },

  "relay.users": {
    run: ({ store }) =>
      store.transact(async (tx) =>
        (await tx.list("user:")).map(({ key, value }) => ({
          id: key.slice("user:".length),
          noted: value.noted,
        }))
      ),
  },

  "relay.forget": {
    run: ({ store }, { user }) =>
      store.transact(async (tx) => {
        if (!await tx.get(`user:${user}`)) return;
        tx.delete(`user:${user}`);
        tx.set("user-count", (await tx.get("user-count") ?? 1) - 1);
      }),
  },

  /** Hands the relay over; throws `not-owner` when it is not theirs any more. */
  "relay.give": {
    run: ({ store }, { from, to }) =>
      store.transact(async (tx) => {
        if (await tx.get("owner") !== from) throw new Refusal("not-owner");
        tx.set("owner", to);
      }),
  },
};

/**
 * @param {RelayState["keys"]} keys at least one
 * @param {number} now
 * @returns {string} the newest that has rested, or the only ones there are
 */
export function signingKey(keys, now) {
  const byAge = Object.keys(keys).sort((a, b) => keys[b].created - keys[a].created);
  return byAge.find((kid) => keys[kid].created <= now - keyRest) ?? byAge[byAge.length - 1];
}

/**
 * A view of the relay's state for one instance of the relay, read again after 60 s.
 * @param {(name: string) => Promise<import("./ports.d.ts").Json>} read runs an operation in the `relay` scope
 * @param {() => number} now
 */
export function relayState(read, now) {
  /** @type {Promise<RelayState> | undefined} */
  let cached;
  let readAt = 0;
  /** @type {Map<string, Promise<CryptoKey>>} */
  const imported = new Map();
  /** @type {Set<string>} */
  let users = new Set();
  let usersAt = -Infinity;

  /** @returns {Promise<RelayState>} */
  const fresh = () => {
    readAt = now();
    const reading = read("relay.state");
    cached = reading;
    // What failed is asked for again by the next request.
    reading.catch(() => cached === reading && (cached = undefined));
    return reading;
  };
  /** @param {number} time milliseconds @returns {Promise<RelayState>} as it was read at most so long ago */
  const within = (time) => cached && now() - readAt < time ? cached : fresh();
  const state = () => within(cacheTime);

  /** @param {string} kid @param {RelayState} from */
  const load = (kid, from) => {
    let key = imported.get(kid);
    if (!key) {
      key = hmacKey(/** @type {Uint8Array<ArrayBuffer>} */ (fromBase64url(from.keys[kid].key)));
      imported.set(kid, key);
    }
    return key;
  };

  return {
    state,
    /** As it was a few seconds ago at most, for what anyone may ask. */
    recent: () => within(rereadTime),
    /** Reads it again whatever is cached. */
    fresh,
    /** @param {string} user @returns {Promise<boolean>} whether the relay is theirs */
    isOwner: async (user) => (await state()).owner === user,
    /** @param {string} user @returns {Promise<boolean>} whether there is such a user; one of the last seconds may be missed */
    async isKnown(user) {
      if (users.has(user) || (await state()).owner === user) return true;
      if (now() - usersAt < rereadTime) return false;
      usersAt = now();
      /** @type {{id: string}[]} */
      const all = await read("relay.users");
      users = new Set(all.map(({ id }) => id));
      return users.has(user);
    },
    /** @returns {Promise<{kid: string, key: CryptoKey}>} what to sign with */
    async signing() {
      const current = await state();
      return { kid: current.current, key: await load(current.current, current) };
    },
    /**
     * @param {unknown} kid
     * @returns {Promise<CryptoKey | undefined>} the key of that id, asked for again when it is not known here
     */
    async verifying(kid) {
      if (typeof kid !== "string") return undefined;
      let current = await state();
      if (!Object.hasOwn(current.keys, kid)) {
        if (now() - readAt < rereadTime) return undefined;
        current = await fresh();
      }
      return Object.hasOwn(current.keys, kid) ? await load(kid, current) : undefined;
    },
  };
}
