// What happens with time: deadlines, renewal, rotation, windows.
import { assert, equal, refused } from "../support/assert.js";
import { base64url, random, utf8 } from "../support/bytes.js";
import { Anchor, Browser, makeClaim } from "../support/client.js";
import { MemoryRelay } from "../support/memory.js";
import { signed } from "../support/tokens.js";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

Deno.test("a claim link works for an hour", async () => {
  const relay = new MemoryRelay();
  const browser = new Browser(relay.scene);
  const { link } = await makeClaim(relay.scene, undefined, await relay.deployToken());
  relay.time += hour - 1;
  equal((await browser.post("/api/link/look", { link })).status, 200);
  relay.time += 1;
  refused(await browser.post("/api/link/look", { link }), 403, "bad-link");
});

Deno.test("the log has the newest first, of one millisecond too", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  await (await owner.another()).call("/api/signout");
  const { entries } = await owner.call("/api/log");
  equal(entries.slice(0, 2).map((/** @type {any} */ { what }) => what), [
    "signed-out",
    "signed-in",
  ]);
});

Deno.test("an invite works for seven days", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const { link } = await owner.call("/api/invites/create");
  const browser = new Browser(relay.scene);
  relay.time += 7 * day - 1;
  equal((await browser.post("/api/link/look", { link })).status, 200);
  equal((await owner.call("/api/invites/list")).invites.length, 1);
  relay.time += 1;
  refused(await browser.post("/api/link/look", { link }), 403, "bad-link");
  equal((await owner.call("/api/invites/list")).invites, []);
});

Deno.test("an invite that was tried in vain works on, whatever the owner looks at", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const { link } = await owner.call("/api/invites/create");
  const guest = new Browser(relay.scene);
  const { ticket, publicKey } = await guest.call("/api/link/options", { link, name: "Guest" });
  // An authenticator that did not verify its user.
  const passkey = await guest.authenticator.create(publicKey, { flags: 0x41 });
  const body = { link, ticket, name: "Guest", device: "x", passkey };
  refused(await guest.post("/api/link/use", body), 403, "bad-passkey");
  const listed = async () => (await owner.call("/api/users/list")).users.length;
  const noted = async () =>
    (await relay.at("relay").store.transact((tx) => tx.list("user:"))).length;
  relay.time += 6 * day;
  equal([await listed(), await noted()], [1, 2]);
  equal((await guest.post("/api/link/look", { link })).status, 200);
  relay.time += day;
  equal([await listed(), await noted()], [1, 1]);
});

Deno.test("a ticket works for five minutes", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  for (const [wait, status] of [[5 * minute - second, 200], [5 * minute, 403]]) {
    const { ticket, publicKey } = await owner.call("/api/signin/options");
    const assertion = await owner.authenticator.get(publicKey);
    relay.time += wait;
    const answer = await owner.post("/api/signin", { ticket, assertion, device: "x" });
    equal(answer.status, status);
    if (status === 403) equal(answer.body.error.code, "bad-ticket");
  }
});

Deno.test("a verification is fresh for five minutes", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  relay.time += 5 * minute;
  equal((await owner.call("/api/me")).signin.fresh, true);
  equal((await owner.post("/api/passkeys/options")).status, 200);
  relay.time += 1;
  equal((await owner.call("/api/me")).signin.fresh, false);
  const anchor = await Anchor.make(relay.scene);
  const { user_code: code } = await anchor.requestCode();
  refused(await owner.post("/api/code/approve", { code }), 403, "verify-first");
  const { id } = owner.authenticator;
  const machine = { id: "m_" + "a".repeat(22) };
  refused(await owner.post("/api/passkeys/options"), 403, "verify-first");
  refused(await owner.post("/api/passkeys/remove", { id }), 403, "verify-first");
  refused(await owner.post("/api/machines/revoke", machine), 403, "verify-first");
  refused(await owner.post("/api/invites/create"), 403, "verify-first");
  equal((await owner.post("/api/code/look", { code })).status, 200);
  equal(await owner.verify(), { fresh: true });
  equal((await owner.call("/api/me")).signin.fresh, true);
  equal((await owner.post("/api/code/approve", { code })).status, 200);
});

