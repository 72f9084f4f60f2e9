// A thousand users, each with a machine and a browser, on one Deno process: what a connection holds there, against a bare
// relay, and how long it takes until all machines are back after a restart.
//
//   deno run --allow-all load.js [USERS]
//
// Prints one line of JSON: bytes for each further connection (`relay`, `bare`, several each), seconds (`redial`), how many
// were signed out, and how long it took to make the users.
import { Socket } from "../Tests/Orbit/support/socket.js";
import { denoTarget, resident } from "../Tests/Orbit/support/target.js";
import { startBare } from "./bare_relay.js";
import { Crowd, each } from "./crowd.js";

/** So many dial at a time. */
const AT_ONCE = 16;
/** Where memory is read, as shares of the users. Before the first both warm up. */
const SHARES = [0.1, 0.4, 0.7, 1];
/** What an anchor waits at most before it dials again, the first time and ever, in ms: with full jitter, doubling. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;

/**
 * What is made and dropped while they dial says nothing of what they hold, and is more for a sign-in than for a bare socket:
 * both collect it before their memory is read, and have a young generation of one size, which V8 otherwise lets grow with it.
 */
const flags = [
  `--preload=${new URL("./collect.js", import.meta.url).pathname}`,
  "--v8-flags=--expose-gc,--max-semi-space-size=1",
];

/** @param {number} time milliseconds */
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** @param {import("./crowd.js").Member} member dials until it is there, as an anchor does */
async function redial(member) {
  await member.machine?.end();
  for (let bound = FIRST_WAIT;; bound = Math.min(bound * 2, LONGEST_WAIT)) {
    await sleep(Math.random() * bound);
    try {
      member.machine = await member.anchor.connect();
      return;
    } catch {
      // Not yet.
    }
  }
}

const users = Number(Deno.args[0] ?? 1000);
const folder = await Deno.makeTempDir({ prefix: "cr-bench-" });
const target = await denoTarget(flags);
const bare = await startBare(folder, undefined, flags);
/** @type {Crowd | undefined} */
let crowd;
try {
  const start = performance.now();
  const { members } = crowd = await Crowd.make(target, users);
  const made = (performance.now() - start) / 1000;
  // What making them left in its memory is gone with the process.
  await target.restart();
  // The store's cache fills, which is no connection's either.
  await each(members, AT_ONCE, (member) => member.isSignedIn());
  /** @type {Socket[]} */
  const sockets = [];
  /** @type {{count: number, relay: number, bare: number}[]} */
  const read = [];
  for (const share of SHARES) {
    const some = members.slice((read.at(-1)?.count ?? 0) / 2, Math.round(users * share));
    await each(some, AT_ONCE, (member) => member.connect());
    await each(some, AT_ONCE, async ({ anchor }) => {
      const pair = [1, 2].map(() => new Socket(bare.url + anchor.machine, {}));
      sockets.push(...pair);
      await Promise.all(pair.map(({ opened }) => opened));
    });
    for (const pid of [target.pid(), bare.pid]) Deno.kill(pid, "SIGUSR2");
    await sleep(1000);
    const count = Math.round(users * share) * 2;
    read.push({ count, relay: await target.memory(), bare: await resident(bare.pid) });
  }
  /** @param {"relay" | "bare"} name @param {number} from @param {number} to */
  const slope = (name, from, to) =>
    (read[to][name] - read[from][name]) / (read[to].count - read[from].count);
  /** @param {"relay" | "bare"} name the first is over all */
  const slopes = (
    name,
  ) => [slope(name, 0, 3), slope(name, 0, 1), slope(name, 1, 2), slope(name, 2, 3)];
  await Promise.all(members.map(({ page }) => page?.close()));
  const ended = performance.now();
  const restarting = target.restart();
  await Promise.all(members.map(redial));
  const redialled = (performance.now() - ended) / 1000;
  await restarting;
  let out = 0;
  await each(members, AT_ONCE, async (member) => {
    if (!await member.isSignedIn() || member.machine?.closed) out++;
  });
  console.log(JSON.stringify({
    relay: slopes("relay"),
    bare: slopes("bare"),
    redial: redialled,
    out,
    made,
  }));
} finally {
  await crowd?.end();
  await bare.stop();
  await target.stop();
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(0);
