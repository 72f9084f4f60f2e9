// Whether the time of an answer tells that a user exists: a wrong credential of one who does, against any of one who does
// not, in turn, from one client.
//
//   deno run --allow-all timing.js deno|workerd [ROUNDS]
//
// Prints one line of JSON: for each way in the times of both (ms).
import { base64url, random, utf8 } from "../Tests/Orbit/support/bytes.js";
import { Scene } from "../Tests/Orbit/support/scene.js";
import { denoTarget } from "../Tests/Orbit/support/target.js";
import { totp } from "../Tests/Orbit/support/totp.js";
import { findWorkerd, workerdTarget } from "../Tests/Orbit/support/workerd.js";

/** @typedef {import("../Tests/Orbit/support/client.js").Browser} Browser */

/** @type {("known" | "unknown")[][]} */
const orders = [["known", "unknown"], ["unknown", "known"]];
/** So many pairs warm up. */
const WARM = 60;
/** So many who are unknown are tried again and again, so that the runtime has their objects at hand, as it has those of one
 * who is known. */
const STRANGERS = 8;
/** An address may fail 30 times in 10 minutes; here each has fewer. */
const PAIRS = 6;

const [runtime, rounds = "400"] = Deno.args;
const workerd = runtime === "workerd" ? await findWorkerd() : undefined;
if (runtime === "workerd" && !workerd) {
  console.error("workerd is neither on PATH nor in $WORKERD");
  Deno.exit(1);
}
const target = await (workerd ? workerdTarget(workerd, { evict: false }) : denoTarget());
const scene = new Scene(target);

/** @param {Browser} browser @param {string} name @returns {Promise<() => Promise<number>>} what is timed */
function code(browser, name) {
  const body = { name, code: "000000", device: "Test browser" };
  return Promise.resolve(async () => (await browser.post("/api/signin/code", body)).status);
}

/** @param {Browser} browser @param {string} [user] */
async function passkey(browser, user) {
  const { ticket, publicKey } = await browser.call("/api/signin/options");
  const userHandle = user && base64url(utf8(user));
  // Signed over another challenge than the ticket's: as an attacker would who has no key, in the right form.
  const other = { ...publicKey, challenge: random(32) };
  const assertion = await browser.authenticator.get(other, userHandle ? { userHandle } : {});
  const body = { ticket, assertion, device: "Test browser" };
  return async () => (await browser.post("/api/signin", body)).status;
}

try {
  const owner = await scene.owner();
  const { secret } = await owner.call("/api/totp/options");
  await owner.call("/api/totp/add", { code: await totp(secret), name: "Ada" });
  const browser = Object.assign(Object.create(Object.getPrototypeOf(owner)), owner, {
    cookie: undefined,
  });
  const strangers = Array.from({ length: STRANGERS }, () => random(16));
  const stranger = () => strangers[Math.floor(Math.random() * STRANGERS)];
  /** @type {Record<string, Record<"known" | "unknown", () => Promise<() => Promise<number>>>>} */
  const ways = {
    code: {
      known: () => code(browser, "Ada"),
      unknown: () => code(browser, `Nobody ${stranger()}`),
    },
    passkey: {
      known: () => passkey(browser),
      unknown: () => passkey(browser, `u_${stranger()}`),
    },
  };
  /** @type {Record<string, Record<"known" | "unknown", number[]>>} */
  const times = { code: { known: [], unknown: [] }, passkey: { known: [], unknown: [] } };
  for (let round = 0; round < WARM + Number(rounds); round++) {
    if (round % PAIRS === 0) {
      for (const client of scene.clients.splice(0)) client.close();
      scene.moveOn();
      await scene.request("browser", "/health");
    }
    for (const [way, tries] of Object.entries(ways)) {
      const order = round % 2 ? orders[0] : orders[1];
      for (const who of order) {
        const run = await tries[who]();
        const start = performance.now();
        const status = await run();
        if (round >= WARM) times[way][who].push(performance.now() - start);
        if (status !== 403) throw new Error(`${way}, ${who}: ${status}`);
      }
    }
  }
  console.log(JSON.stringify(times));
} finally {
  await scene.end();
  await target.stop();
}
Deno.exit(0);
