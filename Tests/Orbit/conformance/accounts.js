// What a user does with an account: further devices, its name, its log, its end; and what the owner does with others'.
import { assert, equal, refused } from "../support/assert.js";
import { random } from "../support/bytes.js";
import { Browser, signedInMachine } from "../support/client.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @param {Browser} browser @returns {Promise<string[]>} what its log says, the newest first */
const logged = async (browser) =>
  (await browser.call("/api/log")).entries.map((/** @type {any} */ one) => one.what);

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const accounts = {
  "a link adds a device to one's account": async (scene) => {
    const user = await scene.user("Grace");
    const old = (await user.call("/api/devices/link")).link;
    const { link, expires } = await user.call("/api/devices/link");
    assert(expires <= Date.now() + 10 * 60_000);
    const phone = new Browser(scene);
    refused(await phone.post("/api/link/look", { link: old }), 403, "bad-link");
    const look = await phone.call("/api/link/look", { link });
    equal(look, { kind: "device", expires, machine: null, by: "Grace" });
    const made = await phone.call("/api/link/options", { link, name: "Eve" });
    equal(made.publicKey.user.name, "Grace");
    equal(made.publicKey.excludeCredentials.length, 1);
    const added = await phone.useLink(link, "Eve");
    equal([added.id, added.name], [user.user.id, "Grace"]);
    refused(await new Browser(scene).post("/api/link/look", { link }), 403, "bad-link");
    equal((await user.call("/api/passkeys/list")).passkeys.length, 2);
    await phone.another();
    equal((await user.call("/api/me")).user.name, "Grace");
    equal((await logged(user)).slice(0, 3), ["signed-in", "device-added", "device-link-made"]);
  },

  "a link to a further device ends with the sign-in that made it": async (scene) => {
    const user = await scene.user();
    const thief = await user.another();
    const { signin } = await thief.call("/api/me");
    const look = (/** @type {string} */ link) =>
      new Browser(scene).post("/api/link/look", { link });
    const stolen = (await thief.call("/api/devices/link")).link;
    equal((await look(stolen)).status, 200);
    await user.call("/api/signins/revoke", { id: signin.id });
    refused(await look(stolen), 403, "bad-link");
    const { link } = await user.call("/api/devices/link");
    await user.call("/api/signins/revoke", { all: true });
    refused(await look(link), 403, "bad-link");
  },

  "the log is not washed by doing one thing over and over": async (scene) => {
    const user = await scene.user();
    await signedInMachine(user, "attic");
    for (let count = 0; count < 20; count++) await user.call("/api/devices/link");
    const { entries } = await user.call("/api/log");
    const said = entries.map((/** @type {any} */ { what, count }) => [what, count]);
    equal(said, [["device-link-made", 20], ["machine-added", undefined], [
      "account-made",
      undefined,
    ]]);
  },

  "an account is renamed": async (scene) => {
    const user = await scene.user("Grace");
    equal(await user.call("/api/account/rename", { name: "Rear Admiral" }), {
      name: "Rear Admiral",
    });
    equal((await user.call("/api/me")).user.name, "Rear Admiral");
    equal((await user.connect()).hello.user.name, "Rear Admiral");
  },

  "the log tells what happened, to its user only": async (scene) => {
    const user = await scene.user("Grace");
    const anchor = await signedInMachine(user, "attic");
    await user.call("/api/machines/revoke", { id: anchor.machine });
    const other = await user.another();
    await other.call("/api/signout");
    const { entries } = await user.call("/api/log");
    const said = entries.map((
      /** @type {any} */ { what, name, device, by },
    ) => [what, name ?? device, by]);
    equal(said, [
      ["signed-out", "Test browser", undefined],
      ["signed-in", "Test browser", "passkey"],
      ["machine-revoked", "attic", undefined],
      ["machine-added", "attic", undefined],
      ["account-made", "Test browser", undefined],
    ]);
    for (const { time, address } of entries) {
      assert(Math.abs(time - Date.now()) < 60_000);
      equal(address, scene.address);
    }
    equal(await logged(await scene.user("Eve")), ["account-made"]);
  },

  "failures are in the log of who they were meant for": async (scene) => {
    const user = await scene.user();
    for (let count = 0; count < 3; count++) {
      const { ticket, publicKey } = await user.call("/api/signin/options");
      const assertion = await user.authenticator.get(publicKey, { challenge: random(32) });
      const body = { ticket, assertion, device: "x" };
      refused(await user.post("/api/signin", body), 403, "bad-passkey");
    }
    const [failed] = (await user.call("/api/log")).entries;
    equal([failed.what, failed.count, failed.address], ["sign-in-failed", 3, scene.address]);
  },

  "a deleted account is gone": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const other = await user.another();
    const sockets = [await anchor.connect(), await user.connect(), await other.connect()];
    equal(await user.call("/api/account/delete"), {});
    equal(user.cookie, undefined);
    for (const socket of sockets) equal((await socket.end()).code, 4001);
    refused(await other.post("/api/me"), 401, "signed-out");
    refused(await anchor.refused(await anchor.token()), 401, "unknown-machine");
    const made = await user.call("/api/signin/options");
    const assertion = await user.authenticator.get(made.publicKey);
    const body = { ticket: made.ticket, assertion, device: "x" };
    refused(await user.post("/api/signin", body), 403, "bad-passkey");
    const { users } = await (await scene.owner()).call("/api/users/list");
    assert(!users.some((/** @type {any} */ one) => one.id === user.user.id));
  },

  "the owner lists and removes users": async (scene) => {
    const [owner, grace] = [await scene.owner(), await scene.user("Grace")];
    const { users, next } = await owner.call("/api/users/list");
    equal(next, null);
    const [me, her] = [owner, grace].map(({ user }) =>
      users.find((/** @type {any} */ one) => one.id === user.id)
    );
    equal([me.owner, me.name, her.owner, her.name], [true, "Ada", false, "Grace"]);
    equal(Object.keys(her).sort(), ["created", "id", "name", "owner", "seen"]);
    const socket = await grace.connect();
    equal(await owner.call("/api/users/remove", { id: grace.user.id }), {});
    equal((await socket.end()).code, 4001);
    refused(await grace.post("/api/me"), 401, "signed-out");
    refused(await owner.post("/api/users/remove", { id: grace.user.id }), 404, "not-found");
    refused(await owner.post("/api/users/remove", { id: owner.user.id }), 404, "not-found");
    refused(await owner.post("/api/users/remove", { id: `u_${random(16)}` }), 404, "not-found");
    equal((await logged(owner))[0], "user-removed");
  },

  "nobody else does what the owner may": async (scene) => {
    const [owner, eve] = [await scene.owner(), await scene.user("Eve")];
    const { id } = owner.user;
    refused(await eve.post("/api/users/list"), 403, "not-owner");
    refused(await eve.post("/api/users/remove", { id }), 403, "not-owner");
    refused(await eve.post("/api/owner/give", { id: eve.user.id }), 403, "not-owner");
    equal((await owner.call("/api/me")).user.owner, true);
  },
};
