// The relay's own share: a frame from a machine to a page through it, against a bare relay on the same runtime that
// does nothing but pass messages on. Sample by sample in turn, in one program and on one clock.
//
//   deno run --allow-all relay.js deno|workerd [ROUNDS]
//
// Prints one line of JSON: per way the samples (ms), and the time per frame (us) of bursts.
import { signedInMachine } from "../Tests/Orbit/support/client.js";
import { Scene } from "../Tests/Orbit/support/scene.js";
import { denoTarget } from "../Tests/Orbit/support/target.js";
import { findWorkerd, workerdTarget } from "../Tests/Orbit/support/workerd.js";
import { startBare } from "./bare_relay.js";

const PAYLOAD = "x".repeat(300);
const BURST = 4000;
const BURSTS = 15;

/** Counts what arrives, and does nothing else that would be measured with it. */
class Way {
  count = 0;
  wanted = 0;
  /** @type {(value?: unknown) => void} */
  reached = () => {};
  /** @type {number[]} */
  latency = [];
  /** @type {number[]} */
  burst = [];

  /** @param {WebSocket} from @param {WebSocket} to @param {string} frame */
  constructor(from, to, frame) {
    this.from = from;
    this.frame = frame;
    to.onmessage = ({ data }) => {
      if (data !== "pong" && ++this.count === this.wanted) this.reached();
    };
  }

  /** @param {number} frames @returns {Promise<number>} the time that they took together, ms */
  async carry(frames) {
    this.count = 0;
    this.wanted = frames;
    const done = new Promise((resolve) => this.reached = resolve);
    const start = performance.now();
    for (let sent = 0; sent < frames; sent++) this.from.send(this.frame);
    await done;
    return performance.now() - start;
  }
}

/** @param {string} url */
async function dial(url) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return socket;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

const [runtime, rounds = "1000"] = Deno.args;
const workerd = runtime === "workerd" ? await findWorkerd() : undefined;
if (runtime === "workerd" && !workerd) {
  console.error("workerd is neither on PATH nor in $WORKERD");
  Deno.exit(1);
}
const folder = await Deno.makeTempDir({ prefix: "cr-bench-" });
const target = await (workerd ? workerdTarget(workerd, { evict: false }) : denoTarget());
const bare = await startBare(folder, workerd);
const scene = new Scene(target);
try {
  const owner = await scene.owner();
  const anchor = await signedInMachine(owner);
  const [machine, browser] = [await anchor.connect(), await owner.connect()];
  await machine.settled();
  await browser.settled();
  const frame = `${JSON.stringify({ type: "data", to: browser.id })}\n${PAYLOAD}`;
  const ways = {
    relay: new Way(machine.socket, browser.socket, frame),
    bare: new Way(await dial(bare.url), await dial(bare.url), frame),
  };
  // Each comes first as often as the other, and after the same pause: what follows another is warm.
  const turns = [[ways.relay, ways.bare], [ways.bare, ways.relay]];
  // Bursts first, so that a lone frame finds both as they are after a while, not as they start.
  for (let round = 0; round < BURSTS; round++) {
    for (const way of turns[round % 2]) way.burst.push(await way.carry(BURST) * 1000 / BURST);
  }
  for (let round = 0; round < Number(rounds); round++) {
    for (const way of turns[round % 2]) {
      await pause();
      way.latency.push(await way.carry(1));
    }
  }
  const { relay, bare: floor } = ways;
  console.log(JSON.stringify(Object.fromEntries(
    Object.entries({ relay, bare: floor }).map((
      [name, { latency, burst }],
    ) => [name, { latency, burst }]),
  )));
} finally {
  await scene.end();
  await bare.stop();
  await target.stop();
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(0);