Deno.test("a sign-in that is used lives on, an unused one ends after thirty days", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const idle = await owner.another();
  for (let count = 0; count < 40; count++) {
    relay.time += day + second;
    equal((await owner.post("/api/me")).status, 200, `day ${count}`);
    if (count === 20) equal((await owner.call("/api/signins/list")).signins.length, 2);
  }
  equal((await owner.call("/api/signins/list")).signins.length, 1);
  refused(await idle.post("/api/me"), 401, "signed-out");
});

Deno.test("a cookie is renewed once a day, not more often", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const renewed = async () => (await owner.post("/api/me")).headers.has("set-cookie");
  const first = owner.cookie;
  relay.time += day;
  equal(await renewed(), false);
  relay.time += 1;
  equal(await renewed(), true);
  assert(first !== owner.cookie);
  equal(await renewed(), false);
  // The answer with the new cookie may get lost: the one before is as good until its end.
  equal((await owner.post("/api/me", {}, { cookie: String(first) })).status, 200);
});

Deno.test("the use of a sign-in is written every five minutes, or when its address changes", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const { entries } =
    relay.at(`user:${owner.user.id}`) && relay.drivers.get(`user:${owner.user.id}`) ||
    { entries: new Map() };
  const { id } = (await owner.call("/api/me")).signin;
  const version = () => entries.get(`signin:${id}`)?.version;
  const first = version();
  relay.time += 5 * minute;
  await owner.call("/api/me");
  equal(version(), first);
  relay.time += 1;
  await owner.call("/api/me");
  assert(version() !== first);
  const second = version();
  relay.address = "192.0.2.2";
  await owner.call("/api/me");
  assert(version() !== second);
  equal((await owner.call("/api/signins/list")).signins[0].address, "192.0.2.2");
});

Deno.test("signing keys rotate and nobody is signed out", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const kids = new Set();
  for (let count = 0; count < 120; count++) {
    relay.time += day + second;
    const answer = await owner.post("/api/me");
    equal(answer.status, 200, `day ${count}`);
    const [header] = String(owner.cookie).split("=")[1].split(".");
    kids.add(JSON.parse(atob(header)).kid);
  }
  assert(kids.size >= 4, `${kids.size} keys in 120 days`);
  const kept = await relay.at("relay").store.transact((tx) => tx.list("key:"));
  assert(kept.length <= 3, `${kept.length} keys are kept`);
});

Deno.test("a new key signs only once every instance knows it", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const other = relay.instance();
  relay.time += 30 * day + minute;
  // The other instance read the keys a moment before this one made a new key.
  await other.fetch(new Request(`${relay.origin}/health`));
  relay.orbit = relay.instance();
  await owner.signIn();
  relay.orbit = other;
  equal((await owner.post("/api/me")).status, 200);
});

Deno.test("a device code lives ten minutes, and is asked for at its interval", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const anchor = await Anchor.make(relay.scene);
  const { device_code, user_code } = await anchor.requestCode();
  const poll = async () => (await anchor.poll(device_code)).body.error;
  equal(await poll(), "authorization_pending");
  relay.time += 5 * second;
  equal(await poll(), "authorization_pending");
  relay.time += 5 * second - 1;
  const entries = () =>
    [...relay.drivers].filter(([scope]) => scope.startsWith("code:"))
      .flatMap(([, { entries }]) => [...entries.values()]);
  const before = structuredClone(entries());
  for (let count = 0; count < 100; count++) equal(await poll(), "slow_down");
  equal(entries(), before, "An early one is written down.");
  relay.time += 10 * second;
  equal(await poll(), "authorization_pending");
  relay.time += 9 * minute;
  equal((await owner.post("/api/code/look", { code: user_code })).status, 200);
  relay.time += minute;
  equal(await poll(), "expired_token");
  refused(await owner.post("/api/code/look", { code: user_code }), 404, "bad-code");
});

