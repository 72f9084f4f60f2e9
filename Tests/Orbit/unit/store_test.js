// Transactions, over the store in memory and over Deno KV.
import { driver as denoDriver } from "../../../templates/deno/store.js";
import { storeOf } from "../../../templates/orbit/store.js";
import { assert, equal, rejects } from "../support/assert.js";
import { memoryDriver } from "../support/memory.js";

/** @typedef {import("../../../templates/orbit/ports.d.ts").Driver} Driver */

/** @type {Record<string, (run: (driver: Driver) => Promise<void>) => Promise<void>>} */
const drivers = {
  "memory": (run) => run(memoryDriver()),
  "deno": async (run) => {
    const kv = await Deno.openKv(":memory:");
    try {
      await run(denoDriver(kv, "user:x"));
    } finally {
      kv.close();
    }
  },
};

for (const [name, open] of Object.entries(drivers)) {
  Deno.test(`${name}: what is written is read, by key and by prefix`, () =>
    open(async (driver) => {
      const store = storeOf(driver, Date.now);
      const deep = { a: [1, null, "ж\ud83d\ude00"], b: { c: true } };
      await store.transact((tx) => {
        for (const key of ["a:2", "a:1", "b:1", "a", "aa:1"]) tx.set(key, deep);
        return Promise.resolve();
      });
      const read = await store.transact(async (tx) => [await tx.get("a:1"), await tx.get("c")]);
      equal(read, [deep, undefined]);
      const keys = await store.transact((tx) => tx.list("a:"));
      equal(keys.map(({ key }) => key), ["a:1", "a:2"]);
    }));

  Deno.test(`${name}: a deadline is exact`, () =>
    open(async (driver) => {
      let now = Date.now();
      const store = storeOf(driver, () => now);
      const deadline = now + 60_000;
      await store.transact((tx) => Promise.resolve(tx.set("a:1", 1, deadline)));
      now = deadline - 1;
      equal(await store.transact((tx) => tx.get("a:1")), 1);
      now = deadline;
      equal(await store.transact((tx) => tx.get("a:1")), undefined);
      equal(await store.transact((tx) => tx.list("a:")), []);
    }));

  Deno.test(`${name}: what has expired is not in the way, however much there is`, () =>
    open(async (driver) => {
      let now = Date.now();
      const store = storeOf(driver, () => now);
      for (let part = 0; part < 3; part++) {
        await store.transact((tx) => {
          for (let key = 0; key < 50; key++) tx.set(`a:${part}:${key}`, 1, now + 3600_000);
          return Promise.resolve();
        });
      }
      now += 3600_000;
      await store.transact(async (tx) => {
        equal(await tx.list("a:"), []);
        tx.set("a:new", 1);
      });
      equal(await store.transact((tx) => tx.list("a:")), [{ key: "a:new", value: 1 }]);
    }));

  Deno.test(`${name}: a transaction sees what it wrote`, () =>
    open(async (driver) => {
      const store = storeOf(driver, Date.now);
      await store.transact((tx) => Promise.resolve(tx.set("a:1", 1)));
      await store.transact(async (tx) => {
        tx.set("a:2", 2);
        tx.delete("a:1");
        equal([await tx.get("a:1"), await tx.get("a:2")], [undefined, 2]);
        equal(await tx.list("a:"), [{ key: "a:2", value: 2 }]);
      });
      equal(await store.transact((tx) => tx.list("a:")), [{ key: "a:2", value: 2 }]);
    }));

  Deno.test(`${name}: changes that meet all count`, () =>
    open(async (driver) => {
      const store = storeOf(driver, Date.now);
      const add = () =>
        store.transact(async (tx) => {
          tx.set("count", (await tx.get("count") ?? 0) + 1);
        });
      await Promise.all(Array.from({ length: 30 }, add));
      equal(await store.transact((tx) => tx.get("count")), 30);
    }));

  for (const again of /** @type {const} */ (["get", "list"])) {
    Deno.test(`${name}: what changes between a read and a ${again} makes a change start anew`, () =>
      open(async (driver) => {
        const store = storeOf(driver, Date.now);
        const set = (/** @type {number} */ value) =>
          store.transact((tx) => Promise.resolve(tx.set("a:1", value)));
        await set(1);
        let count = 0;
        await store.transact(async (tx) => {
          const first = await tx.get("a:1");
          if (++count === 1) await set(2);
          await tx[again]("a:1");
          tx.set("b", first);
        });
        equal([count, await store.transact((tx) => tx.get("b"))], [2, 2]);
      }));
  }

  Deno.test(`${name}: of two that delete all but one, one finds the last`, () =>
    open(async (driver) => {
      const store = storeOf(driver, Date.now);
      await store.transact((tx) => {
        tx.set("a:1", 1);
        tx.set("a:2", 2);
        return Promise.resolve();
      });
      const remove = (/** @type {string} */ key) =>
        store.transact(async (tx) => {
          if ((await tx.list("a:")).length === 1) throw new Error("the last one");
          tx.delete(key);
        });
      const ends = await Promise.allSettled([remove("a:1"), remove("a:2")]);
      equal(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
      equal((await store.transact((tx) => tx.list("a:"))).length, 1);
    }));

  Deno.test(`${name}: a change that fails writes nothing`, () =>
    open(async (driver) => {
      const store = storeOf(driver, Date.now);
      const failing = store.transact((tx) => {
        tx.set("a", 1);
        return Promise.reject(new Error("no"));
      });
      await rejects(failing, /no/);
      equal(await store.transact((tx) => tx.get("a")), undefined);
    }));
}

Deno.test("a change that is overtaken for ever is to be tried later", async () => {
  const driver = memoryDriver();
  let version = 0;
  driver.before = () => {
    driver.entries.set("a", { key: "a", value: 0, deadline: null, version: --version });
    return Promise.resolve();
  };
  const store = storeOf(driver, Date.now);
  const change = store.transact(async (tx) => tx.set("a", await tx.get("a")));
  await rejects(change, /Too much is changed here at once/);
  assert(version <= -100);
});
