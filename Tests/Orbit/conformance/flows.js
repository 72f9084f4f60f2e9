// What makes, changes and ends accounts, each in three parts: what must be there, the steps, and that afterwards it is done
// or can be done, wherever the steps were cut off.
import { assert, equal, refused } from "../support/assert.js";
import { base64url, random, sha256 } from "../support/bytes.js";
import { Anchor, Browser } from "../support/client.js";
import { deployToken } from "../support/tokens.js";
import { totp } from "../support/totp.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/**
 * @typedef {object} Flow
 * @property {(scene: Scene) => Promise<any>} begin
 * @property {(state: any) => Promise<void>} run
 * @property {(state: any) => Promise<void>} after may be called after any part of `run`; leaves the relay as `begin` found it
 */

/** @param {Scene} scene @param {string} path @param {unknown} body */
async function deployed(scene, path, body) {
  const bearer = await deployToken(scene.deployKey, scene.origin);
  return await (await Anchor.make(scene)).post(path, body, { authorization: `Bearer ${bearer}` });
}

/**
 * Uses a link to its end: if it was used up, the passkey that it was used with must open the account.
 * @param {Browser} browser whose authenticator has the passkey, if it came to that
 * @param {string} link
 * @param {string} [name]
 */
async function finish(browser, link, name = "Grace") {
  const { status } = await browser.post("/api/link/look", { link });
  if (status === 200) return await browser.useLink(link, name);
  assert(browser.authenticator.id !== "", "The link is used up, and there was no passkey.");
  return await browser.signIn();
}

/** @param {Browser} browser is whole: it has an account with a way in, and nothing twice */
async function whole(browser) {
  const { user } = await browser.call("/api/me");
  equal(user.id, browser.user.id);
  const { passkeys } = await browser.call("/api/passkeys/list");
  assert(passkeys.some((/** @type {any} */ one) => one.id === browser.authenticator.id));
  await browser.another();
  return passkeys.length;
}

/** @param {Browser} user removes it, if it is still there */
async function remove(user) {
  const owner = await user.scene.owner();
  const answer = await owner.post("/api/users/remove", { id: user.user.id });
  assert(answer.status === 200 || answer.status === 404, String(answer.status));
}