Deno.test("who made too many guesses may try again after ten minutes", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const guess = () => owner.post("/api/link/look", { link: "x" });
  for (let count = 0; count < 30; count++) refused(await guess(), 403, "bad-link");
  const answer = await guess();
  refused(answer, 429, "slow-down");
  relay.time += (Number(answer.headers.get("retry-after")) - 1) * second;
  refused(await guess(), 429, "slow-down");
  relay.time += second;
  refused(await guess(), 403, "bad-link");
});

Deno.test("a stranger with the same address locks out neither who is signed in nor the machine", async () => {
  const relay = new MemoryRelay();
  const anchor = await Anchor.make(relay.scene);
  const { link } = await makeClaim(relay.scene, anchor, await relay.deployToken());
  const owner = new Browser(relay.scene);
  await owner.useLink(link);

  const eve = new Browser(relay.scene);
  for (let count = 0; count < 30; count++) await eve.post("/api/link/look", { link: "x" });
  refused(await eve.post("/api/link/look", { link: "x" }), 429, "slow-down");
  await owner.verify();
  refused(await owner.post("/api/code/look", { code: "BCDF-GHJK" }), 404, "bad-code");

  for (let count = 0; count < 300; count++) await anchor.refused("x");
  refused(await anchor.refused("x"), 429, "slow-down");
  // Nobody guesses a token, a device code or a deployer's key: the right ones are taken all the same.
  equal((await anchor.refused(await relay.anchorToken(anchor))).status, 200);
  const further = await Anchor.make(relay.scene);
  const { device_code, user_code: code } = await further.requestCode();
  await owner.call("/api/code/approve", { code });
  equal((await further.poll(device_code)).status, 200);
  refused(await makeClaim(relay.scene, undefined, await relay.deployToken()), 409, "owned");
  refused(await makeClaim(relay.scene, undefined, "x"), 429, "slow-down");
  const other = await Anchor.make(relay.scene);
  Object.assign(other, { user: anchor.user, machine: `m_${"A".repeat(22)}` });
  refused(await other.refused(await relay.anchorToken(other)), 429, "slow-down");
});

Deno.test("guesses are counted across instances, and a flood costs the store nothing more", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const guess = () => owner.post("/api/link/look", { link: "x" });
  const instances = [relay.orbit, relay.instance(), relay.instance()];
  for (let count = 0; count < 30; count++) {
    relay.orbit = instances[count % 3];
    refused(await guess(), 403, "bad-link");
  }
  for (const instance of instances) {
    relay.orbit = instance;
    refused(await guess(), 429, "slow-down");
  }
  const before = relay.calls.get("limit.count");
  for (let count = 0; count < 100; count++) refused(await guess(), 429, "slow-down");
  equal(relay.calls.get("limit.count"), before);
});

Deno.test("past its limit an address that makes users up wakes none of their scopes", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const eve = new Browser(relay.scene);
  const link = () => eve.post("/api/link/look", { link: `invite.u_${random(16)}.${random(32)}` });
  const passkey = async () => {
    const { ticket, publicKey } = await eve.call("/api/signin/options");
    const userHandle = base64url(utf8(`u_${random(16)}`));
    const assertion = await owner.authenticator.get(publicKey, { userHandle });
    return await eve.post("/api/signin", { ticket, assertion, device: "x" });
  };
  const anchor = await Anchor.make(relay.scene);
  const machine = async () => {
    Object.assign(anchor, { user: `u_${random(16)}`, machine: `m_${random(16)}` });
    return await anchor.refused(await relay.anchorToken(anchor));
  };
  for (let count = 0; count < 30; count++) refused(await link(), 403, "bad-link");
  for (let count = 0; count < 300; count++) refused(await machine(), 401, "unknown-machine");
  refused(await link(), 429, "slow-down");
  refused(await machine(), 429, "slow-down");
  const scopes = relay.drivers.size;
  relay.calls.clear();
  for (let count = 0; count < 100; count++) {
    for (const ask of [link, passkey, machine]) refused(await ask(), 429, "slow-down");
    relay.time += 100;
  }
  equal(relay.drivers.size, scopes);
  equal([...relay.calls.keys()], ["relay.users"]);
  assert(Number(relay.calls.get("relay.users")) <= 3);
  await owner.another();
});

