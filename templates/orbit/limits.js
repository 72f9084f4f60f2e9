// Limits on what anyone may try without being signed in. Only failures and new records are counted, so a success is
// never held against a person; an address that went over is refused here without another look at the store.
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
  /** Counts some and answers until when the key is over its allowance, 0 when it is not. */
  "limit.count": {
    run: ({ store, now }, { key, add, most }) =>
      store.transact(async (tx) => {
        const before = await tx.get(`count:${key}`);
        const count = (before?.count ?? 0) + add;
        const until = before ? before.until : now + window;
        tx.set(`count:${key}`, { count, until }, until);
        return { over: count > most ? until : 0, count };
      }),
  },
};

/**
 * @param {(scope: string, name: string, args: import("./ports.d.ts").Json) => Promise<{over: number, count: number}>} call
 * @param {() => number} now
 */
export function limiter(call, now) {
  /** @type {Map<string, number>} */
  const over = new Map();
  /** How many attempts are under way. @type {Map<string, number>} */
  const running = new Map();
  /**
   * The keys that are being counted: since when, how many wait for it to be written, how many there are as far as is known.
   * @type {Map<string, {since: number, waiting: number, count: number}>}
   */
  const counting = new Map();

  /** @param {number} until */
  const refusal = (until) =>
    new Refusal("slow-down", { retryAfter: Math.max(1, Math.ceil((until - now()) / 1000)) });

  /** @param {string} kind @param {string} address @returns {number} until when it is over, 0 when it is not */
  function overUntil(kind, address) {
    const key = `${kind} ${address}`;
    const until = over.get(key) ?? 0;
    if (until > now()) return until;
    over.delete(key);
    return 0;
  }

  /** @param {string} kind @param {string} address */
  function check(kind, address) {
    const until = overUntil(kind, address);
    if (until > 0) throw refusal(until);
  }

  /**
   * Counts `add` of a key in the store.
   * @param {string} kind
   * @param {string} key
   * @param {number} add
   * @returns {Promise<{over: number, count: number}>}
   */
  async function write(kind, key, add) {
    try {
      // Whom it counts is not to be read from the store.
      const args = { key: await digest(key), add, most: allowance[kind] };
      const answer = await call(await slice("limit", key), "limit.count", args);
      if (answer.over > 0) {
        if (over.size >= maxRemembered) {
          over.delete(/** @type {string} */ (over.keys().next().value));
        }
        over.set(key, answer.over);
      }
      return answer;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Other instances count the same all the time.
      throw refusal(now() + 1000);
    }
  }

  /** @param {string} kind @param {string} address */
  async function count(kind, address) {
    const key = `${kind} ${address}`;
    let state = counting.get(key);
    if (state && now() - state.since < patience) {
      // Nobody waits for another's request: not every platform lets one. Whoever writes counts this one too.
      state.waiting++;
      state.count++;
      if (state.count > allowance[kind]) throw refusal(now() + 1000);
      return;
    }
    state = { since: now(), waiting: 0, count: 1 };
    counting.set(key, state);
    try {
      const answer = await write(kind, key, 1);
      while (state.waiting > 0) {
        const add = state.waiting;
        Object.assign(state, { since: now(), waiting: 0 });
        state.count = (await write(kind, key, add)).count + state.waiting;
      }
      if (answer.over > 0) throw refusal(answer.over);
    } finally {
      if (counting.get(key) === state) counting.delete(key);
    }
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
      const key = `${kind} ${address}`;
      const before = running.get(key) ?? 0;
      if (before >= allowance[kind]) throw refusal(now() + 1000);
      running.set(key, before + 1);
      return () => {
        const left = (running.get(key) ?? 1) - 1;
        if (left > 0) running.set(key, left);
        else running.delete(key);
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
