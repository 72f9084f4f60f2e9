// Machines: what proves one, presence, renaming, revoking.
import { assert, equal, refused } from "../support/assert.js";
import { random } from "../support/bytes.js";
import { Anchor, signedInMachine } from "../support/client.js";
import { hs256, MachineKey, token } from "../support/tokens.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const machines = {
  "a token that does not prove the machine opens nothing": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const other = await signedInMachine(user, "other");
    const seconds = Math.floor(Date.now() / 1000);
    const stranger = Object.assign(await Anchor.make(scene), {
      user: anchor.user,
      machine: anchor.machine,
    });
    const claims = { iss: anchor.machine, sub: anchor.user, aud: scene.origin };
    const times = { iat: seconds, exp: seconds + 60, jti: random(16) };
    const kid = await anchor.key.thumbprint();
    const forged = {
      "nothing": "",
      "no token": "x",
      "another key": await stranger.token(),
      "another key under its name": await stranger.token({}, { kid }),
      "a key of the user's other machine": await other.token({ iss: anchor.machine }),
      "another audience": await anchor.token({ aud: "http://evil.example" }),
      "several audiences": await anchor.token({ aud: [scene.origin, "http://evil.example"] }),
      "no audience": await anchor.token({ aud: undefined }),
      "another type": await anchor.token({}, { typ: "JWT" }),
      "no type": await anchor.token({}, { typ: undefined }),
      "critical extensions": await anchor.token({}, { crit: ["x"] }),
      "too long a life": await anchor.token({ exp: seconds + 61 + 10 }),
      "no end": await anchor.token({ exp: undefined }),
      "no start": await anchor.token({ iat: undefined }),
      "an end before its start": await anchor.token({ exp: seconds - 1 }),
      "no id": await anchor.token({ jti: undefined }),
      "a short id": await anchor.token({ jti: "x" }),
      "an issuer that is none": await anchor.token({ iss: "machine" }),
      "a subject that is none": await anchor.token({ sub: "user" }),
      "none": await token(
        { alg: "none", typ: "anchor+jwt", kid },
        { ...claims, ...times },
        () => Promise.resolve(new ArrayBuffer(0)),
      ),
      "HS256 with the public key": await hs256(
        JSON.stringify(anchor.key.jwk),
        { typ: "anchor+jwt", kid },
        { ...claims, ...times },
      ),
    };
    for (const [fault, bearer] of Object.entries(forged)) {
      refused(await anchor.refused(bearer), 401, "bad-token", fault);
    }
    await anchor.connect();
  },

  "a token is taken once": async (scene) => {
    const anchor = await signedInMachine(await scene.user());
    const bearer = await anchor.token();
    const socket = anchor.dial(bearer);
    equal((await socket.next()).header.type, "hello");
    refused(await anchor.refused(bearer), 401, "bad-token");
    await socket.settled();
  },

  "a wrong clock is told the time": async (scene) => {
    const anchor = await signedInMachine(await scene.user());
    for (const error of [-3600, 3600]) {
      const iat = Math.floor(Date.now() / 1000) + error;
      const answer = await anchor.refused(await anchor.token({ iat, exp: iat + 60 }));
      refused(answer, 401, "clock");
      assert(Math.abs(answer.body.error.time - Date.now()) < 60_000);
    }
  },

  "a machine that is not there is unknown": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const eve = await scene.user("Eve");
    const moved = await anchor.token({ sub: eve.user.id });
    refused(await anchor.refused(moved), 401, "unknown-machine");
    const gone = await anchor.token({ iss: `m_${random(16)}` });
    refused(await anchor.refused(gone), 401, "unknown-machine");
    const nobody = await anchor.token({ sub: `u_${random(16)}` });
    refused(await anchor.refused(nobody), 401, "unknown-machine");
  },

  "several machines and browsers see who is here": async (scene) => {
    const user = await scene.user();
    const one = await signedInMachine(user, "one");
    const two = await signedInMachine(user, "two");
    const browsers = [await user.connect(), await user.connect()];
    for (const { hello } of browsers) {
      equal(hello.machines.map((/** @type {any} */ machine) => machine.online), [false, false]);
    }
    const state = (/** @type {any[]} */ list) =>
      Object.fromEntries(list.map((machine) => [machine.name, machine.online]));
    const first = await one.connect();
    for (const browser of browsers) {
      const list = await browser.presence((all) => state(all).one);
      equal(state(list), { one: true, two: false });
      equal(
        list.map((machine) => Object.keys(machine).sort()),
        [1, 2].map(() => [
          "connection",
          "created",
          "fingerprint",
          "id",
          "name",
          "online",
          "seen",
        ]),
      );
    }
    await scene.pause();
    await two.connect();
    await scene.pause();
    for (const browser of browsers) {
      equal(state(await browser.presence((all) => state(all).two)), { one: true, two: true });
    }
    await scene.pause();
    await first.close();
    for (const browser of browsers) {
      equal(state(await browser.presence((all) => !state(all).one)), { one: false, two: true });
    }
    const { hello } = await user.connect();
    equal(state(hello.machines), { one: false, two: true });
  },

  "a machine that connects again replaces its socket": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const first = await anchor.connect();
    const browser = await user.connect();
    const [{ connection }] = browser.hello.machines;
    await scene.pause();
    const second = await anchor.connect();
    equal(await first.end(), { code: 4000, reason: "replaced" });
    const [machine] = await browser.presence((all) => all[0].connection !== connection);
    equal(machine.online, true);
    browser.data(anchor.machine, "to the new one");
    equal((await second.frame("data")).payload, "to the new one");
    const me = await user.call("/api/me");
    equal(me.machines[0].connection, machine.connection);
  },

  "a machine is renamed": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const browser = await user.connect();
    const { machine } = await user.call("/api/machines/rename", {
      id: anchor.machine,
      name: "Attic",
    });
    equal(machine.name, "Attic");
    await browser.presence((all) => all[0].name === "Attic");
    const unknown = { id: `m_${random(16)}`, name: "x" };
    refused(await user.post("/api/machines/rename", unknown), 404, "not-found");
  },

  "a revoked machine is out at once": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const [socket, browser] = [await anchor.connect(), await user.connect()];
    equal(await user.call("/api/machines/revoke", { id: anchor.machine }), {});
    equal(await socket.end(), { code: 4001, reason: "revoked" });
    equal(await browser.presence((all) => all.length === 0), []);
    browser.data(anchor.machine, "x");
    equal((await browser.frame("error")).header.code, "unreachable");
    refused(await anchor.refused(await anchor.token()), 401, "unknown-machine");
    refused(await user.post("/api/machines/revoke", { id: anchor.machine }), 404, "not-found");
  },

  "another user's machine cannot be touched": async (scene) => {
    const [ada, eve] = [await scene.user("Ada"), await scene.user("Eve")];
    const anchor = await signedInMachine(ada);
    const socket = await anchor.connect();
    const id = anchor.machine;
    refused(await eve.post("/api/machines/rename", { id, name: "x" }), 404, "not-found");
    refused(await eve.post("/api/machines/revoke", { id }), 404, "not-found");
    await socket.settled();
    equal((await eve.call("/api/me")).machines, []);
  },

  "the thirty-third machine is refused": async (scene) => {
    const user = await scene.user();
    for (let count = 1; count <= 33; count++) {
      // An address gets thirty codes.
      if (count === 20) scene.moveOn();
      const anchor = await Anchor.make(scene);
      const { user_code } = await anchor.requestCode(`machine ${count}`);
      const answer = await user.post("/api/code/approve", { code: user_code });
      if (count <= 32) equal(answer.status, 200);
      else {
        refused(answer, 409, "limit");
        equal(answer.body.error.limit, "machines");
      }
    }
    const { hello } = await user.connect();
    equal(hello.machines.length, 32);
  },

  "keys of the wrong kind make no machine": async (scene) => {
    const key = await MachineKey.make();
    const anchor = await Anchor.make(scene);
    const jwk = { ...key.jwk, d: "secret" };
    const { status } = await anchor.post("/device/code", { name: "x", jwk });
    equal(status, 200);
    const { body } = await anchor.post("/device/code", { name: "x", jwk: [] });
    equal(body.error.code, "bad-request");
  },
};
