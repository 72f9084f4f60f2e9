// A wrong code costs as much whether there is such a user or not: nobody finds out a name by the time.
import { assert, equal, refused } from "../support/assert.js";
import { Browser } from "../support/client.js";
import { MemoryRelay } from "../support/memory.js";
import { totp } from "../support/totp.js";

/**
 * Notes what the relay asks of its scopes and stores, one letter each: who asked is the same in both cases.
 * @param {MemoryRelay} relay
 * @returns {() => string[]} takes what was noted since
 */
function steps(relay) {
  /** @type {string[]} */
  let noted = [];
  const { at } = relay;
  const watched = new WeakSet();
  relay.at = (scope) => {
    const here = at.call(relay, scope);
    const driver =
      /** @type {ReturnType<import("../support/memory.js").memoryDriver>} */ (relay.drivers.get(
        scope,
      ));
    if (watched.has(driver)) return here;
    watched.add(driver);
    const { get, list, commit } = driver;
    Object.assign(driver, {
      get: (/** @type {string} */ key) => {
        noted.push("get");
        return get.call(driver, key);
      },
      list: (/** @type {string} */ prefix, /** @type {number} */ most) => {
        noted.push("list");
        return list.call(driver, prefix, most);
      },
      /** @param {any[]} checks @param {any[]} writes */
      commit: async (checks, writes) => {
        const done = await commit.call(driver, checks, writes);
        noted.push(`commit ${checks.length} ${writes.length} ${done}`);
        return done;
      },
    });
    return here;
  };
  return () => {
    const taken = noted;
    noted = [];
    return taken;
  };
}

/** A relay with a user who signs in as Grace, and what it does for a sign-in as someone with a code. */
async function world() {
  const relay = new MemoryRelay();
  const user = await relay.owner();
  const { secret } = await user.call("/api/totp/options");
  await user.call("/api/totp/add", { code: await totp(secret, -1, relay.time), name: "Grace" });
  const taken = steps(relay);
  const eve = new Browser(relay.scene);
  /** @param {string} name @param {string} code @param {number} [times] at once */
  const tried = async (name, code, times = 1) => {
    taken();
    const answers = await Promise.all(Array.from({ length: times }, () => {
      return eve.post("/api/signin/code", { name, code, device: "x" });
    }));
    for (const answer of answers) refused(answer, 403, "bad-signin");
    return taken();
  };
  return { relay, tried };
}

for (const code of ["000000", "BCDF-GHJK-LMNP", ""]) {
  Deno.test(`the code "${code}" costs the same under a name that nobody has`, async () => {
    const { tried } = await world();
    const known = [];
    const unknown = [];
    // The first ones, those that lock, and those when it is locked.
    for (let count = 0; count < 7; count++) {
      known.push(await tried("grace", code));
      unknown.push(await tried("nobody", code));
    }
    equal(unknown, known);
    assert(known[0].some((step) => /^commit \d+ [1-9]\d* true$/.test(step)), "Nothing is written.");
  });
}

Deno.test("many wrong codes at once meet each other under a name that nobody has", async () => {
  const { tried } = await world();
  const lost = (/** @type {string[]} */ steps) => steps.some((step) => step.endsWith("false"));
  equal([lost(await tried("grace", "000000", 12)), lost(await tried("nobody", "000000", 12))], [
    true,
    true,
  ]);
});

Deno.test("the code of nobody's secret costs the same as a wrong one", async () => {
  const { relay, tried } = await world();
  // The secret that stands in for one is no secret.
  const known = await tried("grace", "000000");
  equal(await tried("nobody", await totp("A".repeat(32), 0, relay.time)), known);
});
