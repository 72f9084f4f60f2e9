// What each thing that people and machines do costs at the store.
//
//   deno run --allow-all store.js deno|isolates|workerd
//
// `isolates`: browsers come to one isolate, machines to another. Prints one line of JSON: per thing that was done the counts
// of `counted.js` for one.
import { signedInMachine } from "../Tests/Orbit/support/client.js";
import { Scene } from "../Tests/Orbit/support/scene.js";
import { totp } from "../Tests/Orbit/support/totp.js";
import { findWorkerd } from "../Tests/Orbit/support/workerd.js";
import { countedDeno, countedWorkerd } from "./counted.js";

/** @typedef {import("./counted.js").Counts} Counts */

const TIMES = 3;
const FRAMES = 500;
const PACED = 90;
const keys = /** @type {(keyof Counts)[]} */ (["requests", "calls", "messages", "reads", "writes"]);

async function start() {
  if (Deno.args[0] !== "workerd") return await countedDeno(Deno.args[0] === "isolates" ? 2 : 1);
  const workerd = await findWorkerd();
  if (workerd) return await countedWorkerd(workerd);
  console.error("workerd is neither on PATH nor in $WORKERD");
  Deno.exit(1);
}

const counted = await start();
const { target } = counted;
const scene = new Scene(target);
/** @type {Record<string, Counts>} */
const costs = {};

/** What goes on beside, until nothing does any more: presence that is told, a mailbox that is emptied. */
async function quiet() {
  for (let before = "";;) {
    const now = JSON.stringify(await counted.counts());
    if (now === before) return;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/**
 * Notes what one costs: the middle of several, since a relay of several isolates looks at the store by itself now and then.
 * @param {string} name
 * @param {() => Promise<unknown>} run
 * @param {number} [each] it counts as so many
 */
async function cost(name, run, each = 1) {
  /** @type {Counts[]} */
  const all = [];
  await quiet();
  for (let time = 0; time < TIMES; time++) {
    const before = await counted.counts();
    await run();
    await quiet();
    const after = await counted.counts();
    all.push(
      /** @type {Counts} */ (Object.fromEntries(
        keys.map((key) => [key, (after[key] - before[key]) / each]),
      )),
    );
  }
  const middle = (/** @type {keyof Counts} */ key) =>
    all.map((counts) => counts[key]).sort((a, b) => a - b)[TIMES >> 1];
  costs[name] = /** @type {Counts} */ (Object.fromEntries(keys.map((key) => [key, middle(key)])));
}

try {
  // A user as there are many: a machine, a page that is open, one-time codes as a second way in.
  const owner = await scene.owner();
  const anchor = await signedInMachine(owner);
  let machine = await anchor.connect();
  let page = await owner.connect();
  const { secret } = await owner.call("/api/totp/options");
  await owner.call("/api/totp/add", { code: await totp(secret), name: "Ada" });

  await cost("file of the client", () => scene.request("browser", "/"));
  await cost("sign-in with a passkey", () => owner.signIn());
  await cost(
    "sign-in with a wrong code",
    () => owner.post("/api/signin/code", { name: "Ada", code: "000000", device: "Test browser" }),
  );
  await cost("page that opens: /api/me", () => owner.call("/api/me"));
  await cost("browser that connects", async () => {
    await page.close();
    page = await owner.connect();
    await page.settled();
  });
  await cost("machine that connects", async () => {
    await machine.close();
    machine = await anchor.connect();
    await machine.settled();
  });
  await cost("100 pings of a hop", async () => {
    for (let count = 0; count < 100; count++) await page.settled();
  });
  await cost("frame, each way", async () => {
    const [before, other] = [page.messages.length, machine.messages.length];
    for (let count = 0; count < FRAMES; count++) {
      machine.data(page.id, "x".repeat(300));
      page.data(anchor.machine, "x".repeat(300));
    }
    await page.until(() => page.messages.length >= before + FRAMES);
    await machine.until(() => machine.messages.length >= other + FRAMES);
  }, FRAMES * 2);
  await cost("frame, 45 a second", async () => {
    const before = page.messages.length;
    for (let count = 0; count < PACED; count++) {
      machine.data(page.id, "x".repeat(300));
      await new Promise((resolve) => setTimeout(resolve, 1000 / 45));
    }
    await page.until(() => page.messages.length >= before + PACED);
  }, PACED);
  await cost("frame to an object that sleeps", async () => {
    await counted.sleep?.();
    const before = page.messages.length;
    machine.data(page.id, "x");
    await page.until(() => page.messages.length > before);
  });
  await cost(
    "unknown name",
    () =>
      owner.post("/api/signin/code", { name: "Nobody", code: "000000", device: "Test browser" }),
  );
  const cookie = owner.cookie;
  owner.cookie = `${cookie?.slice(0, -8)}AAAAAAAA`;
  await cost("forged cookie", () => owner.post("/api/me"));
  await cost("forged machine token", async () => {
    const token = await anchor.token({}, { kid: "AAAA" });
    await anchor.refused(token);
  });
  await cost("options of a sign-in, no more", () => owner.post("/api/signin/options"));
  owner.cookie = cookie;
  await cost("device code", () => anchor.requestCode());
  // From here on the address has too many failures: they cost nothing more.
  for (let count = 0; count < 40; count++) {
    await owner.post("/api/signin/code", { name: "Nobody", code: "000000", device: "x" });
  }
  await cost(
    "failure past the limit",
    () =>
      owner.post("/api/signin/code", { name: "Nobody", code: "000000", device: "Test browser" }),
  );
  if (Deno.args[0] === "isolates") {
    await cost(
      "10 s in which nothing happens",
      () => new Promise((resolve) => setTimeout(resolve, 10_000)),
    );
  }
  console.log(JSON.stringify(costs));
} finally {
  await scene.end();
  await target.stop();
}
Deno.exit(0);
