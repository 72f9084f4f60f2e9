// Sign-ins: the cookie, its record, and their end.
import { assert, equal, refused } from "../support/assert.js";
import { random } from "../support/bytes.js";
import { Browser, cookieName, signedInMachine } from "../support/client.js";
import { hs256, token } from "../support/tokens.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @param {string} part @returns {any} */
const decoded = (part) =>
  JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" })));

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const signins = {
  "the cookie is the strictest there is": async (scene) => {
    const user = await scene.user();
    const made = await user.call("/api/signin/options");
    const assertion = await user.authenticator.get(made.publicKey);
    const body = { ticket: made.ticket, assertion, device: "x" };
    const [cookie] = (await user.post("/api/signin", body)).headers.getSetCookie();
    const [pair, ...attributes] = cookie.split("; ");
    equal(attributes, ["Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=2592000"]);
    assert(pair.startsWith(`${cookieName(scene)}=`));
    const [header, claims] = pair.slice(cookieName(scene).length + 1).split(".").slice(0, 2).map(
      decoded,
    );
    equal([header.alg, header.typ], ["HS256", "signin+jwt"]);
    const { aud, sub, iat, exp } = claims;
    equal([aud, sub, exp - iat], [scene.origin, user.user.id, 2592000]);
  },

  "a cookie that the relay did not sign opens nothing": async (scene) => {
    const user = await scene.user();
    const text = String(user.cookie).slice(cookieName(scene).length + 1);
    const [head, body, signature] = text.split(".");
    const [header, claims] = [decoded(head), decoded(body)];
    const nobody = () => Promise.resolve(new ArrayBuffer(0));
    const { cookie = "" } = await scene.user("Eve");
    const theirs = cookie.slice(cookieName(scene).length + 1).split(".");
    const ticket = (await user.call("/api/signin/options")).ticket;
    const forged = {
      "another key": await hs256(random(32), header, claims),
      "the deploy key": await hs256(scene.deployKey, header, claims),
      "an unknown kid": await hs256(random(32), { ...header, kid: random(8) }, claims),
      "a strange kid": await hs256(random(32), { ...header, kid: "__proto__" }, claims),
      "no kid": await hs256(random(32), { typ: header.typ }, claims),
      "none": await token({ ...header, alg: "none" }, claims, nobody),
      "another algorithm": `${
        btoa(JSON.stringify({ ...header, alg: "HS512" }))
      }.${body}.${signature}`,
      "claims of another": `${head}.${theirs[1]}.${signature}`,
      "a ticket": ticket,
      "cut": text.slice(0, -1),
      "empty": "",
      "long": "a".repeat(5000),
      "no token": "x",
      "parts": "..",
    };
    for (const [fault, value] of Object.entries(forged)) {
      const answer = await user.post("/api/me", {}, { cookie: `${cookieName(scene)}=${value}` });
      refused(answer, 401, "signed-out", fault);
    }
    refused(await user.post("/api/me", {}, { cookie: `signin=${text}` }), 401, "signed-out");
    const both = `a=b; ${cookieName(scene)}=${text}; c=d`;
    equal((await user.post("/api/me", {}, { cookie: both })).status, 200);
  },

  "the list says who is signed in where": async (scene) => {
    const user = await scene.user();
    const other = await user.another();
    const { signins } = await other.call("/api/signins/list");
    equal(signins.length, 2);
    equal(signins.map((/** @type {any} */ one) => one.current).sort(), [false, true]);
    for (const { id, device, created, seen, address } of signins) {
      assert(/^s_/.test(id) && created <= seen);
      equal([device, address], ["Test browser", scene.address]);
    }
    equal(Object.keys(signins[0]).sort(), [
      "address",
      "created",
      "current",
      "device",
      "id",
      "seen",
    ]);
  },

  "a revoked sign-in is out at once": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const [other, machine] = [await user.another(), await anchor.connect()];
    const [mine, theirs] = [await user.connect(), await other.connect()];
    const { signin } = await other.call("/api/me");
    equal(await user.call("/api/signins/revoke", { id: signin.id }), {});
    equal(await theirs.end(), { code: 4001, reason: "revoked" });
    equal((await machine.frame("revoked")).header, { type: "revoked", signin: signin.id });
    refused(await other.post("/api/me"), 401, "signed-out");
    refused(await other.refused(), 401, "signed-out");
    refused(await user.post("/api/signins/revoke", { id: signin.id }), 404, "not-found");
    await mine.settled();
    equal((await user.call("/api/signins/list")).signins.length, 1);
    // An anchor that was away when it happened learns it as well.
    const again = await anchor.connect();
    equal((await again.frame("revoked")).header.signin, signin.id);
  },

  "all sign-ins end together": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const machine = await anchor.connect();
    const [mine, other] = [await user.connect(), await user.another()];
    await other.call("/api/signins/revoke", { all: true });
    equal((await mine.end()).code, 4001);
    equal((await machine.frame("revoked")).header, { type: "revoked", all: true });
    equal(other.cookie, undefined);
    refused(await user.post("/api/me"), 401, "signed-out");
    await user.signIn();
    equal((await user.call("/api/signins/list")).signins.length, 1);
  },

  "signing out ends one's own": async (scene) => {
    const user = await scene.user();
    const socket = await user.connect();
    const { cookie = "" } = user;
    await user.call("/api/signout");
    equal(user.cookie, undefined);
    equal((await socket.end()).code, 4001);
    refused(await user.post("/api/me", {}, { cookie }), 401, "signed-out");
  },

  "another user's sign-in cannot be revoked": async (scene) => {
    const [ada, eve] = [await scene.user("Ada"), await scene.user("Eve")];
    const { signin } = await ada.call("/api/me");
    refused(await eve.post("/api/signins/revoke", { id: signin.id }), 404, "not-found");
    equal((await ada.call("/api/me")).signin.id, signin.id);
    refused(await eve.post("/api/signins/revoke", {}), 400, "bad-request");
    refused(await eve.post("/api/signins/revoke", { id: "signin" }), 400, "bad-request");
  },

  "the sixty-fifth sign-in ends the longest unused": async (scene) => {
    const user = await scene.user();
    const socket = await user.connect();
    for (let count = 2; count <= 65; count++) await user.another();
    equal((await socket.end()).code, 4001);
    refused(await user.post("/api/me"), 401, "signed-out");
    await user.signIn();
    equal((await user.call("/api/signins/list")).signins.length, 64);
  },

  "a request with nobody's cookie is signed out": async (scene) => {
    refused(await new Browser(scene).post("/api/me"), 401, "signed-out");
  },
};
