// What is left of someone who deleted the account: nothing, wherever one looks in the store.
import { assert, equal } from "../support/assert.js";
import { base64url, sha256, utf8 } from "../support/bytes.js";
import { Anchor, Browser, signedInMachine } from "../support/client.js";
import { totp } from "../support/totp.js";

/**
 * @typedef {import("../support/scene.js").Scene} Scene
 * @typedef {import("../support/client.js").Browser} User
 */

const name = "Grace Brewster Murray";
const login = "Rear Admiral";

/** @param {string} link @returns {Promise<string>} what the store has of it */
const hash = (link) => sha256(link.split(".")[2]).then(base64url);

/**
 * A user who has, and had, one of everything.
 * @param {Scene} scene
 * @returns {Promise<{user: User, traces: Record<string, string>}>}
 */
async function everything(scene) {
  const owner = await scene.owner();
  const { link } = await owner.call("/api/invites/create");
  const user = new Browser(scene);
  await user.useLink(link, name);
  const anchor = await signedInMachine(user, "Grace's attic");
  // A code that was approved and is never asked for.
  const { user_code: code } = await (await Anchor.make(scene)).requestCode("Grace's cellar");
  await user.call("/api/code/approve", { code });
  const { secret } = await user.call("/api/totp/options");
  const confirmed = { code: await totp(secret), name: login };
  const { recovery } = await user.call("/api/totp/add", confirmed);
  const device = await user.call("/api/devices/link");
  const [machine, page, other] = [
    await anchor.connect(),
    await user.connect(),
    await user.another(),
  ];
  page.data(anchor.machine, "hello");
  equal((await machine.frame("data")).payload, "hello");
  await user.post("/api/verify/code", { code: "000000" });
  await user.post("/api/code/look", { code: "BCDF-GHJK" });
  const { signin } = await other.call("/api/me");
  const traces = {
    "the id": user.user.id,
    "the user handle": base64url(utf8(user.user.id)),
    "the name": name,
    "the name to sign in with": login.toLowerCase(),
    "the secret of the codes": Uint8Array.from(
      (secret.match(/.{8}/g) ?? []).flatMap((/** @type {string} */ part) => {
        const bits = [...part].map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one));
        const all = bits.map((value) => value.toString(2).padStart(5, "0")).join("");
        return (all.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
      }),
    ).toHex(),
    "a recovery code": base64url(await sha256(recovery[0].replaceAll("-", ""))),
    "the passkey": user.authenticator.id,
    "the machine": anchor.machine,
    "the machine's key": anchor.key.jwk.x,
    "the machine's name": "Grace's attic",
    "the other machine's name": "Grace's cellar",
    "the sign-in": signin.id,
    "the connection": page.id,
    "the user code": code.replace("-", ""),
    "the link to a further device": await hash(device.link),
    "the invite": await hash(link),
  };
  return { user, traces };
}

/**
 * @param {Scene} scene
 * @param {Record<string, string>} traces
 * @returns {Promise<Record<string, string[]>>} where in the store each is found
 */
async function found(scene, traces) {
  const entries = await scene.target.dump();
  assert(entries.length > 0, "The store is empty.");
  /** @type {Record<string, string[]>} */
  const places = {};
  for (const { scope, key, value } of entries) {
    const text = `${scope}\n${key}\n${JSON.stringify(value)}`;
    for (const [what, trace] of Object.entries(traces)) {
      if (text.includes(trace)) (places[what] ??= []).push(text);
    }
  }
  return places;
}

/** What the owner's log says of those who came and went is the owner's. @param {string} text @returns {boolean} */
const isOwnersLog = (text) =>
  /\nlog:\d+\n.*"what":"(invite-used|user-removed|handed-over)"/.test(text);

/** @param {Scene} scene @param {Record<string, string>} traces */
async function gone(scene, traces) {
  // What an isolate had to say to another is taken, or thrown away, a little later.
  const deadline = Date.now() + 90_000;
  for (;;) {
    const places = Object.entries(await found(scene, traces)).map(([what, texts]) => [
      what,
      texts.filter((text) => !isOwnersLog(text)),
    ]).filter(([, texts]) => texts.length > 0);
    if (places.length === 0) return;
    assert(Date.now() < deadline, `There is still ${JSON.stringify(Object.fromEntries(places))}.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const erasure = {
  "who deletes an account leaves nothing": async (scene) => {
    const { user, traces } = await everything(scene);
    // What one looks for can be found: all but what is never stored, used up, or on some platforms only.
    const before = await found(scene, traces);
    const never = ["the user handle", "the invite", "the connection"];
    for (const what of Object.keys(traces)) assert(what in before || never.includes(what), what);
    await user.call("/api/account/delete");
    await gone(scene, traces);
  },

  "whom the owner removes leaves nothing": async (scene) => {
    const { user, traces } = await everything(scene);
    await (await scene.owner()).call("/api/users/remove", { id: user.user.id });
    await gone(scene, traces);
  },

  "an owner who leaves an empty relay leaves nothing": async (scene) => {
    const owner = await scene.owner();
    for (const { id } of (await owner.call("/api/users/list")).users) {
      if (id !== owner.user.id) await owner.call("/api/users/remove", { id });
    }
    const { link } = await owner.call("/api/invites/create");
    const { id } = owner.user;
    await owner.call("/api/account/delete");
    const traces = {
      "the id": id,
      "the passkey": owner.authenticator.id,
      "the invite": await hash(link),
      "the invited": link.split(".")[1],
    };
    equal(await found(scene, traces), {});
    // Not a word of anyone is left: the keys, and what says that a token was used.
    for (const { key, value } of await scene.target.dump()) {
      assert(!JSON.stringify([key, value]).includes('"what"'), `There is still ${key}.`);
    }
  },
};
