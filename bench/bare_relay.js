// The least that passes messages on: what the relay is compared with, on the same runtime.
import { firstLine, freePort } from "../Tests/Orbit/support/target.js";

/** Pairs of ends by path: what one sends, the other gets. */
const onDeno = `
const pairs = new Map();
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen: () => console.log("ready") }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  const ends = pairs.get(request.url) ?? new Set();
  pairs.set(request.url, ends.add(socket));
  socket.onmessage = ({ data }) => { for (const end of ends) if (end !== socket) end.send(data); };
  socket.onclose = () => ends.delete(socket);
  return response;
});`;

const onWorkerd = `
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
      ? env.ROOM.get(env.ROOM.idFromName(request.url)).fetch(request)
      : new Response("ready"),
};`;

/** @param {string} folder @param {number} port */
const config = (folder, port) =>
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

/**
 * Starts one in its own process.
 * @param {string} folder of its own, for its program
 * @param {string} [workerd] on that runtime; else on Deno
 * @param {string[]} [flags] of Deno
 */
export async function startBare(folder, workerd, flags = []) {
  const port = freePort();
  await Deno.writeTextFile(`${folder}/bare.js`, workerd ? onWorkerd : onDeno);
  await Deno.writeTextFile(`${folder}/bare.capnp`, config(folder, port));
  const child = new Deno.Command(workerd ?? Deno.execPath(), {
    args: workerd
      ? ["serve", "--experimental", `${folder}/bare.capnp`]
      : ["run", "--no-prompt", "--allow-net", ...flags, `${folder}/bare.js`, String(port)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  if (workerd) {
    const up = () => fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text());
    while (!await up().catch(() => "")) await new Promise((resolve) => setTimeout(resolve, 20));
    child.stdout.cancel();
  } else await firstLine(child.stdout);
  return {
    pid: child.pid,
    url: `ws://127.0.0.1:${port}/`,
    async stop() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}
