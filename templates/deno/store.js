// Scopes in Deno KV: an entry is `[scope, key]` and holds its deadline, since `expireIn` only says when it may go.

/**
 * @typedef {import("../orbit/ports.d.ts").Driver} Driver
 * @typedef {import("../orbit/ports.d.ts").Stored} Stored
 */

/** Greater than every character of a key. */
const last = "\u{10ffff}";

/**
 * @param {Deno.KvEntry<{value: unknown, deadline: number | null}>} entry
 * @returns {Stored}
 */
const stored = ({ key, value: { value, deadline }, versionstamp }) => ({
  key: String(key[1]),
  value,
  deadline,
  version: versionstamp,
});

/**
 * @param {Deno.Kv} kv
 * @param {string} scope
 * @returns {Driver}
 */
export const driver = (kv, scope) => ({
  async get(key) {
    const entry = await kv.get([scope, key]);
    return entry.versionstamp === null ? undefined : stored(/** @type {any} */ (entry));
  },

  async list(prefix, most) {
    const selector = { start: [scope, prefix], end: [scope, prefix + last] };
    /** @type {Stored[]} */
    const found = [];
    for await (const entry of kv.list(selector, { limit: most })) {
      found.push(stored(/** @type {any} */ (entry)));
    }
    return found;
  },

  async commit(checks, writes) {
    const atomic = kv.atomic();
    for (const [key, version] of checks) {
      atomic.check({ key: [scope, key], versionstamp: /** @type {string | null} */ (version) });
    }
    for (const [key, written] of writes) {
      if (written === null) atomic.delete([scope, key]);
      else {
        const { deadline } = written;
        const options = deadline === null
          ? undefined
          : { expireIn: Math.max(1, deadline - Date.now()) };
        atomic.set([scope, key], written, options);
      }
    }
    return (await atomic.commit()).ok;
  },
});
