// Transactions over what a platform's storage can do: read with a version, write if the versions are the same.
import { Refusal } from "./errors.js";

/**
 * @typedef {import("./ports.d.ts").Driver} Driver
 * @typedef {import("./ports.d.ts").Transaction} Transaction
 * @typedef {import("./ports.d.ts").Store} Store
 * @typedef {import("./ports.d.ts").Written} Written
 */

/** How often a change is tried; each failure means that another one succeeded. */
const maxAttempts = 100;
/** The longest wait between two attempts, in milliseconds: those that meet again and again come apart. */
const maxWait = 64;

/** @param {number} count of attempts that failed */
const wait = (count) =>
  new Promise((resolve) => {
    const [random] = crypto.getRandomValues(new Uint32Array(1));
    setTimeout(resolve, random / 2 ** 32 * Math.min(maxWait, 2 ** count));
  });

/** @implements {Transaction} */
class Attempt {
  /** The versions of what was read, each of its first reading: what differs in a later one fails the commit. @type {Map<string, string | number | null>} */
  checks = new Map();
  /** @type {Map<string, import("./ports.d.ts").Stored | undefined>} */
  reads = new Map();
  /** @type {Map<string, Written>} */
  writes = new Map();

  /** @param {Driver} driver @param {number} now */
  constructor(driver, now) {
    this.driver = driver;
    this.now = now;
  }

  /** @param {string} key */
  async get(key) {
    const written = this.writes.get(key);
    if (written !== undefined) return this.alive(written) ? written.value : undefined;
    if (!this.reads.has(key)) {
      this.reads.set(key, await this.driver.get(key));
      this.check(key, this.reads.get(key)?.version ?? null);
    }
    const stored = this.reads.get(key);
    return stored && this.alive(stored) ? stored.value : undefined;
  }

  /** @param {string} key @param {string | number | null} version */
  check(key, version) {
    if (!this.checks.has(key)) this.checks.set(key, version);
  }

  /** @param {string} prefix */
  async list(prefix) {
    /** @type {Map<string, import("./ports.d.ts").Json>} */
    const found = new Map();
    for (const stored of await this.driver.list(prefix)) {
      // What has expired counts as little as what is not there; a platform may take a hundred checks a commit.
      if (!this.alive(stored)) continue;
      this.check(stored.key, stored.version);
      found.set(stored.key, stored.value);
    }
    for (const [key, written] of this.writes) {
      if (!key.startsWith(prefix)) continue;
      if (this.alive(written)) found.set(key, written.value);
      else found.delete(key);
    }
    return [...found].sort(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => ({ key, value }));
  }

  /**
   * @param {string} key
   * @param {import("./ports.d.ts").Json} value
   * @param {number} [deadline]
   */
  set(key, value, deadline) {
    this.writes.set(key, { value, deadline: deadline ?? null });
  }

  /** @param {string} key */
  delete(key) {
    this.writes.set(key, null);
  }

  /** @param {number} most */
  async clear(most) {
    const found = await this.driver.list("", most);
    for (const { key } of found) this.delete(key);
    return found.length;
  }

  /**
   * @param {Written} entry
   * @returns {entry is Exclude<Written, null>}
   */
  alive(entry) {
    return entry !== null && (entry.deadline === null || entry.deadline > this.now);
  }
}

/**
 * @param {Driver} driver
 * @param {() => number} now
 * @returns {Store}
 */
export const storeOf = (driver, now) => ({
  async transact(change) {
    for (let count = 0; count < maxAttempts; count++) {
      const attempt = new Attempt(driver, now());
      const value = await change(attempt);
      if (attempt.writes.size === 0) return value;
      if (await driver.commit([...attempt.checks], [...attempt.writes])) return value;
      await wait(count);
    }
    const message = "Too much is changed here at once: wait a little, then try again.";
    throw new Refusal("slow-down", { message, retryAfter: 1 });
  },
});
