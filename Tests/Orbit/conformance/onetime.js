// One-time and recovery codes.
import { assert, equal, refused } from "../support/assert.js";
import { Browser } from "../support/client.js";
import { totp, wrongTotp } from "../support/totp.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** How many names the cases on one relay have had. @type {WeakMap<object, number>} */
const names = new WeakMap();

/** @param {Scene} scene @param {string} text @returns {string} a name that nobody has there, and the same on each platform */
function fresh({ world }, text) {
  const count = (names.get(world) ?? 0) + 1;
  names.set(world, count);
  return `${text} ${count}`;
}

/** A user who signs in with codes too, the `first` of them used, and a `bad` one. @param {Scene} scene */
async function coded(scene) {
  const user = await scene.user();
  const name = fresh(scene, "Grace");
  const { secret } = await user.call("/api/totp/options");
  // The code of the step before leaves those of this one and the next to be used.
  const code = await totp(secret, -1);
  const { recovery } = await user.call("/api/totp/add", { code, name });
  return { user, name, secret, recovery, first: code, bad: await wrongTotp(secret) };
}

/** @param {Scene} scene @param {string} name @param {string} code */
async function signIn(scene, name, code) {
  const browser = new Browser(scene);
  return {
    browser,
    answer: await browser.post("/api/signin/code", { name, code, device: "Phone" }),
  };
}

