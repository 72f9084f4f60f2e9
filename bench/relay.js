// The relay's own share: a frame from a machine to a page through it, against a bare relay on the same runtime that
// does nothing but pass messages on. Sample by sample in turn, in one program and on one clock.
//
//   deno run --allow-all relay.js deno|workerd [ROUNDS]
//
// Prints one line of JSON: per way the samples (ms), and the time per frame (us) of bursts.
import { signedInMachine } from "../Tests/Orbit/support/client.js";
import { Scene } from "../Tests/Orbit/support/scene.js";
import { Socket } from "../Tests/Orbit/support/socket.js";
import { denoTarget, firstLine, freePort } from "../Tests/Orbit/support/target.js";
import { findWorkerd, workerdTarget } from "../Tests/Orbit/support/workerd.js";

const PAYLOAD = "x".repeat(300);
const BURST = 2000;

const bareDeno = `
const ends = new Set();
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => console.log("ready") }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  ends.add(socket);
  socket.onmessage = ({ data }) => { for (const end of ends) if (end !== socket) end.send(data); };
  socket.onclose = () => ends.delete(socket);
  return response;
});`;

const bareWorker = `
export class Room {
  constructor(ctx) { this.ctx = ctx; }
  fetch() {
    const [near, far] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(far);
    return new Response(null, { status: 101, webSocket: near });
  }
  webSocketMessage(socket, data) {
    for (const end of this.ctx.getWebSockets()) if (end !== socket) end.send(data);
  }
}
export default {
  fetch: (request, env) =>
    request.headers.get("upgrade")
      ? env.ROOM.get(env.ROOM.idFromName("room")).fetch(request)
      : new Response("ready"),
};`;

/** @param {string} folder @param {number} port */
const bareConfig = (folder, port) =>
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "bare", worker = .bare), (name = "data", disk = (path = "${folder}", writable = true))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "bare")],
);
const bare :Workerd.Worker = (
  compatibilityDate = "2026-08-01",
  modules = [(name = "bare.js", esModule = embed "bare.js")],
  durableObjectNamespaces = [(className = "Room", uniqueKey = "bare-Room", enableSql = true)],
  durableObjectStorage = (localDisk = "data"),
  bindings = [(name = "ROOM", durableObjectNamespace = "Room")],
);
`;

/** @param {string | undefined} workerd @param {string} folder */
async function startBare(workerd, folder) {
  const port = freePort();
  await Deno.writeTextFile(`${folder}/bare.js`, workerd ? bareWorker : bareDeno);
  await Deno.writeTextFile(`${folder}/bare.capnp`, bareConfig(folder, port));
  const child = new Deno.Command(workerd ?? Deno.execPath(), {
    args: workerd
      ? ["serve", "--experimental", `${folder}/bare.capnp`]
      : ["run", "--no-prompt", `--allow-net=127.0.0.1:${port}`, `${folder}/bare.js`, String(port)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  if (workerd) {
    const up = () => fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text());
    while (!await up().catch(() => "")) await new Promise((resolve) => setTimeout(resolve, 20));
    child.stdout.cancel();
  } else await firstLine(child.stdout);
  return { child, url: `ws://127.0.0.1:${port}/` };
}

/** One frame's way, ms. @param {Socket} to @param {() => void} send */
async function once(to, send) {
  const start = performance.now();
  send();
  await to.until(() => to.messages.length > 0);
  const time = performance.now() - start;
  to.messages.length = 0;
  return time;
}

/** us a frame, sent as fast as they go. @param {Socket} to @param {() => void} send */
async function many(to, send) {
  const start = performance.now();
  for (let sent = 0; sent < BURST; sent++) send();
  await to.until(() => to.messages.length >= BURST);
  const time = performance.now() - start;
  to.messages.length = 0;
  return time * 1000 / BURST;
}

const [runtime, rounds = "1000"] = Deno.args;
const workerd = runtime === "workerd" ? await findWorkerd() : undefined;
if (runtime === "workerd" && !workerd) {
  console.error("workerd is neither on PATH nor in $WORKERD");
  Deno.exit(1);
}
const folder = await Deno.makeTempDir({ prefix: "cr-bench-" });
const target = await (workerd ? workerdTarget(workerd, { evict: false }) : denoTarget());
const bare = await startBare(workerd, folder);
const scene = new Scene(target);
try {
  const owner = await scene.owner();
  const anchor = await signedInMachine(owner);
  const [machine, browser] = [await anchor.connect(), await owner.connect()];
  await machine.settled();
  await browser.settled();
  // The relay closes who is silent.
  const pings = setInterval(() => [machine, browser].forEach((each) => each.send("ping")), 5000);
  browser.messages.length = 0;
  const [from, to] = [new Socket(bare.url, {}), new Socket(bare.url, {})];
  await Promise.all([from.opened, to.opened]);
  const frame = `${JSON.stringify({ type: "data", to: browser.id })}\n${PAYLOAD}`;
  const ways = {
    relay: { to: browser, send: () => machine.send(frame) },
    bare: { to, send: () => from.send(frame) },
  };
  /** @type {Record<string, {latency: number[], burst: number[]}>} */
  const samples = { relay: { latency: [], burst: [] }, bare: { latency: [], burst: [] } };
  for (let round = 0; round < Number(rounds); round++) {
    for (const [name, way] of Object.entries(ways)) {
      samples[name].latency.push(await once(way.to, way.send));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  for (let round = 0; round < 7; round++) {
    for (const [name, way] of Object.entries(ways)) {
      samples[name].burst.push(await many(way.to, way.send));
    }
  }
  clearInterval(pings);
  console.log(JSON.stringify(samples));
  for (const socket of [from, to]) await socket.close();
} finally {
  await scene.end();
  bare.child.kill("SIGKILL");
  await bare.child.status;
  await target.stop();
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(0);
