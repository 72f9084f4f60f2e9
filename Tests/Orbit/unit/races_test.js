// What meets what in the store: the order is forced by doing the one just before the other's commit.
import { loginScope } from "../../../templates/orbit/logins.js";
import { equal, refused } from "../support/assert.js";
import { Authenticator } from "../support/authenticator.js";
import { base64url, random, sha256 } from "../support/bytes.js";
import { Browser } from "../support/client.js";
import { MemoryRelay } from "../support/memory.js";
import { totp } from "../support/totp.js";

/** @param {MemoryRelay} relay @param {Browser} owner @param {string} [name] */
async function userOf(relay, owner, name = "Grace") {
  const { link } = await owner.call("/api/invites/create");
  const user = new Browser(relay.scene);
  await user.useLink(link, name);
  return user;
}

/**
 * @param {MemoryRelay} relay
 * @param {string} scope
 * @param {() => Promise<unknown>} meanwhile runs once, just before the next commit in that scope
 */
function before(relay, scope, meanwhile) {
  const { store } = relay.at(scope);
  const driver =
    /** @type {ReturnType<import("../support/memory.js").memoryDriver>} */ (relay.drivers.get(
      scope,
    ));
  driver.before = async () => {
    driver.before = undefined;
    await meanwhile();
  };
  return store;
}

/** @param {Browser} user */
async function passkey(user) {
  const { ticket, publicKey } = await user.call("/api/passkeys/options");
  const passkey = await new Authenticator(user.scene.origin).create(publicKey);
  return { ticket, name: "spare", passkey };
}

/** What a signed-in browser writes, each with its body. @type {Record<string, (user: Browser) => Promise<any>>} */
const writes = {
  "/api/account/rename": () => Promise.resolve({ name: "Back" }),
  "/api/passkeys/add": passkey,
  "/api/passkeys/rename": (user) => Promise.resolve({ id: user.authenticator.id, name: "x" }),
  "/api/devices/link": () => Promise.resolve({}),
  "/api/totp/options": () => Promise.resolve({}),
  "/api/verify": async (user) => {
    const { ticket, publicKey } = await user.call("/api/verify/options");
    return { ticket, assertion: await user.authenticator.get(publicKey) };
  },
  "/api/verify/code": async (user) => {
    const { secret } = await user.call("/api/totp/options");
    const now = /** @type {MemoryRelay} */ (/** @type {unknown} */ (user.scene)).time;
    await user.call("/api/totp/add", { code: await totp(secret, -1, now), name: "grace" });
    return { code: await totp(secret, 0, now) };
  },
};

for (const [path, body] of Object.entries(writes)) {
  Deno.test(`${path} does nothing for a user who is removed meanwhile`, async () => {
    const relay = new MemoryRelay();
    const owner = await relay.owner();
    const user = await userOf(relay, owner);
    const { id } = user.user;
    const sent = await body(user);
    before(relay, `user:${id}`, () => owner.call("/api/users/remove", { id }));
    refused(await user.post(path, sent), 401, "signed-out");
    equal(relay.drivers.get(`user:${id}`)?.entries.size, 0);
  });

  Deno.test(`${path} does nothing for a sign-in that is ended meanwhile`, async () => {
    const relay = new MemoryRelay();
    const owner = await relay.owner();
    const other = await owner.another();
    const sent = await body(owner);
    const entries = relay.drivers.get(`user:${owner.user.id}`)?.entries ?? new Map();
    /** @type {unknown} */
    let then;
    before(relay, `user:${owner.user.id}`, async () => {
      await other.call("/api/signins/revoke", { all: true });
      then = structuredClone([...entries]);
    });
    refused(await owner.post(path, sent), 401, "signed-out");
    equal([...entries], then);
  });
}

Deno.test("a sign-in that meets the removal of its account leaves nothing", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const user = await userOf(relay, owner);
  const { id } = user.user;
  const scope = `user:${id}`;
  // The removal has listed the sign-ins and not yet removed them.
  before(relay, scope, () => user.signIn());
  await owner.call("/api/users/remove", { id });
  equal(relay.drivers.get(scope)?.entries.size, 0);
  refused(await user.post("/api/me"), 401, "signed-out");
});

Deno.test("a wrong passkey that meets the removal of its account leaves nothing", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const user = await userOf(relay, owner);
  const { id } = user.user;
  const { ticket, publicKey } = await user.call("/api/signin/options");
  const assertion = await user.authenticator.get(publicKey, { challenge: random(32) });
  before(relay, `user:${id}`, () => owner.call("/api/users/remove", { id }));
  refused(await user.post("/api/signin", { ticket, assertion, device: "x" }), 403, "bad-passkey");
  equal(relay.drivers.get(`user:${id}`)?.entries.size, 0);
});

Deno.test("an invite that is being used while the relay is handed over is none", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const heir = await userOf(relay, owner, "Heir");
  const { link } = await owner.call("/api/invites/create");
  const guest = new Browser(relay.scene);
  const { ticket, publicKey } = await guest.call("/api/link/options", { link, name: "Guest" });
  const passkey = await guest.authenticator.create(publicKey);
  const body = { link, ticket, name: "Guest", device: "x", passkey };
  // It is made anew after the hand-over has voided those there were.
  await owner.call("/api/owner/give", { id: heir.user.id });
  const [, user, secret] = link.split(".");
  const hash = base64url(await sha256(secret));
  const expires = relay.time + 60_000;
  const made = { hash, expires, by: "Ada", inviter: owner.user.id, invite: "i_x" };
  await relay.orbit.perform(relay.at(`user:${user}`), "invite.make", made);
  refused(await guest.post("/api/link/use", body), 403, "bad-link");
  refused(await guest.post("/api/link/look", { link }), 403, "bad-link");
});

