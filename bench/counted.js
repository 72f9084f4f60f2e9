// Relays whose store counts: on Deno a KV in this process between relay and database, on workerd what the runtime itself
// says each query read and wrote.
import { random } from "../Tests/Orbit/support/bytes.js";
import { bundle, freePort } from "../Tests/Orbit/support/target.js";
import { workerdTarget } from "../Tests/Orbit/support/workerd.js";

/**
 * @typedef {object} Counts
 * @property {number} requests HTTP requests, upgrades included
 * @property {number} calls of a scope: on Cloudflare requests to Durable Objects
 * @property {number} messages that came over sockets, pings excepted
 * @property {number} reads entries of the store; an empty list counts as one
 * @property {number} writes the same; on Cloudflare an alarm that was set is one
 */

/** @typedef {{target: import("../Tests/Orbit/support/target.js").Target, counts: () => Promise<Counts>, sleep?: () => Promise<void>}} Counted */

/** @returns {Counts} */
const none = () => ({ requests: 0, calls: 0, messages: 0, reads: 0, writes: 0 });

/** @param {Deno.Kv} kv @param {Counts} counts @returns {Deno.Kv} */
function counting(kv, counts) {
  return /** @type {any} */ ({
    get: (/** @type {Deno.KvKey} */ key) => {
      counts.reads++;
      return kv.get(key);
    },
    getMany: (/** @type {Deno.KvKey[]} */ keys) => {
      counts.reads += keys.length;
      return kv.getMany(keys);
    },
    set: (/** @type {[Deno.KvKey, unknown, object?]} */ ...all) => {
      counts.writes++;
      return kv.set(...all);
    },
    delete: (/** @type {Deno.KvKey} */ key) => {
      counts.writes++;
      return kv.delete(key);
    },
    list: async function* (/** @type {Deno.KvListSelector} */ selector, /** @type {object} */ how) {
      let found = 0;
      for await (const entry of kv.list(selector, how)) {
        found++;
        yield entry;
      }
      counts.reads += Math.max(1, found);
    },
    atomic: () => {
      const atomic = kv.atomic();
      for (const name of /** @type {const} */ (["set", "delete"])) {
        const change =
          /** @type {(...all: any[]) => Deno.AtomicOperation} */ (atomic[name].bind(atomic));
        atomic[name] = (/** @type {any[]} */ ...all) => {
          counts.writes++;
          return change(...all);
        };
      }
      return atomic;
    },
    watch: kv.watch.bind(kv),
    close: kv.close.bind(kv),
  });
}

/**
 * As on Deno Deploy, with as many isolates as that; browsers come to the first, machines to the last.
 * @param {number} isolates
 * @returns {Promise<Counted>}
 */
export async function countedDeno(isolates) {
  const folder = await bundle();
  const counts = none();
  const { denoOrbit } = await import(`${folder}/deno/adapter.js`);
  const assets = await import(`${folder}/assets.js`);
  const kv = counting(await Deno.openKv(`${folder}/relay.kv`), counts);
  const ports = Array.from({ length: isolates }, freePort);
  const host = `localhost:${ports[0]}`;
  const deployKey = random(32);
  const settings = { origin: `http://${host}`, deployKey, shared: true };
  const orbits = ports.map(() => denoOrbit(kv, assets, settings));
  const servers = orbits.map((orbit, index) =>
    Deno.serve(
      { hostname: "127.0.0.1", port: ports[index], onListen() {} },
      (request, info) => {
        counts.requests++;
        return orbit.fetch(request, info);
      },
    )
  );
  const base = { browser: settings.origin, anchor: `http://127.0.0.1:${ports.at(-1)}` };
  const target = {
    name: "deno",
    host,
    origin: settings.origin,
    base,
    deployKey,
    goodbye: [1012],
    restart: () => Promise.reject(new Error("It cannot be restarted.")),
    kill: () => Promise.reject(new Error("It cannot be killed.")),
    async stop() {
      await Promise.all(orbits.map((orbit) => orbit.end()));
      await Promise.all(servers.map((server) => server.shutdown()));
      kv.close();
      await Deno.remove(folder, { recursive: true });
    },
    memory: () => Promise.resolve(0),
    dump: () => Promise.resolve([]),
  };
  return { target, counts: () => Promise.resolve({ ...counts }) };
}

/** In front of the Worker: counts what its objects are asked, and keeps the cursors, which know what they cost. */
const main = `import unsafe from "workerd:unsafe";
import worker, { Scope as Deployed } from "cloudflare/worker.js";
const counts = ${JSON.stringify(none())};
let cursors = [];
const counting = (storage) => ({
  sql: {
    exec(...all) {
      const cursor = storage.sql.exec(...all);
      cursors.push(cursor);
      return cursor;
    },
  },
  transactionSync: (run) => storage.transactionSync(run),
  getAlarm: () => storage.getAlarm(),
  setAlarm(time) { counts.writes++; return storage.setAlarm(time); },
  deleteAll: () => storage.deleteAll(),
});
export class Scope extends Deployed {
  constructor(ctx, env) {
    Object.defineProperty(ctx, "storage", { value: counting(ctx.storage) });
    super(ctx, env);
  }
  perform(...all) { counts.calls++; return super.perform(...all); }
  fetch(request) { counts.calls++; return super.fetch(request); }
  webSocketMessage(...all) { counts.messages++; return super.webSocketMessage(...all); }
}
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/evict") await unsafe.evictAllDurableObjects();
    else if (pathname !== "/counts") {
      counts.requests++;
      return await worker.fetch(request, env);
    }
    for (const { rowsRead, rowsWritten } of cursors) {
      counts.reads += rowsRead;
      counts.writes += rowsWritten;
    }
    cursors = [];
    return Response.json(counts);
  },
};
`;

/** @param {string} workerd @returns {Promise<Counted>} */
export async function countedWorkerd(workerd) {
  const target = await workerdTarget(workerd, { evict: false, main });
  return {
    target,
    counts: async () => await (await fetch(`${target.origin}/counts`)).json(),
    sleep: target.evictAll,
  };
}
