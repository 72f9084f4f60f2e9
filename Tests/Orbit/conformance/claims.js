// The first account: the deploy key makes a claim link, the link makes the owner. The cases follow one another on a
// relay that nobody owns.
import { assert, equal, refused } from "../support/assert.js";
import { base64url, random, sha256 } from "../support/bytes.js";
import { Anchor, Browser, makeClaim } from "../support/client.js";
import { deployToken, MachineKey, token } from "../support/tokens.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const claims = {
  "a deployer's token is checked": async (scene) => {
    const { deployKey, origin } = scene;
    const seconds = Math.floor(Date.now() / 1000);
    const unsigned = await token(
      { alg: "none", typ: "deploy+jwt" },
      { aud: origin, exp: seconds + 60, jti: random(16) },
      () => Promise.resolve(new ArrayBuffer(0)),
    );
    const forged = {
      "none": "a.b.c",
      "unsigned": unsigned,
      "another key": await deployToken(random(32), origin),
      "another audience": await deployToken(deployKey, "http://evil.example"),
      "another type": await deployToken(deployKey, origin, {}, { typ: "signin+jwt" }),
      "critical extensions": await deployToken(deployKey, origin, {}, { crit: ["x"] }),
      "expired": await deployToken(deployKey, origin, { exp: seconds - 1 }),
      "without an end": await deployToken(deployKey, origin, { exp: undefined }),
      "too long a life": await deployToken(deployKey, origin, { exp: seconds + 3600 }),
      "without an id": await deployToken(deployKey, origin, { jti: undefined }),
    };
    for (const [fault, bearer] of Object.entries(forged)) {
      refused(await makeClaim(scene, undefined, bearer), 401, "bad-token", fault);
    }
  },

  "a deployer's token works once": async (scene) => {
    const bearer = await deployToken(scene.deployKey, scene.origin);
    equal((await makeClaim(scene, undefined, bearer)).status, 200);
    refused(await makeClaim(scene, undefined, bearer), 401, "bad-token");
  },

  "a body that is no claim is refused": async (scene) => {
    const key = await MachineKey.make();
    const off = { ...key.jwk, y: key.jwk.x };
    const hash = base64url(await sha256("x"));
    for (
      const body of [
        {},
        { claim: 7, machine: null },
        { claim: "short", machine: null },
        { claim: hash, machine: { name: "x" } },
        { claim: hash, machine: { name: "", jwk: key.jwk } },
        { claim: hash, machine: { name: "x", jwk: { ...key.jwk, crv: "P-384" } } },
        { claim: hash, machine: { name: "x", jwk: off } },
      ]
    ) {
      const authorization = `Bearer ${await deployToken(scene.deployKey, scene.origin)}`;
      const answer = await (await Anchor.make(scene)).post("/deploy/claim", body, {
        authorization,
      });
      refused(answer, 400, "bad-request", JSON.stringify(body));
    }
  },

  "each claim link voids the one before": async (scene) => {
    const browser = new Browser(scene);
    const first = await makeClaim(scene);
    const second = await makeClaim(scene);
    refused(await browser.post("/api/link/look", { link: first.link }), 403, "bad-link");
    equal((await browser.post("/api/link/look", { link: second.link })).status, 200);
  },

  "what is not the link is refused alike": async (scene) => {
    const browser = new Browser(scene);
    const { link, body } = await makeClaim(scene);
    const [, , secret] = link.split(".");
    const links = [
      "",
      "claim",
      `claim.${body.user}.${random(32)}`,
      `invite.${body.user}.${secret}`,
      `recover.${body.user}.${secret}`,
      `device.${body.user}.${secret}`,
      `claim.u_${random(16)}.${secret}`,
      `${link}x`,
      `claim.${body.user}.${base64url(await sha256(secret))}`,
    ];
    const answers = [];
    for (const wrong of links) {
      const look = await browser.post("/api/link/look", { link: wrong });
      refused(look, 403, "bad-link", wrong);
      const options = await browser.post("/api/link/options", { link: wrong, name: "Eve" });
      refused(options, 403, "bad-link", wrong);
      answers.push(JSON.stringify(look.body));
    }
    equal(new Set(answers).size, 1);
  },

  "a machine that is registered with a claim is unowned, and the last one only": async (scene) => {
    const first = await Anchor.make(scene);
    await makeClaim(scene, first);
    const dropped = await first.connect();
    const anchor = await Anchor.make(scene);
    const { body } = await makeClaim(scene, anchor);
    assert(body.expires > Date.now() + 59 * 60_000 && body.expires <= Date.now() + 60 * 60_000);
    equal((await dropped.end()).code, 4001);
    refused(await first.refused(await first.token()), 401, "unknown-machine");
    const again = await makeClaim(scene, anchor);
    equal(again.body.machine, body.machine);
    const socket = await anchor.connect();
    equal([socket.hello.user, socket.hello.role, socket.hello.id], [
      null,
      "anchor",
      anchor.machine,
    ]);
    socket.data(`m_${random(16)}`, "x");
    equal((await socket.frame("error")).header.code, "forbidden");
  },

  "the claim makes the owner and approves the machine": async (scene) => {
    const anchor = await Anchor.make(scene);
    const { link } = await makeClaim(scene, anchor);
    const socket = await anchor.connect();
    const browser = new Browser(scene);
    const look = await browser.call("/api/link/look", { link });
    const { fingerprint } = look.machine;
    assert(/^([A-Z2-7]{4}-){4}[A-Z2-7]{4}$/.test(fingerprint));
    equal(look, {
      kind: "claim",
      expires: look.expires,
      machine: { name: "workshop", fingerprint },
      by: null,
    });
    // Looking, by whatever method, does not use it up.
    await scene.request("browser", `/?link=${link}`);
    const user = await browser.useLink(link, "  Ada\u202e\n Lovelace ");
    equal(user, { id: anchor.user, name: "Ada Lovelace", owner: true });
    equal((await socket.frame("owner")).header.user, user);
    const me = await browser.call("/api/me");
    equal(me.user, user);
    equal(me.machines.length, 1);
    const [{ id, name, online, connection }] = me.machines;
    equal([id, name, online], [anchor.machine, "workshop", true]);
    assert(/^c_/.test(connection));
    equal((await anchor.connect()).hello.user, user);
    refused(await browser.post("/api/link/look", { link }), 403, "bad-link");
    refused(await browser.post("/api/link/options", { link, name: "x" }), 403, "bad-link");
  },

  "a relay with an owner is not claimed again": async (scene) => {
    const anchor = await Anchor.make(scene);
    refused(await makeClaim(scene, anchor), 409, "owned");
  },
};
