// What a hostile user sends at once, so that one request overtakes another.
import { assert, equal, refused } from "../support/assert.js";
import { Authenticator } from "../support/authenticator.js";
import { Browser } from "../support/client.js";
import { totp, wrongTotp } from "../support/totp.js";

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
    for (;;) {
      const { status, body } = await ask();
      assert(status < 500, JSON.stringify(body));
      if (status === 401) break;
    }
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

  "of two who take one name at once one has it": async (scene) => {
    const [one, other] = [await scene.user("Bea"), await scene.user("Abe")];
    for (let round = 0; round < 6; round++) {
      const name = `victim ${round}`;
      const secrets = await Promise.all(
        [one, other].map(async (user) => (await user.call("/api/totp/options")).secret),
      );
      const codes = await Promise.all(secrets.map((secret) => totp(secret)));
      const answers = await Promise.all(
        [one, other].map((user, at) => user.post("/api/totp/add", { code: codes[at], name })),
      );
      const won = answers.filter(({ status }) => status === 200);
      equal(won.length, 1);
      for (const answer of answers) {
        if (!won.includes(answer)) refused(answer, 409, "name-taken");
      }
      for (const [at, { status, body }] of answers.entries()) {
        if (status !== 200) continue;
        const device = "x";
        const signIn = { name, code: body.recovery[0], device };
        const { user } = await new Browser(scene).call("/api/signin/code", signIn);
        equal(user.id, [one, other][at].user.id);
      }
    }
  },

  "names that were tried, had and have leave with their account": async (scene) => {
    const user = await scene.user("Grace");
    const before = (await traces(scene, '"name:')).length;
    for (const name of ["grace one", "grace two"]) {
      const { secret } = await user.call("/api/totp/options");
      await user.call("/api/totp/add", { code: await totp(secret), name });
    }
    const code = await wrongTotp((await user.call("/api/totp/options")).secret);
    for (let count = 0; count < 20; count++) {
      const squat = { code, name: `squat ${count}` };
      refused(await user.post("/api/totp/add", squat), 403, "bad-signin");
    }
    assert((await traces(scene, '"name:')).length <= before + 1, "More than one name is held.");
    await user.call("/api/account/delete");
    // With the blank that random letters do not have.
    equal(await traces(scene, user.user.id, "grace ", "squat "), []);
  },
};
