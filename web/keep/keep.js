// What survives the page: drafts, what still has to be sent, settings. IndexedDB, one database a user.

/**
 * @typedef {import("../types.d.ts").Keep} Keep
 * @typedef {"drafts" | "sent" | "settings"} Name
 */

const STORES = /** @type {Name[]} */ (["drafts", "sent", "settings"]);
/** Names the user who signed in last, so that what is kept can be shown while offline. */
const LAST = "codex-remote";
const PREFIX = "codex-remote/";
/** How long one waits until all that was kept is erased, ms. */
const ERASING = 3000;
/** How long one waits for what is kept: a tab that the browser has frozen may hold up an erasing, and that this. ms. */
const OPENING = 10_000;

/** @template T @param {Promise<T>} promise @param {number} time ms @returns {Promise<T | undefined>} undefined when it took longer */
function within(promise, time) {
  const late = /** @type {PromiseWithResolvers<undefined>} */ (Promise.withResolvers());
  const timer = setTimeout(late.resolve, time);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {string} name @param {string[]} stores @returns {Promise<IDBDatabase>} */
function openDatabase(name, stores) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const store of stores) request.result.createObjectStore(store);
  };
  return done(request);
}

/** @returns {Keep} */
export function createKeep() {
  /** @type {Promise<IDBDatabase> | null} */
  let database = null;
  let user = "";

  /** @param {Name} name @param {IDBTransactionMode} mode */
  async function store(name, mode) {
    if (!database) throw new Error("No user is signed in: nothing can be kept.");
    return (await database).transaction(name, mode, { durability: "relaxed" }).objectStore(name);
  }

  /** @param {IDBTransactionMode} mode */
  async function lastStore(mode) {
    const last = await openDatabase(LAST, ["last"]);
    return { last, place: last.transaction("last", mode).objectStore("last") };
  }

  return {
    async open(id) {
      if (user === id && database) return;
      this.close();
      user = id;
      const opening = database = openDatabase(PREFIX + id, STORES);
      const opened = await within(opening, OPENING);
      if (!opened) {
        // Someone else may have come in meanwhile.
        if (database === opening) this.close();
        throw new Error("What is kept in this browser is being erased by another tab.");
      }
      // Another tab signs out: let go, or its erasing waits for ever. Whoever signs in again opens it anew.
      opened.onversionchange = () => {
        opened.close();
        if (database === opening) this.close();
      };
    },
    async lastUser() {
      const { last, place } = await lastStore("readonly");
      const found = await done(place.get("user"));
      last.close();
      return found ?? null;
    },
    async setLastUser(found) {
      const { last, place } = await lastStore("readwrite");
      await done(
        /** @type {IDBRequest<unknown>} */ (found
          ? place.put(found, "user")
          : place.delete("user")),
      );
      last.close();
    },
    async get(name, id) {
      return done((await store(name, "readonly")).get(id));
    },
    async all(name) {
      const place = await store(name, "readonly");
      const [keys, values] = await Promise.all([done(place.getAllKeys()), done(place.getAll())]);
      return keys.map((key, i) => /** @type {[string, any]} */ ([String(key), values[i]]));
    },
    async put(name, id, value) {
      await done((await store(name, "readwrite")).put(value, id));
    },
    async remove(name, id) {
      await done((await store(name, "readwrite")).delete(id));
    },
    async change(name, id, change) {
      const place = await store(name, "readwrite");
      const value = change(await done(place.get(id)));
      if (value === null) await done(place.delete(id));
      else if (value !== undefined) await done(place.put(value, id));
      return value;
    },
    async erase(id) {
      this.close();
      // A tab that the browser has frozen lets go of the database when it wakes: it is erased then.
      const erased = id && within(done(indexedDB.deleteDatabase(PREFIX + id)), ERASING);
      await Promise.all([erased, this.setLastUser(null)]);
    },
    close() {
      database?.then((opened) => opened.close(), () => {});
      database = null;
      user = "";
    },
  };
}

/** The same in memory: for tests, and where the browser has no IndexedDB (some private windows). @returns {Keep} */
export function createMemoryKeep() {
  /** @type {Map<string, any>} */
  const values = new Map();
  /** @type {any} */
  let last = null;
  const at = (/** @type {Name} */ name, /** @type {string} */ id) => `${name} ${id}`;
  const read = (/** @type {Name} */ name, /** @type {string} */ id) =>
    structuredClone(values.get(at(name, id)));
  const write = (/** @type {Name} */ name, /** @type {string} */ id, /** @type {any} */ value) => {
    if (value === null) values.delete(at(name, id));
    else if (value !== undefined) values.set(at(name, id), structuredClone(value));
    return value;
  };
  const settled = (/** @type {unknown} */ _) => Promise.resolve();
  return {
    open: settled,
    lastUser: () => Promise.resolve(last),
    setLastUser: (user) => settled(void (last = user)),
    get: (name, id) => Promise.resolve(read(name, id)),
    all: (name) => {
      const keys = [...values.keys()].filter((key) => key.startsWith(`${name} `));
      const ids = keys.map((key) => key.slice(name.length + 1));
      return Promise.resolve(ids.map((id) => /** @type {[string, any]} */ ([id, read(name, id)])));
    },
    put: (name, id, value) => settled(write(name, id, value)),
    remove: (name, id) => settled(write(name, id, null)),
    change: (name, id, change) => Promise.resolve(write(name, id, change(read(name, id)))),
    erase: () => {
      values.clear();
      last = null;
      return Promise.resolve();
    },
    close: () => {},
  };
}
