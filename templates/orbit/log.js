// What happened to an account: who signed in from where, what was added and removed. No content of any thread.
//
// Two rings, so that it is bounded and one that guesses cannot push out what matters: the 500 last events, and the 50 last
// addresses that failed.
import { sha256 } from "./encoding.js";
import { isNobody } from "./nobody.js";

const ring = 500;
const failureRing = 50;
/** How long an entry is kept, in milliseconds. */
const life = 90 * 24 * 60 * 60 * 1000;
/** Failures of one address, and the same event again, are one entry within this time. In milliseconds. */
const together = 60 * 60 * 1000;

/** @typedef {import("./ports.d.ts").Transaction} Transaction */

/**
 * @typedef {object} Event
 * @property {string} what see docs/protocol.md, section 2
 * @property {string} [address]
 * @property {string} [device]
 * @property {string} [name] of the passkey, machine or user that it is about
 * @property {string} [by] how: `passkey`, `code`, `recovery`
 * @property {number} [count] how often it happened, if more than once
 */

/**
 * @param {Transaction} tx
 * @param {number} now
 * @param {Event} event
 */
export async function note(tx, now, event) {
  // The same once more is counted: doing one thing over and over is not to push out the others.
  const last = `log-last:${event.what}`;
  const key = await tx.get(last);
  const before = key && await tx.get(key);
  if (before && now - before.time < together && alike(before, event)) {
    tx.set(key, { ...before, time: now, count: (before.count ?? 1) + 1 }, now + life);
    return;
  }
  const next = await tx.get("log-next") ?? 0;
  const made = place("log", next % ring);
  tx.set("log-next", next + 1);
  tx.set(last, made, now + life);
  tx.set(made, { time: now, ...event }, now + life);
}

/** @param {Event} a @param {Event} b @returns {boolean} whether they differ in nothing but their time and number */
const alike = (a, b) =>
  ["what", "address", "device", "name", "by"].every((field) =>
    Reflect.get(a, field) === Reflect.get(b, field)
  );

/**
 * @param {Transaction} tx
 * @param {Pick<import("./orbit.js").At, "scope" | "now">} at
 * @param {string} from the address
 */
export async function noteFailure(tx, { scope, now }, from) {
  const account = await tx.get("account");
  // Of an account that is removed meanwhile nothing is to be left.
  if (!account && !isNobody(scope)) return;
  // Nobody's log has no reader, it only has to be as long: six bits of a hash stand for the address.
  const address = account ? from : String((await sha256(from))[0] % 64);
  const failures = await tx.list("failure:");
  const recent = failures.find(({ value }) =>
    value.address === address && now - value.time < together
  );
  const next = await tx.get("failure-next") ?? 0;
  if (!recent) tx.set("failure-next", next + 1);
  const key = recent?.key ?? place("failure", next % failureRing);
  const count = (recent?.value.count ?? 0) + 1;
  tx.set(key, { time: now, what: "sign-in-failed", address, count }, now + life);
}

/** @param {string} prefix @param {number} index */
const place = (prefix, index) => `${prefix}:${String(index).padStart(3, "0")}`;

/** @type {Record<string, import("./orbit.js").Operation>} */
export const logOperations = {
  "log.read": {
    signin: true,
    run: async ({ store }) => {
      const [events, failures] = await store.transact(async (tx) => [
        await tx.list("log:"),
        await tx.list("failure:"),
      ]);
      const entries = [...events, ...failures].map(({ value }) => value);
      // The newest first, of one millisecond too: they are listed as they came.
      return { entries: entries.reverse().sort((a, b) => b.time - a.time) };
    },
  },

  /** Notes a failed sign-in, of somebody or of nobody. */
  "log.failed": {
    run: (at, { address }) => at.store.transact((tx) => noteFailure(tx, at, address)),
  },

  /** Notes something that is done at the edge, over several scopes. */
  "log.note": {
    signin: true,
    run: ({ store, now }, { event }) => store.transact((tx) => note(tx, now, event)),
  },
};
