// Passkeys: registration, sign-in, verification, and what a wrong one is answered.
import { assert, equal, refused } from "../support/assert.js";
import { random } from "../support/bytes.js";
import { Authenticator, der } from "../support/authenticator.js";
import { Browser } from "../support/client.js";

/** @typedef {import("../support/scene.js").Scene} Scene */
/** @typedef {import("../support/authenticator.js").Faults} Faults */

const evil = "http://evil.example";
/** Faults of both ceremonies. @type {Record<string, Faults>} */
const shared = {
  "another challenge": { challenge: random(32) },
  "another origin": { origin: evil },
  "a frame of another origin": { crossOrigin: true },
  "another host": { rpId: "evil.example" },
};

/** @param {Browser} browser @param {Faults} [faults] @param {string} [ticket] */
async function signIn(browser, faults, ticket) {
  const made = await browser.call("/api/signin/options");
  const assertion = await browser.authenticator.get(made.publicKey, faults);
  const body = { ticket: ticket ?? made.ticket, assertion, device: "x" };
  return { answer: await browser.post("/api/signin", body), body };
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const passkeys = {
  "the options are for a discoverable passkey with verification": async (scene) => {
    const owner = await scene.owner();
    const { link } = await owner.call("/api/invites/create");
    const browser = new Browser(scene);
    const { publicKey } = await browser.call("/api/link/options", { link, name: "Grace" });
    const { rp, user, pubKeyCredParams, authenticatorSelection, attestation } = publicKey;
    const { hostname } = new URL(scene.origin);
    equal(rp, { id: hostname, name: hostname });
    equal([user.name, user.displayName, attestation], ["Grace", "Grace", "none"]);
    equal(atob(user.id), link.split(".")[1]);
    equal(pubKeyCredParams.map((/** @type {any} */ { alg }) => alg), [-7, -8, -257]);
    equal(authenticatorSelection.userVerification, "required");
    equal(authenticatorSelection.residentKey, "required");
    const request = (await browser.call("/api/signin/options")).publicKey;
    equal([request.rpId, request.userVerification], [hostname, "required"]);
    equal(request.allowCredentials, []);
  },

  "each algorithm signs in": async (scene) => {
    const owner = await scene.owner();
    for (const algorithm of [-7, -8, -257]) {
      const { link } = await owner.call("/api/invites/create");
      const browser = new Browser(scene, algorithm);
      await browser.useLink(link);
      browser.cookie = undefined;
      equal((await signIn(browser)).answer.status, 200, String(algorithm));
      equal((await browser.call("/api/me")).user.id, browser.user.id);
    }
  },

  "a wrong registration uses nothing up": async (scene) => {
    const owner = await scene.owner();
    const { link } = await owner.call("/api/invites/create");
    const browser = new Browser(scene);
    const { ticket, publicKey } = await browser.call("/api/link/options", { link, name: "Eve" });
    /** @type {Record<string, Faults>} */
    const faults = {
      ...shared,
      "an assertion": { type: "webauthn.get" },
      "without the user": { flags: 0x44 },
      "without verification": { flags: 0x41 },
      "without a key": { flags: 0x05 },
      "another id": { id: random(32) },
    };
    for (const [name, fault] of Object.entries(faults)) {
      const passkey = await new Authenticator(scene.origin).create(publicKey, fault);
      const body = { link, ticket, name: "Eve", device: "x", passkey };
      refused(await browser.post("/api/link/use", body), 403, "bad-passkey", name);
    }
    const passkey = await browser.authenticator.create(publicKey);
    const body = { link, ticket, name: "Eve", device: "x", passkey };
    const unknown = { ...body, passkey: { ...passkey, algorithm: -37 } };
    refused(await browser.post("/api/link/use", unknown), 403, "bad-passkey");
    const broken = { ...body, passkey: { ...passkey, publicKey: random(91) } };
    refused(await browser.post("/api/link/use", broken), 403, "bad-passkey");
    equal((await browser.post("/api/link/use", body)).status, 200);
    scene.moveOn();
    refused(await browser.post("/api/link/use", body), 403, "bad-link");
  },

  "a ticket is for one link": async (scene) => {
    const owner = await scene.owner();
    const [one, two] = await Promise.all([1, 2].map(() => owner.call("/api/invites/create")));
    const browser = new Browser(scene);
    const made = await browser.call("/api/link/options", { link: one.link, name: "Eve" });
    const passkey = await browser.authenticator.create(made.publicKey);
    const body = { link: two.link, ticket: made.ticket, name: "Eve", device: "x", passkey };
    refused(await browser.post("/api/link/use", body), 403, "bad-ticket");
    const { ticket } = await browser.call("/api/signin/options");
    refused(await browser.post("/api/link/use", { ...body, ticket }), 403, "bad-ticket");
  },

  "a wrong assertion is refused": async (scene) => {
    const user = await scene.user();
    /** @type {Record<string, Faults>} */
    const faults = {
      ...shared,
      "a registration": { type: "webauthn.create" },
      "without the user": { flags: 0x04 },
      "without verification": { flags: 0x01 },
      "another signature": {
        signature: der(crypto.getRandomValues(new Uint8Array(64))).toBase64({
          alphabet: "base64url",
          omitPadding: true,
        }),
      },
      "no signature": { signature: "" },
      "another passkey": { id: random(32) },
      "another user": { userHandle: btoa(`u_${random(16)}`).replace(/=+$/, "") },
      "no user": { userHandle: "" },
    };
    const answers = new Set();
    for (const [name, fault] of Object.entries(faults)) {
      const { answer } = await signIn(user, fault);
      refused(answer, 403, "bad-passkey", name);
      answers.add(JSON.stringify(answer.body));
    }
    // Unknown and wrong are told in the same words.
    equal(answers.size, 1);
    equal((await signIn(user)).answer.status, 200);
  },

  "an assertion of another user's passkey opens nothing": async (scene) => {
    const [ada, eve] = [await scene.user("Ada"), await scene.user("Eve")];
    const { userHandle } = ada.authenticator;
    refused((await signIn(eve, { userHandle })).answer, 403, "bad-passkey");
    const { id } = ada.authenticator;
    refused((await signIn(eve, { userHandle, id })).answer, 403, "bad-passkey");
    refused((await signIn(eve, { id })).answer, 403, "bad-passkey");
  },

  "an assertion is not taken twice": async (scene) => {
    const user = await scene.user();
    const { answer, body } = await signIn(user);
    equal(answer.status, 200);
    refused(await user.post("/api/signin", body), 403, "bad-ticket");
    const { ticket } = await user.call("/api/signin/options");
    refused(await user.post("/api/signin", { ...body, ticket }), 403, "bad-passkey");
  },

  "a ticket is for one purpose": async (scene) => {
    const user = await scene.user();
    const { ticket } = await user.call("/api/verify/options");
    refused((await signIn(user, {}, ticket)).answer, 403, "bad-ticket");
    for (const wrong of ["", "a.b.c", user.cookie?.split("=")[1] ?? ""]) {
      refused((await signIn(user, {}, wrong)).answer, 403, "bad-ticket");
    }
    const made = await user.call("/api/signin/options");
    const assertion = await user.authenticator.get(made.publicKey);
    const verify = await user.post("/api/verify", { ticket: made.ticket, assertion });
    refused(verify, 403, "bad-ticket");
    const other = await user.another();
    const theirs = await other.call("/api/verify/options");
    const signed = await user.authenticator.get(theirs.publicKey);
    const foreign = await user.post("/api/verify", { ticket: theirs.ticket, assertion: signed });
    refused(foreign, 403, "bad-ticket");
  },

  "a counter that goes back is refused": async (scene) => {
    const user = await scene.user();
    equal((await signIn(user, { count: 5 })).answer.status, 200);
    refused((await signIn(user, { count: 5 })).answer, 403, "bad-passkey");
    refused((await signIn(user, { count: 4 })).answer, 403, "bad-passkey");
    refused((await signIn(user, { count: 0 })).answer, 403, "bad-passkey");
    equal((await signIn(user, { count: 6 })).answer.status, 200);
  },

  "passkeys are listed, named, added and removed, the last one stays": async (scene) => {
    const user = await scene.user();
    const first = user.authenticator;
    const [only] = (await user.call("/api/passkeys/list")).passkeys;
    equal([only.id, only.name], [first.id, "Test browser"]);
    refused(await user.post("/api/passkeys/remove", { id: first.id }), 409, "last-way-in");
    const { ticket, publicKey } = await user.call("/api/passkeys/options");
    equal(publicKey.excludeCredentials, [{ type: "public-key", id: first.id }]);
    const second = new Authenticator(scene.origin);
    const passkey = await second.create(publicKey);
    const body = { ticket, name: "Key ring", passkey };
    equal((await user.call("/api/passkeys/add", body)).passkey.name, "Key ring");
    refused(await user.post("/api/passkeys/add", body), 403, "bad-ticket");
    const renamed = await user.call("/api/passkeys/rename", { id: second.id, name: "Ring" });
    equal(renamed.passkey.name, "Ring");
    equal(await user.call("/api/passkeys/remove", { id: first.id }), {});
    refused((await signIn(user)).answer, 403, "bad-passkey");
    user.authenticator = second;
    equal((await signIn(user)).answer.status, 200);
    refused(await user.post("/api/passkeys/remove", { id: second.id }), 409, "last-way-in");
    refused(await user.post("/api/passkeys/remove", { id: first.id }), 404, "not-found");
    refused(await user.post("/api/passkeys/rename", { id: first.id, name: "x" }), 404, "not-found");
  },

  "the seventeenth passkey is refused": async (scene) => {
    const user = await scene.user();
    for (let count = 2; count <= 17; count++) {
      const { ticket, publicKey } = await user.call("/api/passkeys/options");
      const passkey = await new Authenticator(scene.origin).create(publicKey);
      const answer = await user.post("/api/passkeys/add", { ticket, name: "x", passkey });
      if (count <= 16) equal(answer.status, 200);
      else {
        refused(answer, 409, "limit");
        equal(answer.body.error.limit, "passkeys");
      }
    }
  },

  "guesses of an address are counted, successes are not": async (scene) => {
    const user = await scene.user();
    scene.moveOn();
    for (let count = 0; count < 40; count++) equal((await signIn(user)).answer.status, 200);
    let refusals = 0;
    for (;;) {
      const { answer } = await signIn(user, { signature: "" });
      if (answer.status === 429) {
        refused(answer, 429, "slow-down");
        const wait = Number(answer.headers.get("retry-after"));
        assert(wait > 0 && wait <= 600, `Retry-After ${wait}`);
        break;
      }
      refused(answer, 403, "bad-passkey");
      refusals++;
    }
    equal(refusals, 30);
    // Those who are signed in go on, and so does another address.
    equal((await user.call("/api/me")).user.id, user.user.id);
    scene.moveOn();
    equal((await signIn(user)).answer.status, 200);
  },
};
