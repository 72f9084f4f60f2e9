// Limits on what anyone may try without being signed in. Only failures and new records are counted, so a success is
// never held against a person; past the limit nothing is written.
import { digest, slice } from "./encoding.js";
import { Refusal } from "./errors.js";

const window = 10 * 60 * 1000;
/** A count that takes longer was given up with its request, in milliseconds. */
const patience = 5_000;
/** The most addresses whose state is remembered by one instance. */
const maxRemembered = 10_000;

/** How many of each an address, a sign-in or a user has in 10 minutes. @type {Record<string, number>} */
export const allowance = {
  /** wrong links, passkeys, tickets */
  "try": 30,
  /** wrong recovery codes */
  "recovery": 30,
  /** wrong one-time codes */
  "one-time": 30,
  /** wrong user codes: of a user, since one can sign in as often as one likes */
  "guess": 30,
  /** refused tokens of machines and deployers, unknown device codes */
  "token": 300,
  /** device codes that were handed out */
  "code": 30,
};

/**
 * What nobody can guess: it is looked at past the limit too (see `admit`), and only what is wrong is told to slow down. Behind a front, or
 * in a network with one address, a stranger would else keep everyone out with a few wrong ones.
 */
export const unguessable = new Set(["try", "recovery", "token"]);

/**
 * What an address is counted as: a customer of IPv6 has a whole /64.
 * @param {string} address
 * @returns {string}
 */
export function addressKey(address) {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1];
  if (!address.includes(":")) return address;
  const [head, tail] = address.split("%")[0].toLowerCase().split("::");
  const groups = head ? head.split(":") : [];
  const end = tail ? tail.split(":") : [];
  if (tail !== undefined) {
    while (groups.length + end.length < 8) groups.push("0");
    groups.push(...end);
  }
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":") + "::/64";
}

/** @type {Record<string, import("./orbit.js").Operation>} */
export const limitOperations = {
  /** Counts some and answers how many there are, until when. */
  "limit.count": {
    run: ({ store, now }, { key, add }) =>
      store.transact(async (tx) => {
        const before = await tx.get(`count:${key}`);
        const count = (before?.count ?? 0) + add;
        const until = before ? before.until : now + window;
        tx.set(`count:${key}`, { count, until }, until);
        return { count, until };
      }),
  },
};

/**
 * What an instance knows of one key.
 * @typedef {object} Tally
 * @property {number} count as far as is known here
 * @property {number} until when it begins anew
 * @property {number} running attempts that are under way, or were given up with their request: not every platform says so
 * @property {number} waiting how many were counted here and are not in the store yet
 * @property {number} writing since when one writes; 0: nobody does
 */

/**
 * @param {(scope: string, name: string, args: import("./ports.d.ts").Json) => Promise<{count: number, until: number}>} call
 * @param {() => number} now
 */
export function limiter(call, now) {
  /** @type {Map<string, Tally>} */
  const tallies = new Map();

  /** @param {number} until */
  const refusal = (until) =>
    new Refusal("slow-down", { retryAfter: Math.max(1, Math.ceil((until - now()) / 1000)) });

  /** @param {string} key @returns {Tally} */
  function tallyOf(key) {
    let tally = tallies.get(key);
    if (!tally) {
      if (tallies.size >= maxRemembered) {
        tallies.delete(/** @type {string} */ (tallies.keys().next().value));
      }
      tally = { count: 0, until: 0, running: 0, waiting: 0, writing: 0 };
      tallies.set(key, tally);
    }
    // The store says until when once it was asked.
    if (tally.until <= now()) {
      Object.assign(tally, { count: tally.waiting, until: now() + window, running: 0 });
    }
    return tally;
  }

  /** @param {string} kind @param {string} address @returns {number} until when it is over, 0 when it is not */
  function overUntil(kind, address) {
    const tally = tallies.get(`${kind} ${address}`);
    if (!tally || tally.until <= now() || tally.count <= allowance[kind]) return 0;
    return tally.until;
  }

  /** @param {string} kind @param {string} address */
  function check(kind, address) {
    const until = overUntil(kind, address);
    if (until > 0) throw refusal(until);
  }

  /**
   * Writes one, and those that came meanwhile.
   * @param {string} key
   * @param {Tally} tally
   * @returns {Promise<{count: number, until: number}>} what the one made of it
   */
  async function write(key, tally) {
    let first;
    tally.writing = now();
    // Whom it counts is not to be read from the store.
    const [scope, hidden] = [await slice("limit", key), await digest(key)];
    try {
      for (let add = 1; add > 0; add = tally.waiting) {
        if (first) tally.waiting = 0;
        const answer = await call(scope, "limit.count", { key: hidden, add });
        first ??= answer;
        const { count, until } = answer;
        Object.assign(tally, { count: count + tally.waiting, until, writing: now() });
      }
      return /** @type {{count: number, until: number}} */ (first);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Other instances count the same all the time.
      throw refusal(now() + 1000);
    } finally {
      tally.writing = 0;
    }
  }

  /** @param {string} kind @param {string} address */
  async function count(kind, address) {
    const key = `${kind} ${address}`;
    const tally = tallyOf(key);
    const mine = ++tally.count;
    if (tally.writing > 0 && now() - tally.writing < patience) {
      // Nobody waits for another's request: not every platform lets one. Whoever writes counts this one too.
      tally.waiting++;
      if (mine > allowance[kind]) throw refusal(tally.until);
      return;
    }
    const first = await write(key, tally);
    if (first.count > allowance[kind]) throw refusal(first.until);
  }

  return {
    /** @param {string} kind of `allowance` @param {string} address or whatever it is counted by */
    isOver: (kind, address) => overUntil(kind, address) > 0,
    /** Throws `slow-down` when it is over: before what can be guessed, or makes a record. */
    check,
    /**
     * The same for an attempt that begins: of so many at once that they would pass the limit before one of them is counted,
     * the rest is refused.
     * @param {string} kind
     * @param {string} address
     * @returns {() => void} to be called when it is over
     */
    begin(kind, address) {
      check(kind, address);
      const tally = tallyOf(`${kind} ${address}`);
      if (tally.count + tally.running > allowance[kind]) throw refusal(now() + 1000);
      tally.running++;
      return () => {
        tally.running = Math.max(0, tally.running - 1);
      };
    },
    /** Counts one; throws `slow-down` from the first that is over. */
    count,
    /**
     * Counts one that failed; throws `slow-down` when it is over, without another look at the store.
     * @param {string} kind
     * @param {string} address
     */
    async failed(kind, address) {
      check(kind, address);
      await count(kind, address);
    },
  };
}
