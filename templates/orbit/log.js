// What happened to an account: who signed in from where, what was added and removed. No content of any thread.
//
// Two rings, so that it is bounded and one that guesses cannot push out what matters: the 500 last events, and the 50 last
// addresses that failed.

const ring = 500;
const failureRing = 50;
/** How long an entry is kept, in milliseconds. */
const life = 90 * 24 * 60 * 60 * 1000;
/** Failures of one address within this time are one entry, in milliseconds. */
const together = 60 * 60 * 1000;

/** @typedef {import("./ports.d.ts").Transaction} Transaction */

/**
 * @typedef {object} Event
 * @property {string} what see docs/protocol.md, section 2
 * @property {string} [address]
 * @property {string} [device]
 * @property {string} [name] of the passkey, machine or user that it is about
 * @property {string} [by] how: `passkey`, `code`, `recovery`, `link`
 * @property {number} [count] how often, for failures
 */

/**
 * @param {Transaction} tx
 * @param {number} now
 * @param {Event} event
 */
export async function note(tx, now, event) {
  const next = await tx.get("log-next") ?? 0;
  tx.set("log-next", next + 1);
  tx.set(place("log", next % ring), { time: now, ...event }, now + life);
}

/**
 * @param {Transaction} tx
 * @param {number} now
 * @param {string} address
 */
export async function noteFailure(tx, now, address) {
  // Of an account that is removed meanwhile nothing is to be left.
  if (!await tx.get("account")) return;
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
      return { entries: entries.sort((a, b) => b.time - a.time) };
    },
  },

  /** Notes something that is done at the edge, over several scopes. */
  "log.note": {
    signin: true,
    run: ({ store, now }, { event }) => store.transact((tx) => note(tx, now, event)),
  },
};