/** @type {Record<string, Flow>} */
export const flows = {
  "the claim of a relay": {
    async begin(scene) {
      // The relay is nobody's: whoever owns it leaves.
      const owner = scene.world.owner && await scene.owner();
      if (owner) {
        await owner.verify();
        await owner.call("/api/account/delete");
        scene.world.owner = undefined;
      }
      const secret = random(32);
      return { scene, secret, browser: new Browser(scene), anchor: await Anchor.make(scene) };
    },
    async run(state) {
      const { scene, secret, browser, anchor } = state;
      const claim = base64url(await sha256(secret));
      const machine = { name: "workshop", jwk: anchor.key.jwk };
      const { status, body } = await deployed(scene, "/deploy/claim", { claim, machine });
      // A client that sends its request again by itself is told that its token was used.
      equal(status, 200);
      state.link = `claim.${body.user}.${secret}`;
      await browser.useLink(state.link, "Ada");
    },
    async after(state) {
      const { scene, browser } = state;
      if (!state.link) await this.run(state);
      else await finish(browser, state.link, "Ada");
      equal(await whole(browser), 1);
      const { user, machines } = await browser.call("/api/me");
      equal([user.owner, machines.length], [true, 1]);
      const { users } = await browser.call("/api/users/list");
      equal(users.map((/** @type {any} */ one) => one.id), [user.id]);
      refused(
        await deployed(scene, "/deploy/claim", { claim: "A".repeat(43), machine: null }),
        409,
        "owned",
      );
      await browser.call("/api/machines/revoke", { id: machines[0].id });
      const { cookie = "", authenticator } = browser;
      scene.world.owner = { cookie, authenticator, user };
    },
  },

  "an invite and its use": {
    async begin(scene) {
      const owner = await scene.owner();
      await owner.verify();
      for (const { id } of (await owner.call("/api/invites/list")).invites) {
        await owner.call("/api/invites/revoke", { id });
      }
      const before = (await owner.call("/api/users/list")).users.length;
      return { scene, owner, before, browser: new Browser(scene) };
    },
    async run(state) {
      state.link = (await state.owner.call("/api/invites/create")).link;
      await state.browser.useLink(state.link, "Grace");
    },
    async after(state) {
      const { owner, browser, before } = state;
      if (!state.link) {
        assert((await owner.call("/api/invites/list")).invites.length <= 1);
        await this.run(state);
      } else await finish(browser, state.link);
      equal(await whole(browser), 1);
      refused(
        await new Browser(state.scene).post("/api/link/look", { link: state.link }),
        403,
        "bad-link",
      );
      equal((await owner.call("/api/users/list")).users.length, before + 1);
      // Not one that was used, at most one that nobody got to see.
      const { invites } = await owner.call("/api/invites/list");
      assert(invites.length <= 1, `${invites.length} invites`);
      await remove(browser);
      equal((await owner.call("/api/users/list")).users.length, before);
    },
  },

  "the approval of a machine": {
    async begin(scene) {
      return { scene, user: await scene.user(), anchor: await Anchor.make(scene) };
    },
    async run(state) {
      const { user, anchor } = state;
      state.code = await anchor.requestCode("workshop");
      await user.call("/api/code/approve", { code: state.code.user_code });
      state.polled = (await anchor.poll(state.code.device_code)).body;
    },
    async after(state) {
      const { scene, user, anchor } = state;
      if (!state.code) state.code = await anchor.requestCode("workshop");
      await user.call("/api/code/approve", { code: state.code.user_code });
      const { machines } = await user.call("/api/me");
      equal(machines.length, 1);
      // Its poll may have been answered before: then it is told to wait.
      scene.moveOn();
      const { body } = await anchor.poll(state.code.device_code);
      assert(body.error === "slow_down" || body.machine === machines[0].id, JSON.stringify(body));
      Object.assign(anchor, { user: user.user.id, machine: machines[0].id });
      const socket = await anchor.connect();
      equal(socket.hello.user.id, user.user.id);
      await socket.close();
      await remove(user);
    },
  },

  "a recovery": {
    async begin(scene) {
      const owner = await scene.owner();
      return { scene, owner, secret: random(32), browser: new Browser(scene) };
    },
    async run(state) {
      const { scene, secret, browser } = state;
      const claim = base64url(await sha256(secret));
      const { status, body } = await deployed(scene, "/deploy/recover", { claim });
      equal(status, 200);
      state.link = `recover.${body.user}.${secret}`;
      await browser.useLink(state.link);
    },
    async after(state) {
      const { scene, owner, browser } = state;
      if (!state.link) await this.run(state);
      else await finish(browser, state.link);
      await whole(browser);
      equal((await browser.call("/api/me")).user.owner, true);
      refused(await owner.post("/api/me"), 401, "signed-out");
      const { passkeys } = await browser.call("/api/passkeys/list");
      for (const { id } of passkeys) {
        if (id !== browser.authenticator.id) await browser.call("/api/passkeys/remove", { id });
      }
      const { cookie = "", authenticator, user } = browser;
      scene.world.owner = { cookie, authenticator, user };
    },
  },

  "a further device": {
    async begin(scene) {
      return { scene, user: await scene.user(), browser: new Browser(scene) };
    },
    async run(state) {
      state.link = (await state.user.call("/api/devices/link")).link;
      await state.browser.useLink(state.link);
    },
    async after(state) {
      const { user, browser } = state;
      if (!state.link) await this.run(state);
      else await finish(browser, state.link);
      equal(browser.user.id, user.user.id);
      equal(await whole(browser), 2);
      await remove(user);
    },
  },

  "one-time codes": {
    async begin(scene) {
      const user = await scene.user();
      return { scene, user, name: `Grace ${user.user.id}` };
    },
    async run(state) {
      const { user, name } = state;
      state.secret = (await user.call("/api/totp/options")).secret;
      await user.call("/api/totp/add", { code: await totp(state.secret), name });
    },
    async after(state) {
      const { scene, user, name } = state;
      const { on } = await user.call("/api/totp/look");
      if (!on) {
        const { secret } = await user.call("/api/totp/options");
        const body = { code: await totp(secret), name };
        const answer = await user.post("/api/totp/add", body);
        if (answer.status === 429) {
          // A change of names that was cut off holds up the next one for a minute, and nothing is on until then.
          equal(Number(answer.headers.get("retry-after")), 60);
          equal(await user.call("/api/totp/look"), { on: false, login: null, recovery: 0 });
          return await remove(user);
        }
        equal(answer.status, 200);
        state.secret = secret;
      }
      equal((await user.call("/api/totp/look")).recovery, 10);
      scene.moveOn();
      const body = { name, code: await totp(state.secret, 1), device: "Phone" };
      equal((await new Browser(scene).post("/api/signin/code", body)).status, 200);
      await remove(user);
    },
  },

  "the end of an account": {
    async begin(scene) {
      const user = await scene.user();
      const anchor = await Anchor.make(scene);
      const { user_code } = await anchor.requestCode("workshop");
      await user.call("/api/code/approve", { code: user_code });
      return { scene, user, other: await user.another() };
    },
    async run({ user }) {
      await user.call("/api/account/delete");
    },
    async after({ scene, user, other }) {
      const { status } = await other.post("/api/me");
      if (status === 200) {
        // Nothing happened yet.
        equal((await other.call("/api/me")).machines.length, 1);
        await whole(other);
        await other.call("/api/account/delete");
      }
      refused(await user.post("/api/me"), 401, "signed-out");
      const { ticket, publicKey } = await user.call("/api/signin/options");
      const assertion = await user.authenticator.get(publicKey);
      const body = { ticket, assertion, device: "x" };
      refused(await user.post("/api/signin", body), 403, "bad-passkey");
      const owner = await scene.owner();
      const { users } = await owner.call("/api/users/list");
      assert(!users.some((/** @type {any} */ one) => one.id === user.user.id));
    },
  },

  "a hand-over": {
    async begin(scene) {
      const owner = await scene.owner();
      await owner.verify();
      return { scene, owner, next: await scene.user() };
    },
    async run({ owner, next }) {
      await owner.call("/api/owner/give", { id: next.user.id });
    },
    async after({ owner, next }) {
      const owns = async (/** @type {Browser} */ browser) =>
        (await browser.call("/api/me")).user.owner;
      equal([await owns(owner), await owns(next)].filter(Boolean).length, 1);
      if (await owns(next)) {
        await next.verify();
        await next.call("/api/owner/give", { id: owner.user.id });
      }
      equal([await owns(owner), await owns(next)], [true, false]);
      await remove(next);
    },
  },
};
