// Invite links: how others join.
import { assert, equal, refused } from "../support/assert.js";
import { Browser } from "../support/client.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const invites = {
  "an invite makes one account, of someone else": async (scene) => {
    const owner = await scene.owner();
    const { link, id, expires } = await owner.call("/api/invites/create");
    assert(expires > Date.now() + 6 * 24 * 3600_000);
    const guest = new Browser(scene);
    const look = await guest.call("/api/link/look", { link });
    equal(look, { kind: "invite", expires, machine: null, by: owner.user.name });
    const listed = (await owner.call("/api/invites/list")).invites;
    equal(listed.filter((/** @type {any} */ one) => one.id === id).length, 1);
    const user = await guest.useLink(link, "Grace");
    equal([user.name, user.owner], ["Grace", false]);
    assert(user.id !== owner.user.id);
    equal((await guest.call("/api/me")).machines, []);
    const after = (await owner.call("/api/invites/list")).invites;
    equal(after.filter((/** @type {any} */ one) => one.id === id), []);
    refused(await new Browser(scene).post("/api/link/look", { link }), 403, "bad-link");
  },

  "two who use one invite at once are not both let in": async (scene) => {
    const owner = await scene.owner();
    const { link } = await owner.call("/api/invites/create");
    const attempts = await Promise.all([1, 2, 3, 4].map(async () => {
      const guest = new Browser(scene);
      const name = "Guest";
      const { ticket, publicKey } = await guest.call("/api/link/options", { link, name });
      const passkey = await guest.authenticator.create(publicKey);
      return { guest, body: { link, ticket, name, device: "x", passkey } };
    }));
    const answers = await Promise.all(
      attempts.map(({ guest, body }) => guest.post("/api/link/use", body)),
    );
    equal(answers.map(({ status }) => status).sort(), [200, 403, 403, 403]);
  },

  "a revoked invite is none": async (scene) => {
    const owner = await scene.owner();
    const { link, id } = await owner.call("/api/invites/create");
    equal(await owner.call("/api/invites/revoke", { id }), {});
    refused(await new Browser(scene).post("/api/link/look", { link }), 403, "bad-link");
    refused(await owner.post("/api/invites/revoke", { id }), 404, "not-found");
  },

  "only the owner invites": async (scene) => {
    const owner = await scene.owner();
    const { id } = await owner.call("/api/invites/create");
    const guest = await scene.user();
    for (const path of ["/api/invites/create", "/api/invites/list"]) {
      refused(await guest.post(path), 403, "not-owner", path);
    }
    refused(await guest.post("/api/invites/revoke", { id }), 403, "not-owner");
    await owner.call("/api/invites/revoke", { id });
  },

  "the seventeenth open invite is refused": async (scene) => {
    const owner = await scene.owner();
    for (const { id } of (await owner.call("/api/invites/list")).invites) {
      await owner.call("/api/invites/revoke", { id });
    }
    const made = [];
    for (let count = 1; count <= 16; count++) made.push(await owner.call("/api/invites/create"));
    const answer = await owner.post("/api/invites/create");
    refused(answer, 409, "limit");
    equal(answer.body.error.limit, "invites");
    for (const { id } of made) await owner.call("/api/invites/revoke", { id });
    equal((await owner.call("/api/invites/list")).invites, []);
  },
};
