// A scope in the SQLite storage of its Durable Object. Nothing is written before the first commit, so that asking for a
// scope that is not there leaves nothing behind.

/**
 * @typedef {import("../orbit/ports.d.ts").Driver} Driver
 * @typedef {import("../orbit/ports.d.ts").Stored} Stored
 * @typedef {import("./platform.d.ts").Storage} Storage
 */

/** Expired entries are removed at most this often, in milliseconds. */
const sweepTime = 60 * 60 * 1000;
/** Greater than every character of a key. */
const last = "\u{10ffff}";

/** @param {any} row @returns {Stored} */
const stored = ({ key, value, version, deadline }) => ({
  key,
  value: JSON.parse(value),
  version,
  deadline,
});

/** @implements {Driver} */
export class SqlDriver {
  /** @param {Storage} storage */
  constructor(storage) {
    this.storage = storage;
    /** Whether the alarm is known to be set. */
    this.set = false;
    this.sql = storage.sql;
    const found = this.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'entries'").toArray();
    this.made = found.length > 0;
    /**
     * Grows with each write, from above all that was written in an earlier life of the object, so that an entry never has a
     * version again. The clock says so without a look at every entry whenever the object wakes.
     */
    this.version = Date.now() * 1000;
  }

  /** @param {string} key @returns {Promise<Stored | undefined>} */
  get(key) {
    return Promise.resolve(this.read("key = ?", key)[0]);
  }

  /** @param {string} prefix @param {number} [most] @returns {Promise<Stored[]>} */
  list(prefix, most = -1) {
    const found = this.read(
      "key >= ? AND key < ? ORDER BY key LIMIT ?",
      prefix,
      prefix + last,
      most,
    );
    return Promise.resolve(found);
  }

  /** @param {string} condition @param {...(string | number)} bindings @returns {Stored[]} */
  read(condition, ...bindings) {
    if (!this.made) return [];
    return this.sql.exec(`SELECT * FROM entries WHERE ${condition}`, ...bindings).toArray()
      .map(stored);
  }

  /**
   * @param {[key: string, version: string | number | null][]} checks
   * @param {[key: string, written: import("../orbit/ports.d.ts").Written][]} writes
   * @returns {Promise<boolean>}
   */
  async commit(checks, writes) {
    const done = this.storage.transactionSync(() => {
      for (const [key, version] of checks) {
        if ((this.read("key = ?", key)[0]?.version ?? null) !== version) return false;
      }
      for (const [key, written] of writes) this.write(key, written);
      return true;
    });
    if (!done) return false;
    // An object that holds nothing is not to be there at all: neither its table nor its alarm, which has its name.
    if (writes.some(([, written]) => written === null) && this.empty()) await this.free();
    else if (writes.some(([, written]) => written?.deadline)) await this.wake();
    return true;
  }

  /** @param {string} key @param {import("../orbit/ports.d.ts").Written} written */
  write(key, written) {
    if (!this.made) {
      this.sql.exec(
        "CREATE TABLE entries (key TEXT PRIMARY KEY, value TEXT NOT NULL, version INTEGER NOT NULL, " +
          "deadline INTEGER) WITHOUT ROWID",
      );
      this.made = true;
    }
    if (written === null) {
      this.sql.exec("DELETE FROM entries WHERE key = ?", key);
      return;
    }
    const { value, deadline } = written;
    const text = JSON.stringify(value);
    this.sql.exec("REPLACE INTO entries VALUES (?, ?, ?, ?)", key, text, ++this.version, deadline);
  }

  empty() {
    return this.made && this.sql.exec("SELECT 1 FROM entries LIMIT 1").toArray().length === 0;
  }

  async free() {
    this.made = this.set = false;
    await Promise.all([this.storage.deleteAlarm(), this.storage.deleteAll()]);
  }

  /** Sees to it that expired entries are removed some time. */
  async wake() {
    if (this.set) return;
    this.set = true;
    if (await this.storage.getAlarm() === null) {
      await this.storage.setAlarm(Date.now() + sweepTime);
    }
  }

  /** Removes what has expired. */
  async sweep() {
    this.set = false;
    if (!this.made) return;
    this.sql.exec("DELETE FROM entries WHERE deadline <= ?", Date.now());
    if (this.empty()) return await this.free();
    const { waiting } = this.sql.exec("SELECT count(deadline) AS waiting FROM entries").one();
    if (Number(waiting) > 0) await this.wake();
  }
}
