// When an isolate is taken for dead, by a clock that the test sets.
import { Cluster } from "../../../templates/deno/cluster.js";
import { key } from "../../../templates/deno/mailbox.js";
import { assert, equal } from "../support/assert.js";

/** How often an isolate looks at the others, and beats, in milliseconds. */
const beatTime = 5_000;
const start = Date.UTC(2026, 10, 21);

/** How long after the last beat of one the other looks first, in milliseconds. */
const phases = [0, 1, 2_500, 3_999, 4_000, 4_001, 4_999];

/**
 * An isolate that shares a user with another, called `other`, which is its beat in the store.
 * @param {(world: {cluster: Cluster, clock: {time: number}, beat: () => Promise<unknown>, lost: string[]}) => Promise<void>} run
 */
async function watching(run) {
  const kv = await Deno.openKv(":memory:");
  const clock = { time: start };
  const { now } = Date;
  const { setTimeout } = globalThis;
  Object.assign(Date, { now: () => clock.time });
  Object.assign(globalThis, {
    /** @param {() => void} wake @param {number} time */
    setTimeout: (wake, time) => {
      clock.time += time;
      queueMicrotask(wake);
    },
  });
  /** @type {string[]} */
  const lost = [];
  const nothing = () => {};
  const cluster = new Cluster(kv, {
    others: () => new Set(lost.length > 0 ? [] : ["other"]),
    lost: (isolate) => lost.push(isolate),
    received: nothing,
    fenced: nothing,
    tick: nothing,
  });
  const beat = () => kv.set(key("isolate", "other"), clock.time);
  try {
    await run({ cluster, clock, beat, lost });
    await cluster.end();
  } finally {
    Object.assign(Date, { now });
    Object.assign(globalThis, { setTimeout });
    kv.close();
  }
}

for (const phase of phases) {
  Deno.test(`an isolate that dies ${phase} ms before a look is missed within fifteen seconds`, () =>
    watching(async ({ cluster, clock, beat, lost }) => {
      await beat();
      for (clock.time += phase; lost.length === 0; clock.time += beatTime) await cluster.tick();
      const took = clock.time - beatTime - start;
      assert(took <= 15_000, `It took ${took} ms.`);
      equal(lost, ["other"]);
    }));

  Deno.test(`an isolate that beats ${phase} ms before each look is not missed`, () =>
    watching(async ({ cluster, clock, beat, lost }) => {
      for (let count = 0; count < 20; count++) {
        await beat();
        clock.time += phase;
        await cluster.tick();
        clock.time += beatTime - phase;
      }
      equal(lost, []);
    }));
}

Deno.test("who was held up itself takes nobody for dead, until it is on time again", () =>
  watching(async ({ cluster, clock, beat, lost }) => {
    await beat();
    await cluster.tick();
    clock.time += 30_000;
    await cluster.tick();
    equal(lost, []);
    await beat();
    clock.time += beatTime;
    await cluster.tick();
    equal(lost, []);
    clock.time += beatTime;
    await cluster.tick();
    equal(lost, ["other"]);
  }));

Deno.test("who waits for the store takes nobody for dead", () =>
  watching(async ({ cluster, clock, beat, lost }) => {
    await beat();
    await cluster.tick();
    const get = cluster.kv.get.bind(cluster.kv);
    const slow = Promise.withResolvers();
    // The answer is as old as the store is slow.
    Object.assign(cluster.kv, {
      get: async (/** @type {Deno.KvKey} */ wanted) => {
        const found = await get(wanted);
        await slow.promise;
        return found;
      },
    });
    const looks = [];
    for (let count = 0; count < 3; count++) {
      clock.time += beatTime;
      looks.push(cluster.tick());
    }
    slow.resolve(null);
    await Promise.all(looks);
    equal(lost, []);
    Object.assign(cluster.kv, { get });
    clock.time += beatTime;
    await cluster.tick();
    equal(lost, ["other"]);
  }));

Deno.test("who is held up while it asks asks again", () =>
  watching(async ({ cluster, clock, beat, lost }) => {
    await beat();
    clock.time += 9_000;
    const asked = cluster.alive("other");
    clock.time += 60_000;
    await beat();
    equal([await asked, lost], [true, []]);
  }));

Deno.test("an isolate that does not answer within five seconds is dead", () =>
  watching(async ({ cluster, clock, beat, lost }) => {
    await beat();
    clock.time += 9_000;
    equal(await cluster.alive("other"), false);
    equal(lost, ["other"]);
    assert(clock.time - start <= 15_000, `It took ${clock.time - start} ms.`);
  }));

Deno.test("an isolate that was silent for long and answers is alive", () =>
  watching(async ({ cluster, clock, beat, lost }) => {
    await beat();
    clock.time += 60_000;
    const asked = cluster.alive("other");
    await beat();
    equal([await asked, lost.length], [true, 0]);
  }));
