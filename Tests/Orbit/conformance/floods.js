// A thousand of each hostile thing: refused, and nothing is left behind.
import { assert, equal } from "../support/assert.js";
import { random } from "../support/bytes.js";
import { Browser, cookieName, makeClaim, signedInMachine } from "../support/client.js";
import { deployToken, hs256 } from "../support/tokens.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

const times = 1000;
/** What of them is done on the slower platforms, unless the whole is asked for. */
const sample = Deno.env.get("TEST_FULL") ? times : 200;
/** What one of them may leave behind, in bytes. */
const slack = 8 * 1024;
/**
 * A heap grows until its collector runs, which is when that likes: on Workers after some twelve rounds. What is left behind
 * grows in every round, however many there are.
 */
const rounds = 60;

/**
 * Does something many times, twenty at once, and looks at the relay before and after.
 * @param {Scene} scene
 * @param {(count: number) => Promise<void>} once
 */
async function flood(scene, once) {
  const user = await scene.user();
  const anchor = await signedInMachine(user);
  const [machine, browser] = [await anchor.connect(), await user.connect()];
  /** @type {number[]} */
  const grown = [];
  const most = scene.target.quick ? times : sample;
  const flat = (/** @type {number} */ bytes) => bytes < slack * most;
  while (grown.length < rounds && !grown.some(flat)) {
    const before = await scene.target.memory();
    let count = 0;
    await Promise.all(Array.from({ length: 20 }, async () => {
      while (count < most) {
        await once(count++);
      }
    }));
    grown.push(await scene.target.memory() - before);
  }
  assert(grown.some(flat), `The relay grew by ${grown} bytes.`);
  browser.data(anchor.machine, "still here");
  equal((await machine.frame("data")).payload, "still here");
  const { machines } = await user.call("/api/me");
  equal(machines.map((/** @type {any} */ one) => one.online), [true]);
}

/** @param {Scene} scene @param {() => Promise<import("../support/client.js").Answer>} ask @param {string[]} codes */
const refusals = (scene, ask, codes) =>
  flood(scene, async () => {
    const { status, body } = await ask();
    const code = body.error?.code ?? body.error;
    assert(codes.includes(code), `Answered ${status} ${JSON.stringify(body)}.`);
  });

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const floods = {
  "wrong links": async (scene) => {
    const eve = new Browser(scene);
    const link = () => `claim.u_${random(16)}.${random(32)}`;
    const ask = () => eve.post("/api/link/look", { link: link() });
    await refusals(scene, ask, ["bad-link", "slow-down"]);
  },

  "wrong assertions": async (scene) => {
    const eve = await scene.user("Eve");
    const ask = async () => {
      const { ticket, publicKey } = await eve.call("/api/signin/options");
      const assertion = await eve.authenticator.get(publicKey, { challenge: random(32) });
      return await eve.post("/api/signin", { ticket, assertion, device: "x" });
    };
    await refusals(scene, ask, ["bad-passkey", "slow-down"]);
  },

  "forged cookies": async (scene) => {
    const eve = new Browser(scene);
    const ask = async () => {
      const claims = {
        aud: scene.origin,
        sub: `u_${random(16)}`,
        sid: `s_${random(16)}`,
        exp: 4e9,
      };
      const text = await hs256(random(32), { typ: "signin+jwt", kid: random(8) }, claims);
      return await eve.post("/api/me", {}, { cookie: `${cookieName(scene)}=${text}` });
    };
    await refusals(scene, ask, ["signed-out"]);
  },

  "forged anchors": async (scene) => {
    const anchor = await signedInMachine(await scene.user());
    const ask = async () => await anchor.refused(await anchor.token({ iss: `m_${random(16)}` }));
    await refusals(scene, ask, ["unknown-machine", "slow-down"]);
  },

  "forged deployers": async (scene) => {
    const ask = async () => {
      const bearer = await deployToken(random(32), scene.origin);
      return /** @type {any} */ (await makeClaim(scene, undefined, bearer));
    };
    await refusals(scene, ask, ["bad-token", "slow-down"]);
  },

  "foreign origins": async (scene) => {
    const owner = await scene.owner();
    await refusals(scene, () => owner.post("/api/me", {}, { origin: "http://evil.example" }), [
      "wrong-origin",
    ]);
  },

  "oversize bodies": async (scene) => {
    const eve = new Browser(scene);
    const big = "x".repeat(100_000);
    await refusals(scene, () => eve.post("/api/link/look", big), ["too-large"]);
  },

  "device codes": async (scene) => {
    const anchor = await signedInMachine(await scene.user());
    const { jwk } = anchor.key;
    const ask = async () => {
      const answer = await anchor.post("/device/code", { name: "x", jwk });
      return answer.status === 200 ? { ...answer, body: { error: "made" } } : answer;
    };
    await refusals(scene, ask, ["made", "slow-down"]);
  },

  "frames that are none": async (scene) => {
    const eve = await scene.user("Eve");
    await flood(scene, async (count) => {
      const socket = await eve.connect();
      socket.send(count % 2 ? "x" : "x".repeat(100_000));
      const { code } = await socket.end();
      // More than 32 at once do not happen here, so none is closed for another reason.
      equal(code, count % 2 ? 4003 : 1009);
    });
  },

  "frames to others": async (scene) => {
    const eve = await scene.user("Eve");
    const victim = await (await scene.user("Ada")).connect();
    await flood(scene, async () => {
      const socket = await eve.connect();
      socket.data(victim.id, "x");
      equal((await socket.frame("error")).header.code, "forbidden");
      socket.data(`m_${victim.id.slice(2)}`, "x");
      equal((await socket.frame("error")).header.code, "unreachable");
      await socket.close();
    });
    await victim.settled();
    equal(victim.messages, []);
  },

  "connections that come and go": async (scene) => {
    const eve = await scene.user("Eve");
    await flood(scene, async () => {
      const socket = eve.dial();
      await socket.opened;
      await socket.close();
    });
    const { hello } = await eve.connect();
    equal(hello.machines, []);
  },
};
