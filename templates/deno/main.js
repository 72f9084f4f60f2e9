// The relay on Deno, one process of one's own. Environment: ORIGIN (the pinned origin), DEPLOY_KEY (at least 32
// characters), PORT, KV_PATH (a file; without it Deno's default), HOSTNAMES (what to listen on, with commas; without it the
// loopback addresses).
import * as assets from "../assets.js";
import { denoOrbit } from "./adapter.js";
import { sleep } from "./mailbox.js";

/** How long requests that are under way may take when it ends, in milliseconds. */
const grace = 1000;

/** @param {string} sentence @returns {never} */
function stop(sentence) {
  console.error(sentence);
  Deno.exit(1);
}

const origin = Deno.env.get("ORIGIN") || null;
const deployKey = Deno.env.get("DEPLOY_KEY") || null;
const port = Number(Deno.env.get("PORT") || 8000);
const hostnames = (Deno.env.get("HOSTNAMES") || "127.0.0.1,::1").split(",");

if (origin !== null && URL.parse(origin)?.origin !== origin) {
  stop("ORIGIN is not an origin: set it to something like https://relay.example.");
}
if (deployKey !== null && deployKey.length < 32) {
  stop("DEPLOY_KEY is too short: set it to at least 32 random characters.");
}

const kv = await Deno.openKv(Deno.env.get("KV_PATH") || undefined);
const orbit = denoOrbit(kv, assets, { origin, deployKey, shared: false });

/** @type {Deno.HttpServer<Deno.NetAddr>[]} */
const servers = [];
for (const hostname of hostnames) {
  try {
    const taken = servers[0]?.addr.port ?? port;
    servers.push(Deno.serve({ hostname, port: taken, onListen() {} }, orbit.fetch));
  } catch (error) {
    // A machine without IPv6 still has the other address.
    if (error instanceof Deno.errors.AddrNotAvailable) continue;
    if (error instanceof Deno.errors.AddrInUse) {
      stop(`Port ${port} is in use: end the program that has it, or set PORT.`);
    }
    throw error;
  }
}
if (servers.length === 0) {
  stop(`None of ${hostnames.join(", ")} can be listened on: set HOSTNAMES.`);
}
console.log(JSON.stringify({ ready: servers[0].addr.port }));

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  await orbit.end();
  // A request whose client is gone may never be over.
  await Promise.race([Promise.all(servers.map((server) => server.shutdown())), sleep(grace)]);
  kv.close();
  Deno.exit(0);
}
Deno.addSignalListener("SIGINT", end);
if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", end);
