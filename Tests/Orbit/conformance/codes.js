// Device codes: RFC 8628.
import { assert, equal, refused } from "../support/assert.js";
import { random } from "../support/bytes.js";
import { Anchor } from "../support/client.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const codes = {
  "a machine joins by a code that its user approves": async (scene) => {
    const user = await scene.user();
    const anchor = await Anchor.make(scene);
    const made = await anchor.requestCode(" work\tshop ");
    const { device_code, user_code, verification_uri_complete } = made;
    assert(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/.test(user_code));
    assert(/^[0-9a-f]{2}\.[A-Za-z0-9_-]{43}$/.test(device_code));
    equal(made.verification_uri, `${scene.origin}/`);
    equal(verification_uri_complete, `${scene.origin}/#code=${user_code}`);
    equal([made.expires_in, made.interval], [600, 5]);
    equal((await anchor.poll(device_code)).body, { error: "authorization_pending" });
    // Too soon after the first one: 5 seconds are asked for. A slow machine tries again.
    while ((await anchor.poll(device_code)).body.error !== "slow_down");
    const look = await user.call("/api/code/look", { code: user_code });
    equal(look.name, "work shop");
    assert(/^([A-Z2-7]{4}-){4}[A-Z2-7]{4}$/.test(look.fingerprint));
    const typed = user_code.toLowerCase().replace("-", " ");
    const { machine } = await user.call("/api/code/approve", { code: typed });
    equal([machine.name, machine.fingerprint], ["work shop", look.fingerprint]);
    equal([machine.online, machine.connection], [false, null]);
    // A page that did not hear the answer asks again.
    equal((await user.call("/api/code/approve", { code: user_code })).machine.id, machine.id);
    refused(await user.post("/api/code/look", { code: user_code }), 404, "bad-code");
  },

  "the first poll after the approval says who the machine is": async (scene) => {
    const user = await scene.user();
    const anchor = await Anchor.make(scene);
    const { device_code, user_code } = await anchor.requestCode("workshop");
    const { machine } = await user.call("/api/code/approve", { code: user_code });
    const { status, body } = await anchor.poll(device_code);
    equal(status, 200);
    const { origin } = scene;
    equal(body, { user: user.user.id, machine: machine.id, name: "workshop", origin });
    Object.assign(anchor, body);
    equal((await anchor.connect()).hello.user.id, user.user.id);
  },

  "a denied code is denied": async (scene) => {
    const user = await scene.user();
    const anchor = await Anchor.make(scene);
    const { device_code, user_code } = await anchor.requestCode();
    equal(await user.call("/api/code/deny", { code: user_code }), {});
    const { status, body } = await anchor.poll(device_code);
    equal([status, body], [400, { error: "access_denied" }]);
    refused(await user.post("/api/code/approve", { code: user_code }), 404, "bad-code");
  },

  "a code that someone approved is nobody else's": async (scene) => {
    const [ada, eve] = [await scene.user("Ada"), await scene.user("Eve")];
    const anchor = await Anchor.make(scene);
    const { device_code, user_code } = await anchor.requestCode();
    await ada.call("/api/code/approve", { code: user_code });
    refused(await eve.post("/api/code/approve", { code: user_code }), 404, "bad-code");
    refused(await eve.post("/api/code/deny", { code: user_code }), 404, "bad-code");
    equal((await anchor.poll(device_code)).body.user, ada.user.id);
  },

  "signing a machine in again keeps its id": async (scene) => {
    const user = await scene.user();
    const anchor = await Anchor.make(scene);
    /** @type {string[]} */
    const ids = [];
    for (const name of ["one", "two"]) {
      const { user_code } = await anchor.requestCode(name);
      ids.push((await user.call("/api/code/approve", { code: user_code })).machine.id);
    }
    equal(ids[0], ids[1]);
    const { machines } = await user.call("/api/me");
    equal(machines.map((/** @type {any} */ one) => one.name), ["two"]);
  },

  "what is no code is refused alike": async (scene) => {
    const user = await scene.user();
    const answers = new Set();
    for (const code of ["BCDF-GHJK", "", "AEIO-UAEI", "BCDFGHJ", "BCDFGHJKL", "__proto__"]) {
      for (const step of ["look", "approve", "deny"]) {
        const answer = await user.post(`/api/code/${step}`, { code });
        refused(answer, 404, "bad-code", code);
        answers.add(JSON.stringify(answer.body));
      }
    }
    equal(answers.size, 1);
  },

  "what is no request for a code is refused": async (scene) => {
    const anchor = await Anchor.make(scene);
    const { jwk } = anchor.key;
    for (
      const body of [
        {},
        { name: "x" },
        { jwk },
        { name: "", jwk },
        { name: {}, jwk },
        { name: "x", jwk: { ...jwk, kty: "RSA" } },
        { name: "x", jwk: { ...jwk, x: "" } },
        { name: "x", jwk: { ...jwk, x: jwk.y } },
      ]
    ) {
      refused(await anchor.post("/device/code", body), 400, "bad-request", JSON.stringify(body));
    }
    const form = (/** @type {Record<string, string>} */ fields) =>
      anchor.post("/device/token", new URLSearchParams(fields));
    const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
    const device_code = `00.${random(32)}`;
    equal((await form({ grant_type, device_code })).body, { error: "expired_token" });
    equal((await form({ grant_type, device_code: "x" })).body, { error: "invalid_request" });
    equal((await form({ device_code })).body, { error: "unsupported_grant_type" });
  },

  "an address gets thirty codes": async (scene) => {
    const anchor = await Anchor.make(scene);
    scene.moveOn();
    for (let count = 1; count <= 30; count++) {
      assert((await anchor.requestCode()).device_code, `code ${count}`);
    }
    const { jwk } = anchor.key;
    const answer = await anchor.post("/device/code", { name: "x", jwk });
    refused(answer, 429, "slow-down");
    assert(Number(answer.headers.get("retry-after")) > 0);
    scene.moveOn();
    assert((await anchor.requestCode()).device_code);
  },
};
