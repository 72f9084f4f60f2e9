// Tokens that the relay's own keys signed, as nobody but the relay can: each check but the signature, one at a time.
import { equal, refused } from "../support/assert.js";
import { random } from "../support/bytes.js";
import { cookieName, signedInMachine } from "../support/client.js";
import { signed } from "../support/tokens.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

const evil = "http://evil.example";
const soon = () => Math.floor(Date.now() / 1000) + 300;
const past = () => Math.floor(Date.now() / 1000) - 1;

/** @param {Scene} scene @returns {Promise<{kid: string, key: Uint8Array<ArrayBuffer>}[]>} the relay's keys, the oldest first */
async function keysOf(scene) {
  const entries = await scene.target.dump();
  const keys = entries.filter(({ key }) => key.startsWith("key:")).map(({ key, value }) => ({
    kid: key.slice("key:".length),
    // One platform keeps the deadline beside the value.
    ...(value.value ?? value),
  }));
  return keys.sort((a, b) => a.created - b.created).map(({ kid, key }) => ({
    kid,
    key: Uint8Array.fromBase64(key, { alphabet: "base64url" }),
  }));
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const forgeries = {
  "a cookie of the relay's own key opens only what it should": async (scene) => {
    const [ada, eve] = [await scene.user("Ada"), await scene.user("Eve")];
    const [{ kid, key }] = await keysOf(scene);
    const { signin } = await ada.call("/api/me");
    const { signin: hers } = await eve.call("/api/me");
    const good = {
      aud: scene.origin,
      sub: ada.user.id,
      sid: signin.id,
      iat: soon() - 300,
      exp: soon(),
    };
    const header = { typ: "signin+jwt", kid };
    /** @param {string} text */
    const me = (text) => ada.post("/api/me", {}, { cookie: `${cookieName(scene)}=${text}` });
    equal((await me(await signed(key, header, good))).status, 200);
    const forged = {
      "expired": await signed(key, header, { ...good, exp: past() }),
      "no end": await signed(key, header, { ...good, exp: undefined }),
      "an end that is text": await signed(key, header, { ...good, exp: "9999999999" }),
      "another audience": await signed(key, header, { ...good, aud: evil }),
      "several audiences": await signed(key, header, { ...good, aud: [scene.origin, evil] }),
      "no audience": await signed(key, header, { ...good, aud: undefined }),
      "a type of another token": await signed(key, { ...header, typ: "ticket+jwt" }, good),
      "no type": await signed(key, { kid }, good),
      "a kid that is none": await signed(key, { ...header, kid: 7 }, good),
      "a kid of the prototype": await signed(key, { ...header, kid: "constructor" }, good),
      "the algorithm none": await signed(key, { ...header, alg: "none" }, good),
      "another algorithm": await signed(key, { ...header, alg: "HS512" }, good),
      "critical extensions": await signed(key, { ...header, crit: ["exp"] }, good),
      "another's sign-in": await signed(key, header, { ...good, sid: hers.id }),
      "a sign-in of another": await signed(key, header, { ...good, sub: eve.user.id }),
      "a sign-in that never was": await signed(key, header, { ...good, sid: `s_${random(16)}` }),
      "a user that never was": await signed(key, header, { ...good, sub: `u_${random(16)}` }),
      "another scope as its user": await signed(key, header, { ...good, sub: "relay" }),
      "no issue date": await signed(key, header, { ...good, iat: undefined }),
    };
    for (const [fault, text] of Object.entries(forged)) {
      refused(await me(text), 401, "signed-out", fault);
      const cookie = `${cookieName(scene)}=${text}`;
      refused(await ada.refused({ cookie }), 401, "signed-out", fault);
    }
    // What was signed out is not signed in again with the cookie that it had.
    await ada.call("/api/signout");
    refused(await me(await signed(key, header, good)), 401, "signed-out");
  },

  "a ticket of the relay's own key is for what it says": async (scene) => {
    const user = await scene.user();
    const [{ kid, key }] = await keysOf(scene);
    const header = { typ: "ticket+jwt", kid };
    const challenge = random(32);
    const good = { aud: scene.origin, purpose: "signin", jti: challenge, exp: soon() };
    const signin = `verify ${(await user.call("/api/me")).signin.id}`;
    /** @param {string} ticket */
    const use = async (ticket) => {
      const assertion = await user.authenticator.get({ challenge });
      return await user.post("/api/signin", { ticket, assertion, device: "x" });
    };
    const forged = {
      "expired": await signed(key, header, { ...good, exp: past() }),
      "no end": await signed(key, header, { ...good, exp: undefined }),
      "another audience": await signed(key, header, { ...good, aud: evil }),
      "another purpose": await signed(key, header, { ...good, purpose: signin }),
      "no purpose": await signed(key, header, { ...good, purpose: undefined }),
      "no challenge": await signed(key, header, { ...good, jti: undefined }),
      "a type of another token": await signed(key, { ...header, typ: "signin+jwt" }, good),
      "an unknown kid": await signed(key, { ...header, kid: random(8) }, good),
      "the algorithm none": await signed(key, { ...header, alg: "none" }, good),
      "critical extensions": await signed(key, { ...header, crit: [] }, good),
    };
    for (const [fault, ticket] of Object.entries(forged)) {
      refused(await use(ticket), 403, "bad-ticket", fault);
    }
    const ticket = await signed(key, header, good);
    equal((await use(ticket)).status, 200);
    refused(await use(ticket), 403, "bad-ticket", "replayed");
  },

  "an anchor's token names the key that signed it": async (scene) => {
    const user = await scene.user();
    const [one, two] = [await signedInMachine(user, "one"), await signedInMachine(user, "two")];
    const kid = await two.key.thumbprint();
    refused(await one.refused(await one.token({}, { kid })), 401, "bad-token");
    refused(await one.refused(await one.token({}, { kid: undefined })), 401, "bad-token");
    refused(await one.refused(await one.token({ iss: two.machine }, { kid })), 401, "bad-token");
    const used = await two.token();
    await one.connect();
    refused(await one.refused(used.replace(/[^.]+$/, "")), 401, "bad-token");
  },

  "a verification takes nothing but the user's own": async (scene) => {
    const [ada, eve] = [await scene.user("Ada"), await scene.user("Eve")];
    /** @type {import("../support/authenticator.js").Faults[]} */
    const faults = [
      { challenge: random(32) },
      { origin: evil },
      { crossOrigin: true },
      { rpId: "evil.example" },
      { type: "webauthn.create" },
      { flags: 0x04 },
      { flags: 0x01 },
      { signature: "" },
      { id: eve.authenticator.id },
    ];
    for (const fault of faults) {
      const { ticket, publicKey } = await ada.call("/api/verify/options");
      const assertion = await ada.authenticator.get(publicKey, fault);
      const answer = await ada.post("/api/verify", { ticket, assertion });
      refused(answer, 403, "bad-passkey", JSON.stringify(fault));
    }
    const { ticket, publicKey } = await ada.call("/api/verify/options");
    const assertion = await eve.authenticator.get(publicKey);
    refused(await ada.post("/api/verify", { ticket, assertion }), 403, "bad-passkey");
    equal(await ada.verify(), { fresh: true });
  },
};
