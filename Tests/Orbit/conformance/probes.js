// The round trip that a deployer tries: two throw-away sockets, which open nothing to anybody without the deploy key.
import { assert, equal, refused } from "../support/assert.js";
import { random } from "../support/bytes.js";
import { makeClaim, signedInMachine } from "../support/client.js";
import { deployToken } from "../support/tokens.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

const name = "A".repeat(22);

/** @param {Scene} scene @param {string} role @param {string} room */
async function probe(scene, role, room) {
  const authorization = `Bearer ${await deployToken(scene.deployKey, scene.origin)}`;
  const path = `/deploy/probe?protocol=1&role=${role}&room=${room}`;
  const socket = scene.dial("anchor", path, { authorization });
  const { header } = await socket.next();
  return Object.assign(socket, { hello: header, id: header.id });
}

/**
 * @param {Scene} scene
 * @param {string} token
 * @param {string} [query]
 * @param {Record<string, string>} [headers]
 */
const asked = (scene, token, query = `role=anchor&room=${name}`, headers = {}) =>
  scene.upgrade("anchor", `/deploy/probe?protocol=1&${query}`, {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...headers,
  });

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const probes = {
  "frames go both ways between the two, under the ordinary rules": async (scene) => {
    const room = random(16);
    const anchor = await probe(scene, "anchor", room);
    const browser = await probe(scene, "browser", room);
    const { time, ...hello } = browser.hello;
    assert(Math.abs(time - Date.now()) < 60_000);
    equal(hello, {
      type: "hello",
      id: browser.id,
      role: "browser",
      user: null,
      machines: [],
      protocol: { min: 1, max: 1 },
      build: scene.web.build,
    });
    equal([anchor.hello.role, anchor.hello.user], ["anchor", null]);
    await scene.pause();
    browser.data(anchor.id, "there");
    equal(await anchor.next(), {
      header: { type: "data", from: browser.id, role: "browser" },
      payload: "there",
    });
    await scene.pause();
    anchor.data(browser.id, "and back");
    equal(await browser.frame("data"), {
      header: { type: "data", from: anchor.id, role: "anchor" },
      payload: "and back",
    });
    browser.data(browser.id, "x");
    equal((await browser.frame("error")).header.code, "forbidden");
    await browser.settled();
  },

  "it opens nothing without the deploy key": async (scene) => {
    const { deployKey, origin } = scene;
    const user = await scene.user();
    const machine = await signedInMachine(user);
    const seconds = Math.floor(Date.now() / 1000);
    const used = await deployToken(deployKey, origin);
    await makeClaim(scene, undefined, used);
    const forged = {
      "none": "",
      "no token": "x",
      "another key": await deployToken(random(32), origin),
      "another audience": await deployToken(deployKey, "http://evil.example"),
      "another type": await deployToken(deployKey, origin, {}, { typ: "anchor+jwt" }),
      "expired": await deployToken(deployKey, origin, { exp: seconds - 1 }),
      "too long a life": await deployToken(deployKey, origin, { exp: seconds + 3600 }),
      "a used one": used,
      "a machine's": await machine.token(),
    };
    for (const [fault, token] of Object.entries(forged)) {
      refused(await asked(scene, token), 401, "bad-token", fault);
    }
    refused(await asked(scene, "", undefined, user.headers), 403, "wrong-origin");
    const cookie = { cookie: user.headers.cookie };
    refused(await asked(scene, "", undefined, cookie), 401, "bad-token");
  },

  "its token opens one socket, in a room that no user can have": async (scene) => {
    const { deployKey, origin } = scene;
    const user = await scene.user();
    for (
      const query of [
        "role=anchor",
        `room=${name}`,
        `role=owner&room=${name}`,
        "role=anchor&room=short",
        `role=browser&room=${user.user.id}`,
        `role=browser&room=${"%2F".repeat(22)}`,
      ]
    ) {
      refused(await asked(scene, await deployToken(deployKey, origin), query), 400, "bad-request");
    }
    const authorization = `Bearer ${await deployToken(deployKey, origin)}`;
    const once = scene.dial("anchor", `/deploy/probe?protocol=1&role=anchor&room=${random(16)}`, {
      authorization,
    });
    await once.next();
    refused(await asked(scene, authorization.slice("Bearer ".length)), 401, "bad-token");
    refused(
      await scene.request("anchor", "/deploy/probe", { method: "POST", body: "{}" }),
      405,
      "wrong-method",
    );
  },

  "it reaches nobody else, and nobody reaches it": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const machine = await anchor.connect();
    const browser = await user.connect();
    const room = user.user.id.slice("u_".length);
    const [theirs, ours] = [
      await probe(scene, "browser", room),
      await probe(scene, "anchor", room),
    ];
    const other = await probe(scene, "anchor", random(16));
    for (const [from, to] of [[theirs, anchor.machine], [ours, browser.id], [theirs, other.id]]) {
      /** @type {any} */ (from).data(to, "x");
      equal((await /** @type {any} */ (from).frame("error")).header.code, "unreachable");
    }
    for (const [from, to] of [[browser, ours.id], [machine, theirs.id]]) {
      /** @type {any} */ (from).data(to, "x");
      equal((await /** @type {any} */ (from).frame("error")).header.code, "unreachable");
    }
    // No record of the two stays.
    equal((await user.call("/api/me")).machines.length, 1);
    equal((await user.call("/api/signins/list")).signins.length, 1);
  },
};