Deno.test("an unknown kid costs a read every five seconds at most", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const [name, text] = String(owner.cookie).split("=");
  const header = btoa(JSON.stringify({ alg: "HS256", typ: "signin+jwt", kid: "x" }));
  const cookie = `${name}=${header.replace(/=+$/, "")}.${text.split(".").slice(1).join(".")}`;
  const before = relay.calls.get("relay.state") ?? 0;
  for (let count = 0; count < 50; count++) {
    refused(await owner.post("/api/me", {}, { cookie }), 401, "signed-out");
    relay.time += 100;
  }
  const reads = (relay.calls.get("relay.state") ?? 0) - before;
  assert(reads <= 2, `${reads} reads`);
});

Deno.test("an anchor's token is good for a minute, with five seconds of grace", async () => {
  const relay = new MemoryRelay();
  await relay.owner();
  const other = new MemoryRelay();
  const anchor = await Anchor.make(other.scene);
  await makeClaim(other.scene, anchor, await other.deployToken());
  const old = await other.anchorToken(anchor);
  const late = await other.anchorToken(anchor);
  other.time += 64 * second;
  equal((await anchor.refused(old)).status, 200);
  other.time += second;
  const answer = await anchor.refused(late);
  refused(answer, 401, "clock");
  equal(answer.body.error.time, other.time);
  other.time -= 71 * second;
  refused(await anchor.refused(late), 401, "clock");
});

Deno.test("an anchor that was away for a day learns which sign-ins ended", async () => {
  const relay = new MemoryRelay();
  const anchor = await Anchor.make(relay.scene);
  const { link } = await makeClaim(relay.scene, anchor, await relay.deployToken());
  const owner = new Browser(relay.scene);
  await owner.useLink(link);
  const other = await owner.another();
  const { signin } = await other.call("/api/me");
  await other.call("/api/signout");
  relay.time += 24 * hour;
  equal((await anchor.refused(await relay.anchorToken(anchor))).status, 200);
  const room = /** @type {import("../support/memory.js").MemoryRoom} */ (
    relay.rooms.get(`user:${anchor.user}`)
  );
  const frames = [...room.all.values()].flatMap(({ sent }) => sent);
  const revoked = frames.filter((text) => text.includes('"revoked"'));
  equal(revoked, [`${JSON.stringify({ type: "revoked", signin: signin.id })}\n`]);
});

Deno.test("a kid names the key that signed, and no other", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  relay.time += 29 * day;
  await owner.call("/api/me");
  relay.time += 2 * day;
  await owner.signIn();
  relay.time += hour;
  await owner.signIn();
  const keys = await relay.at("relay").store.transact((tx) => tx.list("key:"));
  equal(keys.length, 2);
  const [name, text] = String(owner.cookie).split("=");
  const [header, claims] = text.split(".").slice(0, 2).map((part) =>
    JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" })))
  );
  for (const { key, value } of keys) {
    for (const { key: other } of keys) {
      const kid = other.slice("key:".length);
      const raw = Uint8Array.fromBase64(value.key, { alphabet: "base64url" });
      const forged = await signed(raw, { ...header, kid }, claims);
      const { status } = await owner.post("/api/me", {}, { cookie: `${name}=${forged}` });
      equal(status, key === other ? 200 : 401);
    }
  }
});
