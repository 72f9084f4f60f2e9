// The owner goes: locked out, handing over, deleting. The cases follow one another on one relay.
import { assert, equal, refused } from "../support/assert.js";
import { base64url, random, sha256 } from "../support/bytes.js";
import { Anchor, Browser, makeClaim } from "../support/client.js";
import { deployToken } from "../support/tokens.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @param {Scene} scene @param {string} path @param {unknown} body @param {string} [token] */
async function deployed(scene, path, body, token) {
  const bearer = token ?? await deployToken(scene.deployKey, scene.origin);
  return await (await Anchor.make(scene)).post(path, body, { authorization: `Bearer ${bearer}` });
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const owners = {
  "a relay that nobody owns recovers nobody": async (scene) => {
    const claim = base64url(await sha256("x"));
    refused(await deployed(scene, "/deploy/recover", { claim }), 409, "unowned");
    refused(await deployed(scene, "/deploy/recover", {}), 400, "bad-request");
  },

  "a locked-out owner comes back": async (scene) => {
    const owner = await scene.owner();
    const socket = await owner.connect();
    const secret = random(32);
    const claim = base64url(await sha256(secret));
    const forged = await deployToken(random(32), scene.origin);
    refused(await deployed(scene, "/deploy/recover", { claim }, forged), 401, "bad-token");
    const { status, body } = await deployed(scene, "/deploy/recover", { claim });
    equal([status, body.user], [200, owner.user.id]);
    const link = `recover.${body.user}.${secret}`;
    const back = new Browser(scene);
    const look = await back.call("/api/link/look", { link });
    equal([look.kind, look.by], ["recover", "Ada"]);
    const user = await back.useLink(link, "whatever");
    equal(user, owner.user);
    equal((await socket.end()).code, 4001);
    refused(await owner.post("/api/me"), 401, "signed-out");
    refused(await back.post("/api/link/look", { link }), 403, "bad-link");
    const { entries } = await back.call("/api/log");
    equal(entries.slice(0, 2).map((/** @type {any} */ one) => one.what), [
      "recovered",
      "recover-link-made",
    ]);
    equal((await back.call("/api/passkeys/list")).passkeys.length, 2);
    const { cookie = "", authenticator } = back;
    scene.world.owner = { cookie, authenticator, user };
  },

  "an owner with other users does not just go": async (scene) => {
    const owner = await scene.owner();
    const guest = await scene.user();
    refused(await owner.post("/api/account/delete"), 409, "hand-over");
    equal((await owner.call("/api/me")).user.owner, true);
    await guest.call("/api/account/delete");
  },

  "the relay is handed over": async (scene) => {
    const owner = await scene.owner();
    const grace = await scene.user("Grace");
    const { link } = await owner.call("/api/invites/create");
    refused(await owner.post("/api/owner/give", { id: owner.user.id }), 404, "not-found");
    refused(await owner.post("/api/owner/give", { id: `u_${random(16)}` }), 404, "not-found");
    equal(await owner.call("/api/owner/give", { id: grace.user.id }), {});
    equal((await grace.call("/api/me")).user.owner, true);
    equal((await owner.call("/api/me")).user.owner, false);
    refused(await owner.post("/api/users/list"), 403, "not-owner");
    // What the one before had promised is void.
    refused(await new Browser(scene).post("/api/link/look", { link }), 403, "bad-link");
    equal((await grace.call("/api/users/list")).users.length, 2);
    refused(await makeClaim(scene), 409, "owned");
    await owner.call("/api/account/delete");
    const { cookie = "", authenticator, user } = grace;
    scene.world.owner = { cookie, authenticator, user: { ...user, owner: true } };
  },

  "the last owner leaves a relay that can be claimed": async (scene) => {
    const owner = await scene.owner();
    await owner.call("/api/account/delete");
    refused(await owner.post("/api/me"), 401, "signed-out");
    const anchor = await Anchor.make(scene);
    const { link, body } = await makeClaim(scene, anchor);
    assert(body.user !== owner.user.id);
    const next = new Browser(scene);
    equal((await next.useLink(link, "Next")).owner, true);
    equal((await next.call("/api/me")).machines.length, 1);
  },
};
