// What there may be too many of, and attempts that come all at once.
import { limiter } from "../../../templates/orbit/limits.js";
import { assert, equal, refused } from "../support/assert.js";
import { Browser } from "../support/client.js";
import { MemoryRelay } from "../support/memory.js";

/** @param {MemoryRelay} relay @param {number} count how many users it counts */
const usersOf = (relay, count) =>
  relay.at("relay").store.transact((tx) => {
    tx.set("user-count", count);
    return Promise.resolve();
  });

Deno.test("the two thousand and first user is refused, and the invite stays good", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const { link } = await owner.call("/api/invites/create");
  await usersOf(relay, 2000);
  const browser = new Browser(relay.scene);
  const { ticket, publicKey } = await browser.call("/api/link/options", { link, name: "Grace" });
  const passkey = await browser.authenticator.create(publicKey);
  const body = { link, ticket, name: "Grace", device: "x", passkey };
  const answer = await browser.post("/api/link/use", body);
  refused(answer, 409, "limit");
  equal(answer.body.error.limit, "users");
  await usersOf(relay, 1999);
  equal((await browser.post("/api/link/use", body)).status, 200);
});

for (
  const [what, path, body, allowed] of /** @type {[string, string, object, string][]} */ ([
    ["links", "/api/link/look", { link: "x" }, "bad-link"],
    [
      "one-time codes",
      "/api/signin/code",
      { name: "x", code: "000000", device: "x" },
      "bad-signin",
    ],
    ["user codes", "/api/code/look", { code: "BCDF-GHJK" }, "bad-code"],
  ])
) {
  Deno.test(`wrong ${what} are counted when a thousand come at once`, async () => {
    const relay = new MemoryRelay();
    const owner = await relay.owner();
    const answers = await Promise.all(
      Array.from({ length: 1000 }, () => owner.post(path, body)),
    );
    /** @type {Map<string, number>} */
    const codes = new Map();
    for (const { body: { error } } of answers) {
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
    }
    equal(Object.fromEntries(codes), { [allowed]: 30, "slow-down": 970 });
    // What was too many at once is over; what was too many in ten minutes is not.
    const { status, headers } = await owner.post(path, body);
    equal(status, 429);
    assert(Number(headers.get("retry-after")) > 60);
    relay.time += 10 * 60_000;
    equal((await owner.post(path, body)).body.error.code, allowed);
  });
}

Deno.test("who is right is not refused for being one of many at once", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const made = await Promise.all(Array.from({ length: 100 }, async () => {
    const { ticket, publicKey } = await owner.call("/api/signin/options");
    return { ticket, assertion: await owner.authenticator.get(publicKey), device: "x" };
  }));
  const answers = await Promise.all(made.map((body) => owner.post("/api/signin", body)));
  equal(answers.filter(({ status }) => status !== 200).length, 0);
});

Deno.test("attempts whose end nobody tells hold up the next for ten minutes at most", () => {
  let now = 1;
  const limits = limiter(() => Promise.reject(new Error("Nothing is counted.")), () => now);
  const begin = () => {
    try {
      return limits.begin("one-time", "192.0.2.1");
    } catch (error) {
      return /** @type {any} */ (error).code;
    }
  };
  const ends = Array.from({ length: 40 }, begin);
  equal(ends.slice(31), Array(9).fill("slow-down"));
  now += 10 * 60_000;
  const end = begin();
  assert(typeof end === "function", "It is still held up.");
  // Those of before may end after all: they make no room beyond the limit.
  for (const one of [...ends.slice(0, 31), end]) one();
  equal(Array.from({ length: 40 }, begin).slice(31), Array(9).fill("slow-down"));
});
