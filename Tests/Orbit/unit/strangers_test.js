// A sign-in as nobody does at the store what a wrong one does as somebody, so that its time tells nothing.
import { base64url, random, utf8 } from "../support/bytes.js";
import { assert, equal } from "../support/assert.js";
import { Browser } from "../support/client.js";
import { MemoryRelay } from "../support/memory.js";
import { totp } from "../support/totp.js";

/** @param {MemoryRelay} relay @returns {Map<string, number>} the last write of each scope */
const written = (relay) =>
  new Map(Array.from(relay.drivers, ([scope, { entries }]) => [
    scope,
    Math.max(0, ...Array.from(entries.values(), ({ version }) => Number(version))),
  ]));

/**
 * @param {MemoryRelay} relay
 * @param {() => Promise<import("../support/client.js").Answer>} attempt
 * @returns {Promise<{asked: string[], kinds: string[], answer: unknown}>} which operations ran, and in which kinds of scopes
 *   something was written
 */
async function traces(relay, attempt) {
  relay.calls.clear();
  const before = written(relay);
  const { status, body } = await attempt();
  const kinds = [...written(relay)].filter(([scope, version]) => version > (before.get(scope) ?? 0))
    .map(([scope]) => scope.split(":")[0]);
  const asked = [...relay.calls].map(([name, count]) => `${name} ${count}`);
  return { asked, kinds, answer: [status, body] };
}

/** @param {MemoryRelay} relay @param {Browser} browser @param {string} [user] */
async function assertion(relay, browser, user) {
  const stranger = new Browser(relay.scene);
  const { ticket, publicKey } = await stranger.call("/api/signin/options");
  const handle = user ? { userHandle: base64url(utf8(user)) } : {};
  const faults = { challenge: random(32), ...handle };
  const passkey = await browser.authenticator.get(publicKey, faults);
  return () => stranger.post("/api/signin", { ticket, assertion: passkey, device: "Test browser" });
}

Deno.test("a wrong passkey and nobody's leave the same traces", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  for (const user of [undefined, `u_${random(16)}`]) await (await assertion(relay, owner, user))();
  const known = await traces(relay, await assertion(relay, owner));
  const unknown = await traces(relay, await assertion(relay, owner, `u_${random(16)}`));
  equal([known.asked, known.answer], [unknown.asked, unknown.answer]);
  assert(known.kinds.includes("user"), `A failure is noted with its user: ${known.kinds}`);
  equal(known.kinds.map((kind) => kind.replace("user", "nobody")).sort(), unknown.kinds.sort());
});

Deno.test("a wrong code and nobody's leave the same traces", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const { secret } = await owner.call("/api/totp/options");
  await owner.call("/api/totp/add", { code: await totp(secret, 0, relay.time), name: "Ada" });
  const stranger = new Browser(relay.scene);
  /** @param {string} name */
  const attempt = (name) => () =>
    stranger.post("/api/signin/code", { name, code: "000000", device: "Test browser" });
  const known = await traces(relay, attempt("Ada"));
  const unknown = await traces(relay, attempt("Nobody"));
  equal([known.asked, known.answer], [unknown.asked, unknown.answer]);
  equal(known.kinds.map((kind) => kind.replace("user", "nobody")).sort(), unknown.kinds.sort());
});

Deno.test("nobody can be signed in as, and no address is kept of who tries", async () => {
  const relay = new MemoryRelay();
  await relay.owner();
  const stranger = new Browser(relay.scene);
  const time = relay.time;
  // The code of the secret that stands in for one.
  for (const code of [await totp("A".repeat(32), 0, time), "000000"]) {
    const body = { name: "Nobody", code, device: "Test browser" };
    equal((await stranger.post("/api/signin/code", body)).status, 403);
  }
  const scopes = [...relay.drivers].filter(([scope]) => scope.startsWith("nobody:"));
  equal(scopes.length, 1);
  const text = JSON.stringify([...scopes[0][1].entries]);
  assert(text.includes("sign-in-failed") && !text.includes(relay.address), text);
});