/** @param {MemoryRelay} relay @param {Browser} user @param {string} name @returns {Promise<{code: string, name: string}>} */
async function firstCode(relay, user, name) {
  const { secret } = await user.call("/api/totp/options");
  return { code: await totp(secret, 0, relay.time), name };
}

/** @param {MemoryRelay} relay @returns {any[]} the entries of the index of names */
const names = (relay) =>
  [...relay.drivers].filter(([scope]) => scope.startsWith("name:"))
    .flatMap(([, { entries }]) => [...entries.values()].map(({ value }) => value));

/** A user who has taken a name and not yet turned codes on. @param {MemoryRelay} relay @param {Browser} user */
async function halfway(relay, user) {
  const { code, name } = await firstCode(relay, user, "grace");
  const run = async (
    /** @type {string} */ scope,
    /** @type {string} */ name,
    /** @type {any} */ args,
  ) => /** @type {any} */ (await relay.orbit.perform(relay.at(scope), name, args)).value;
  const { id: sid } = (await user.call("/api/me")).signin;
  const args = { code, login: name, sid };
  const { id } = await run(`user:${user.user.id}`, "totp.begin", args);
  const taken = { login: name, user: user.user.id, before: null };
  equal(await run(await loginScope(name), "name.take", taken), relay.time);
  return { name, add: () => run(`user:${user.user.id}`, "totp.add", { ...args, id }) };
}

Deno.test("a name is nobody else's between its taking and the turning on of codes", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const [bea, abe] = [await userOf(relay, owner, "Bea"), await userOf(relay, owner, "Abe")];
  const { name, add } = await halfway(relay, bea);
  const body = await firstCode(relay, abe, name);
  refused(await abe.post("/api/totp/add", body), 409, "name-taken");
  equal((await add()).recovery.length, 10);
  relay.time += 10 * 60_000;
  await owner.verify();
  await abe.verify();
  refused(await abe.post("/api/totp/add", await firstCode(relay, abe, name)), 409, "name-taken");
});

Deno.test("a name that was taken and never used is free after two minutes, for good", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const [bea, abe] = [await userOf(relay, owner, "Bea"), await userOf(relay, owner, "Abe")];
  const { name, add } = await halfway(relay, bea);
  relay.time += 60_000;
  equal(await add(), undefined);
  relay.time += 60_000 - 1;
  refused(await abe.post("/api/totp/add", await firstCode(relay, abe, name)), 409, "name-taken");
  relay.time += 1;
  equal((await abe.post("/api/totp/add", await firstCode(relay, abe, name))).status, 200);
  equal(await add(), undefined);
  equal(names(relay).map(({ user }) => user), [abe.user.id]);
});

Deno.test("a name that was taken and never used goes with its account", async () => {
  const relay = new MemoryRelay();
  const bea = await userOf(relay, await relay.owner(), "Bea");
  await halfway(relay, bea);
  equal(names(relay).length, 1);
  await bea.call("/api/account/delete");
  equal(names(relay), []);
});

Deno.test("a name that is being taken by a user who is removed is nobody's", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const bea = await userOf(relay, owner, "Bea");
  const body = await firstCode(relay, bea, "grace");
  const remove = () => owner.call("/api/users/remove", { id: bea.user.id });
  before(relay, await loginScope("grace"), remove);
  refused(await bea.post("/api/totp/add", body), 401, "signed-out");
  equal(names(relay), []);
  equal(relay.drivers.get(`user:${bea.user.id}`)?.entries.size, 0);
});

Deno.test("a user changes names one change at a time", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const first = await firstCode(relay, owner, "ada");
  await owner.call("/api/totp/add", first);
  const again = await firstCode(relay, owner, "ada");
  /** @type {import("../support/client.js").Answer[]} */
  const meanwhile = [];
  before(relay, await loginScope("ada"), async () => {
    meanwhile.push(await owner.post("/api/totp/remove"), await owner.post("/api/totp/add", again));
  });
  equal((await owner.post("/api/totp/add", again)).status, 200);
  for (const answer of meanwhile) refused(answer, 429, "slow-down");
  equal(names(relay).map(({ user }) => user), [owner.user.id]);
  equal(await owner.call("/api/totp/remove"), {});
  equal(names(relay), []);
});

Deno.test("an account that is made while the owner looks at the list is not wiped", async () => {
  const relay = new MemoryRelay();
  const owner = await relay.owner();
  const { link } = await owner.call("/api/invites/create");
  const id = link.split(".")[1];
  await relay.orbit.perform(relay.at("relay"), "relay.note", { user: id });
  relay.time += 2 * 24 * 60 * 60_000;
  const guest = new Browser(relay.scene);
  const look = relay.at(`user:${id}`).store;
  const driver = /** @type {ReturnType<import("../support/memory.js").memoryDriver>} */ (
    relay.drivers.get(`user:${id}`)
  );
  // It is made after the list has seen no account there.
  const { get } = driver;
  driver.get = async (key) => {
    const found = await get.call(driver, key);
    if (key !== "account") return found;
    driver.get = get;
    await guest.useLink(link, "Guest");
    return found;
  };
  await owner.call("/api/users/list");
  equal((await look.transact((tx) => tx.get("account"))).name, "Guest");
  equal((await guest.call("/api/me")).user.id, id);
});
