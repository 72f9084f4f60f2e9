// The relay on Cloudflare's own runtime.
import { random } from "./bytes.js";
import { dumpObjects } from "./objects.js";
import { bundle, freePort, resident } from "./target.js";

/** @returns {Promise<string | undefined>} the runtime: $WORKERD, or the one on PATH */
export async function findWorkerd() {
  const candidates = [Deno.env.get("WORKERD"), "workerd"];
  for (const path of candidates) {
    if (!path) continue;
    try {
      const { success } = await new Deno.Command(path, { args: ["--version"], stderr: "null" })
        .output();
      if (success) return path;
    } catch {
      // Not there: try the next.
    }
  }
  return undefined;
}

/**
 * The Worker as it is deployed, with a word on stdout whenever an object is built, and a path at which every object is
 * evicted at once: the runtime does that only for the objects of the Worker that asks.
 */
const probe = `import unsafe from "workerd:unsafe";
import worker, { Scope as Deployed } from "cloudflare/worker.js";
export class Scope extends Deployed {
  constructor(ctx, env) { super(ctx, env); console.log("built"); }
}
export default {
  async fetch(request, env) {
    if (!request.url.endsWith("/evict")) return worker.fetch(request, env);
    await unsafe.evictAllDurableObjects();
    return new Response("done");
  },
};
`;

/** The Worker as it is deployed, asking a port of the test around each write of the store. */
export const gated = `import worker, { Scope as Deployed } from "cloudflare/worker.js";
export class Scope extends Deployed {
  constructor(ctx, env) {
    super(ctx, env);
    const commit = this.driver.commit.bind(this.driver);
    this.driver.commit = async (...change) => {
      await env.GATE.fetch("http://gate/");
      const done = await commit(...change);
      await env.GATE.fetch("http://gate/");
      return done;
    };
  }
}
export default worker;
`;

/** @param {string} folder @returns {Promise<string[]>} the modules of the bundle */
async function modules(folder) {
  const names = ["assets.js"];
  for (const part of ["orbit", "cloudflare"]) {
    for await (const { name } of Deno.readDir(`${folder}/${part}`)) {
      if (name.endsWith(".js")) names.push(`${part}/${name}`);
    }
  }
  return names;
}

/**
 * @param {string} workerd
 * @param {{evict: boolean, main?: string, gate?: number}} options `evict`: every object is evicted before each request; `main`: another
 *   module than the probe in front of the Worker; `gate`: the port that `gated` asks
 * @returns {Promise<import("./target.js").Target & {built: () => number, evictAll: () => Promise<void>}>} `built`: how many
 *   objects were built
 */
export async function workerdTarget(workerd, { evict, main = probe, gate }) {
  const folder = await bundle();
  const port = freePort();
  const origin = `http://localhost:${port}`;
  const deployKey = random(32);
  await Deno.mkdir(`${folder}/data`);
  await Deno.writeTextFile(`${folder}/probe.js`, main);
  const names = ["probe.js", ...await modules(folder)];
  const list = names.map((name) => `(name = "${name}", esModule = embed "${name}")`);
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "relay", worker = .relay),
    (name = "gate", external = (address = "127.0.0.1:${gate ?? port}", http = ())),
    (name = "data", disk = (path = "${folder}/data", writable = true)),
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:${port}", http = (), service = "relay"),
  ],
);
const relay :Workerd.Worker = (
  compatibilityDate = "2026-08-01",
  compatibilityFlags = ["unsafe_module"],
  modules = [${list.join(",\n    ")}],
  durableObjectNamespaces = [(className = "Scope", uniqueKey = "relay-Scope", enableSql = true)],
  durableObjectStorage = (localDisk = "data"),
  bindings = [
    (name = "SCOPE", durableObjectNamespace = "Scope"),
    (name = "ORIGIN", text = "${origin}"),
    (name = "DEPLOY_KEY", text = "${deployKey}"),
    (name = "GATE", service = "gate"),
  ],
);
`;
  await Deno.writeTextFile(`${folder}/config.capnp`, config);
  /** @type {Deno.ChildProcess} */
  let child;

  let built = 0;
  /** @type {Promise<void>} */
  let watching;

  /** @param {ReadableStream<Uint8Array<ArrayBuffer>>} output */
  async function watch(output) {
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      built += text.split("built").length - 1;
    }
  }

  async function start() {
    child = new Deno.Command(workerd, {
      args: ["serve", "--experimental", `${folder}/config.capnp`],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    watching = watch(child.stdout);
    let over = false;
    child.status.then(() => over = true);
    for (;;) {
      try {
        const response = await fetch(`${origin}/health`);
        await response.body?.cancel();
        if (response.status === 200) return;
      } catch {
        // Not listening yet.
      }
      if (over) throw new Error("The runtime ended before it listened.");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** On SIGTERM the runtime would wait for its sockets; the platform drops them. */
  async function end() {
    child.kill("SIGKILL");
    await child.status;
    await watching;
  }

  async function restart() {
    await end();
    await start();
  }

  const evictAll = async () => {
    const response = await fetch(`${origin}/evict`);
    await response.text();
  };

  await start();
  return {
    name: evict ? "workerd, evicted" : "workerd",
    origin,
    base: { browser: origin, anchor: origin },
    deployKey,
    // The runtime is killed; Deno shows a socket that ended without a close frame as 0.
    quick: !evict,
    goodbye: [0, 1006],
    between: evict ? evictAll : undefined,
    restart,
    kill: restart,
    async stop() {
      await end();
      await Deno.remove(folder, { recursive: true });
    },
    // With each eviction the runtime makes every object anew and collects the old ones when it likes: what it has in
    // memory then says nothing of what the relay keeps.
    dump: () => dumpObjects(`${folder}/data`),
    memory: () => evict ? Promise.resolve(0) : resident(child.pid),
    built: () => built,
    evictAll,
  };
}