/** @param {Scene} scene @param {string} name @param {string} code */
async function wrong(scene, name, code) {
  const { answer } = await signIn(scene, name, code);
  refused(answer, 403, "bad-signin");
  return JSON.stringify(answer.body);
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const onetime = {
  "codes are turned on with a first one": async (scene) => {
    const user = await scene.user();
    equal(await user.call("/api/totp/look"), { on: false, login: null, recovery: 0 });
    refused(await user.post("/api/totp/add", { code: "123456", name: "x" }), 403, "bad-signin");
    const { secret, uri, name } = await user.call("/api/totp/options");
    assert(/^[A-Z2-7]{32}$/.test(secret));
    const { hostname } = new URL(scene.origin);
    equal(uri, `otpauth://totp/${hostname}%3AGrace?secret=${secret}&issuer=${hostname}`);
    equal(name, "Grace");
    const login = fresh(scene, "Ｇｒａｃｅ ");
    const late = await totp(secret, -5);
    refused(await user.post("/api/totp/add", { code: late, name: login }), 403, "bad-signin");
    const code = await totp(secret);
    const { recovery } = await user.call("/api/totp/add", { code, name: login });
    equal([recovery.length, new Set(recovery).size], [10, 10]);
    for (const one of recovery) {
      assert(/^([BCDFGHJKLMNPQRSTVWXZ]{4}-){2}[BCDFGHJKLMNPQRSTVWXZ]{4}$/.test(one), one);
    }
    const state = await user.call("/api/totp/look");
    equal(state, {
      on: true,
      login: login.normalize("NFKC").toLowerCase().replace("  ", " "),
      recovery: 10,
    });
  },

  "a code signs in once": async (scene) => {
    const { user, name, secret, first } = await coded(scene);
    const code = await totp(secret);
    const { browser, answer } = await signIn(
      scene,
      ` ${name.toUpperCase()} `,
      ` ${code.slice(0, 3)} ${code.slice(3)}`,
    );
    equal([answer.status, answer.body.user.id], [200, user.user.id]);
    equal((await browser.call("/api/me")).signin.fresh, true);
    await wrong(scene, name, code);
    await wrong(scene, name, first);
    equal((await signIn(scene, name, await totp(secret, 1))).answer.status, 200);
  },

  "a code verifies": async (scene) => {
    const { user, secret, bad } = await coded(scene);
    refused(await user.post("/api/verify/code", { code: bad }), 403, "bad-signin");
    const code = await totp(secret);
    equal(await user.call("/api/verify/code", { code }), { fresh: true });
    refused(await user.post("/api/verify/code", { code }), 403, "bad-signin");
  },

  "a recovery code signs in once, and new ones void the old": async (scene) => {
    const { user, name, recovery } = await coded(scene);
    const typed = recovery[0].toLowerCase().replaceAll("-", " ");
    equal((await signIn(scene, name, typed)).answer.status, 200);
    await wrong(scene, name, recovery[0]);
    equal((await user.call("/api/totp/look")).recovery, 9);
    const renewed = (await user.call("/api/recovery/renew")).recovery;
    await wrong(scene, name, recovery[1]);
    equal((await signIn(scene, name, renewed[0])).answer.status, 200);
  },

  "unknown and wrong are told in the same words": async (scene) => {
    const { name, secret } = await coded(scene);
    const other = await coded(scene);
    const answers = new Set([
      await wrong(scene, "Nobody", await totp(secret)),
      await wrong(scene, name, await totp(secret, 7)),
      await wrong(scene, other.name, await totp(secret)),
      await wrong(scene, name, ""),
      await wrong(scene, name, "__proto__"),
      await wrong(scene, "", await totp(secret)),
      await wrong(scene, "\ufdfa".repeat(128), await totp(secret)),
      await wrong(scene, "\ud800\0", await totp(secret)),
      await wrong(scene, (await scene.owner()).user.name, await totp(secret)),
    ]);
    equal(answers.size, 1);
    equal((await signIn(scene, name, await totp(secret))).answer.status, 200);
  },

  "a name is one user's": async (scene) => {
    const { user, name, secret } = await coded(scene);
    const eve = await scene.user("Eve");
    const made = await eve.call("/api/totp/options");
    const take = async () => {
      const body = { code: await totp(made.secret), name: name.toUpperCase() };
      return await eve.post("/api/totp/add", body);
    };
    refused(await take(), 409, "name-taken");
    equal((await signIn(scene, name, await totp(secret))).answer.body.user.id, user.user.id);
    // Once it is given up it may be taken.
    await user.call("/api/totp/remove");
    equal((await take()).status, 200);
  },

  "five wrong codes lock them, a passkey opens them": async (scene) => {
    const { user, name, secret, bad } = await coded(scene);
    for (let count = 0; count < 5; count++) await wrong(scene, name, bad);
    await wrong(scene, name, await totp(secret));
    const other = await user.another();
    equal((await signIn(scene, name, await totp(secret))).answer.status, 200);
    const { entries } = await other.call("/api/log");
    const failed = entries.find((/** @type {any} */ one) => one.what === "sign-in-failed");
    equal([failed.address, failed.count], [scene.address, 6]);
  },

  "a stranger's wrong codes keep out neither recovery codes nor who is signed in": async (
    scene,
  ) => {
    const { user, name, secret, recovery, bad } = await coded(scene);
    for (let count = 0; count < 5; count++) await wrong(scene, name, bad);
    await wrong(scene, name, await totp(secret));
    equal(await user.call("/api/verify/code", { code: await totp(secret) }), { fresh: true });
    // That opened them.
    for (let count = 0; count < 5; count++) await wrong(scene, name, bad);
    await wrong(scene, name, await totp(secret, 1));
    await wrong(scene, name, "BCDF-GHJK-LMNP");
    equal((await signIn(scene, name, recovery[0])).answer.status, 200);
    equal((await signIn(scene, name, await totp(secret, 1))).answer.status, 200);
  },

  "who is signed in has tries of their own": async (scene) => {
    const { user, name, secret, recovery, bad } = await coded(scene);
    const verify = (/** @type {string} */ code) => user.post("/api/verify/code", { code });
    for (let count = 0; count < 5; count++) refused(await verify(bad), 403, "bad-signin");
    refused(await verify(await totp(secret)), 403, "bad-signin");
    equal((await verify(recovery[0])).status, 200);
    for (let count = 0; count < 5; count++) refused(await verify(bad), 403, "bad-signin");
    equal((await signIn(scene, name, await totp(secret))).answer.status, 200);
  },

  "many wrong attempts from an address keep out nothing that cannot be guessed": async (scene) => {
    scene.moveOn();
    const { user, name, secret, recovery } = await coded(scene);
    const { link } = await user.call("/api/devices/link");
    const other = await coded(scene);
    const eve = new Browser(scene);
    const insist = async (/** @type {() => Promise<any>} */ ask) => {
      for (let count = 0; count < 30; count++) equal((await ask()).status, 403);
      for (let count = 0; count < 3; count++) refused(await ask(), 429, "slow-down");
    };
    const given = { name: other.name, code: "BCDF-GHJK-LMNP", device: "x" };
    await insist(() => eve.post("/api/link/look", { link: "x" }));
    await insist(() => eve.post("/api/signin/code", given));
    equal((await eve.post("/api/link/look", { link })).status, 200);
    await user.another();
    equal((await signIn(scene, name, recovery[0])).answer.status, 200);
    equal((await signIn(scene, name, await totp(secret))).answer.status, 200);
    // A one-time code can be guessed: not even a right one is looked at.
    await insist(() => eve.post("/api/signin/code", { ...given, name: "x", code: "000000" }));
    refused((await signIn(scene, name, await totp(secret, 1))).answer, 429, "slow-down");
    equal((await user.post("/api/verify/code", { code: await totp(secret, 1) })).status, 200);
  },

  "the last way in stays": async (scene) => {
    const { user, secret, name } = await coded(scene);
    const { id } = user.authenticator;
    equal(await user.call("/api/passkeys/remove", { id }), {});
    refused(await user.post("/api/totp/remove"), 409, "last-way-in");
    equal((await signIn(scene, name, await totp(secret))).answer.status, 200);
  },

  "codes that are off open nothing": async (scene) => {
    const { user, name, secret, recovery } = await coded(scene);
    equal(await user.call("/api/totp/remove"), {});
    await wrong(scene, name, await totp(secret));
    await wrong(scene, name, recovery[0]);
    refused(await user.post("/api/totp/remove"), 404, "not-found");
    refused(await user.post("/api/recovery/renew"), 404, "not-found");
    refused(await user.post("/api/verify/code", { code: await totp(secret) }), 403, "bad-signin");
  },
};
