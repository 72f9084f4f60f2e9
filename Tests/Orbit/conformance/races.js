// What a hostile user sends at once, so that one request overtakes another.
import { assert, equal, refused } from "../support/assert.js";
import { Authenticator } from "../support/authenticator.js";
import { Browser } from "../support/client.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @param {Scene} scene @param {string[]} words @returns {Promise<string[]>} what the store has with one of them, but for logs */
async function traces(scene, ...words) {
  const entries = await scene.target.dump();
  const texts = entries.filter(({ key }) => !key.includes("log:")).map((entry) =>
    JSON.stringify(entry)
  );
  return texts.filter((text) => words.some((word) => text.includes(word)));
}

/**
 * Sends the same request again and again, several at once, until the browser is signed out.
 * @param {number} times how many at once
 * @param {() => Promise<import("../support/client.js").Answer>} ask
 */
const insist = (times, ask) =>
  Array.from({ length: times }, async () => {
    while ((await ask()).status !== 401);
  });

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const races = {
  "whoever is removed stays removed, whatever is under way": async (scene) => {
    const owner = await scene.owner();
    const user = await scene.user("Mallory");
    const { id } = user.authenticator;
    /** @type {Authenticator[]} */
    const spares = [];
    let count = 0;
    const busy = [
      ...insist(6, () => user.post("/api/account/rename", { name: `Mallory ${count++}` })),
      ...insist(6, () => user.post("/api/passkeys/rename", { id, name: `Mallory ${count++}` })),
      ...insist(4, async () => {
        const options = await user.post("/api/passkeys/options");
        if (options.status !== 200) return options;
        const spare = new Authenticator(scene.origin);
        const { ticket, publicKey } = options.body;
        const passkey = await spare.create(publicKey);
        spares.push(spare);
        const added = await user.post("/api/passkeys/add", { ticket, name: "Mallory's", passkey });
        if (added.status !== 200) return added;
        return await user.post("/api/passkeys/remove", { id: passkey.id });
      }),
    ];
    while (spares.length < 8) await owner.call("/api/me");
    await owner.call("/api/users/remove", { id: user.user.id });
    await Promise.all(busy);
    equal(await traces(scene, user.user.id, "Mallory"), []);
    for (const spare of spares.slice(-8)) {
      const back = new Browser(scene);
      back.authenticator = spare;
      const { ticket, publicKey } = await back.call("/api/signin/options");
      const assertion = await spare.get(publicKey);
      refused(
        await back.post("/api/signin", { ticket, assertion, device: "x" }),
        403,
        "bad-passkey",
      );
    }
    assert(
      !(await owner.call("/api/users/list")).users.some((/** @type {any} */ one) =>
        one.id === user.user.id
      ),
    );
  },

  "invites that are made while the relay is handed over are none": async (scene) => {
    const owner = await scene.owner();
    const heir = await scene.user("Heir");
    const invite = () => owner.post("/api/invites/create");
    const [given, ...made] = await Promise.all([
      owner.post("/api/owner/give", { id: heir.user.id }),
      ...Array.from({ length: 6 }, invite),
      // Each makes the next later, so that some meet the hand-over whichever is faster.
      ...Array.from({ length: 6 }, () => invite().then(invite)),
    ]);
    equal(given.status, 200);
    const { cookie = "", authenticator, user } = heir;
    scene.world.owner = { cookie, authenticator, user: { ...user, owner: true } };
    for (const { status, body } of made) {
      if (status !== 200) continue;
      const guest = new Browser(scene);
      refused(await guest.post("/api/link/look", { link: body.link }), 403, "bad-link");
      const options = { link: body.link, name: "Guest" };
      refused(await guest.post("/api/link/options", options), 403, "bad-link");
    }
  },
};
