// Guessing what is short, and getting a person to approve what is not theirs.
import { assert, equal, refused } from "../support/assert.js";
import { Anchor, Browser, signedInMachine } from "../support/client.js";
import { totp, wrongTotp } from "../support/totp.js";

/**
 * @typedef {import("../support/scene.js").Scene} Scene
 * @typedef {import("../support/client.js").Browser} User
 */

/** @param {User} user @param {string} name to sign in with */
async function withCodes(user, name) {
  const { secret } = await user.call("/api/totp/options");
  await user.call("/api/totp/add", { code: await totp(secret, -1), name });
  return secret;
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const guesses = {
  "one-time codes are not guessed from many addresses": async (scene) => {
    const user = await scene.user();
    const secret = await withCodes(user, "many addresses");
    const wrong = await wrongTotp(secret);
    const bodies = new Set();
    for (let count = 0; count < 12; count++) {
      // After five it would be the right one, and is refused in the same words.
      const code = count < 5 ? wrong : await totp(secret);
      scene.moveOn();
      const body = { name: "many addresses", code, device: "x" };
      const answer = await new Browser(scene).post("/api/signin/code", body);
      refused(answer, 403, "bad-signin");
      bodies.add(JSON.stringify(answer.body));
    }
    equal(bodies.size, 1);
    // The passkey still opens, and who is signed in goes on.
    await user.another();
  },

  "a stolen cookie does not guess the way to a fresh verification": async (scene) => {
    const user = await scene.user();
    const secret = await withCodes(user, "stolen cookie");
    const wrong = await wrongTotp(secret);
    for (let count = 0; count < 5; count++) {
      refused(await user.post("/api/verify/code", { code: wrong }), 403, "bad-signin");
    }
    const right = await totp(secret);
    refused(await user.post("/api/verify/code", { code: right }), 403, "bad-signin");
    equal(await user.verify(), { fresh: true });
  },

  "a user code is not guessed, however often one signs in": async (scene) => {
    const eve = await scene.user("Eve");
    const anchor = await Anchor.make(scene);
    const { device_code, user_code } = await anchor.requestCode("victim");
    let failures = 0;
    for (let count = 0;; count++) {
      if (count % 10 === 9) {
        scene.moveOn();
        await eve.signIn();
      }
      const step = ["look", "approve", "deny"][count % 3];
      const answer = await eve.post(`/api/code/${step}`, { code: "BCDF-GHJK" });
      if (answer.status === 429) {
        assert(Number(answer.headers.get("retry-after")) > 0);
        break;
      }
      refused(answer, 404, "bad-code");
      failures++;
      assert(failures <= 30, "It is never refused.");
    }
    equal(failures, 30);
    // By now not even the right one is taken, from anywhere.
    scene.moveOn();
    await eve.signIn();
    refused(await eve.post("/api/code/approve", { code: user_code }), 429, "slow-down");
    equal((await anchor.poll(device_code)).body, { error: "authorization_pending" });
    // Others are not held up by it.
    await (await scene.user("Ada")).call("/api/code/approve", { code: user_code });
  },

  "a phished approval is refused, or seen": async (scene) => {
    const user = await scene.user();
    const thief = await Anchor.make(scene);
    const { user_code } = await thief.requestCode("your own laptop");
    // What one approves has a name and a fingerprint to compare, and cannot be approved from another site.
    const evil = { origin: "http://evil.example" };
    refused(await user.post("/api/code/approve", { code: user_code }, evil), 403, "wrong-origin");
    const get = await scene.request("browser", `/api/code/approve?code=${user_code}`, {
      headers: { ...user.headers },
    });
    refused(get, 405, "wrong-method");
    const { fingerprint } = await user.call("/api/code/look", { code: user_code });
    assert(/^([A-Z2-7]{4}-){4}[A-Z2-7]{4}$/.test(fingerprint));
    const { machine } = await user.call("/api/code/approve", { code: user_code });
    equal(machine.fingerprint, fingerprint);
    const { entries } = await user.call("/api/log");
    equal([entries[0].what, entries[0].name], ["machine-added", "your own laptop"]);
  },

  "frames stop when a sign-in is revoked": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const [machine, thief] = [await anchor.connect(), await user.another()];
    const [page, socket] = [await user.connect(), await thief.connect()];
    const { signin } = await thief.call("/api/me");
    const { signin: mine } = await user.call("/api/me");
    socket.data(anchor.machine, "before");
    equal((await machine.frame("data")).header.signin, signin.id);
    await user.call("/api/signins/revoke", { id: signin.id });
    socket.data(anchor.machine, "after");
    // What crosses the close may end the connection before its code was read.
    const { code } = await socket.end();
    assert([4001, 0, 1006].includes(code), `Closed with ${code}.`);
    equal((await machine.frame("revoked")).header.signin, signin.id);
    // Another browser is told apart by the sign-in that the relay writes into its frames.
    page.data(anchor.machine, JSON.stringify({ type: "open", session: "x", signin: signin.id }));
    equal((await machine.frame("data")).header.signin, mine.id);
    machine.data(socket.id, "for the thief");
    equal((await machine.frame("error")).header.code, "unreachable");
    equal(machine.messages, []);
  },
};
