// The relays that the black-box tests run against.
import { random } from "./bytes.js";

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {string} origin the pinned one
 * @property {string} [host] what requests name as their host, where that is not where they go
 * @property {{browser: string, anchor: string}} base where the requests of each side go
 * @property {string} deployKey
 * @property {typeof client} [client] what it serves, where that is not what `bundle` lays out
 * @property {() => Promise<void>} restart ends the relay as the platform would and starts it again with the same data
 * @property {() => Promise<void>} kill ends it with SIGKILL and starts it again
 * @property {() => Promise<void>} stop
 * @property {() => Promise<Entry[]>} dump everything that lies in its store, whatever the scope
 * @property {() => Promise<number>} memory resident bytes; 0 where they do not tell what the relay keeps
 * @property {boolean} [quick] whether the large matrices run whole on it
 * @property {number[]} goodbye the close codes that a restart may show
 * @property {() => Promise<void>} [between] called between the steps of a case
 */

/** @typedef {{scope: string, key: string, value: any}} Entry */

/**
 * @param {string} path of a store of Deno's that the relay has open
 * @returns {Promise<Entry[]>}
 */
export async function dumpKv(path) {
  for (;;) {
    try {
      return await readKv(path);
    } catch (error) {
      // The relay holds the file's lock at times.
      if (!/locked/.test(String(error))) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @param {string} path @returns {Promise<Entry[]>} */
async function readKv(path) {
  const kv = await Deno.openKv(path);
  try {
    const entries = [];
    for await (const { key, value } of kv.list({ prefix: [] })) {
      const [scope, ...rest] = key.map(String);
      // An isolate's mail is text in bytes.
      const text = value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
      entries.push({ scope, key: rest.join(" "), value: text });
    }
    return entries;
  } finally {
    kv.close();
  }
}

const templates = new URL("../../../templates/", import.meta.url);

/** What the tests put in place of the web client. */
const build = "0123456789abcdef";
const page = "<!doctype html><title>Test</title>";
const script = "export const one = 1;\n".repeat(200);

/** @param {string} text */
async function gzip(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer()).toBase64();
}

export const client = { build, page, script, path: `/${build}/app.js`, type: "text/javascript" };

/** @returns {Promise<string>} a folder laid out as a bundle */
export async function bundle() {
  const folder = await Deno.makeTempDir({ prefix: "orbit-" });
  for (const part of ["orbit", "deno", "cloudflare"]) {
    await Deno.mkdir(`${folder}/${part}`);
    for await (const { name } of Deno.readDir(new URL(part, templates))) {
      await Deno.copyFile(new URL(`${part}/${name}`, templates), `${folder}/${part}/${name}`);
    }
  }
  const files = {
    "/": { type: "text/html; charset=utf-8", body: await gzip(page), immutable: false },
    [client.path]: { type: "text/javascript", body: await gzip(script), immutable: true },
  };
  const module = `export const build = "${build}";\nexport const files = ${
    JSON.stringify(files)
  };\n`;
  await Deno.writeTextFile(`${folder}/assets.js`, module);
  await Deno.writeTextFile(`${folder}/deno.json`, '{"unstable":["kv"]}');
  return folder;
}

/** No system gives these ports to a connection by itself: one stays free for a relay while that is started again. */
const ports = { first: 20_000, count: 12_000 };
let drawn = Math.floor(Math.random() * ports.count);

/** @returns {number} a port that nobody listens on, on either loopback address; another one each time */
export function freePort() {
  for (;;) {
    const port = ports.first + drawn++ % ports.count;
    try {
      for (const hostname of ["127.0.0.1", "::1"]) Deno.listen({ hostname, port }).close();
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) continue;
      // A machine without IPv6 has the other address only.
      if (!(error instanceof Deno.errors.AddrNotAvailable)) throw error;
    }
    return port;
  }
}

/** @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream @returns {Promise<string>} its first line; the rest is dropped */
export async function firstLine(stream) {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n")) break;
  }
  return text.slice(0, text.indexOf("\n"));
}

/** @param {number} pid @returns {Promise<number>} bytes */
export async function resident(pid) {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

/**
 * One Deno process, started as `up` starts it.
 * @param {string[]} [flags] more of them for Deno
 * @param {number} [gate] the port that is asked around each write of the store
 * @returns {Promise<Target & {pid: () => number}>}
 */
export async function denoTarget(flags = [], gate) {
  const folder = await bundle();
  const port = freePort();
  const origin = `http://localhost:${port}`;
  const deployKey = random(32);
  /** @type {Deno.ChildProcess} */
  let child;

  async function start() {
    const net = ["127.0.0.1", "[::1]"].map((host) => `${host}:${port}`);
    if (gate) net.push(`127.0.0.1:${gate}`);
    const preload = new URL(`gated.js?gate=${gate}`, import.meta.url);
    const names = ["ORIGIN", "DEPLOY_KEY", "PORT", "KV_PATH", "HOSTNAMES"];
    child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-remote",
        "--no-npm",
        "--no-prompt",
        "--unstable-kv",
        `--allow-net=${net.join(",")}`,
        `--allow-read=${folder}`,
        `--allow-write=${folder}`,
        `--allow-env=${names.join(",")}`,
        ...flags,
        ...(gate ? [`--preload=${preload}`] : []),
        `${folder}/deno/main.js`,
      ],
      env: {
        ORIGIN: origin,
        DEPLOY_KEY: deployKey,
        PORT: String(port),
        KV_PATH: `${folder}/relay.kv`,
      },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const text = await firstLine(child.stdout);
    if (JSON.parse(text).ready !== port) throw new Error(`The relay said ${text}.`);
  }

  /** @param {Deno.Signal} signal */
  async function end(signal) {
    try {
      child.kill(signal);
    } catch {
      // It has ended by itself.
    }
    await child.status;
  }

  await start();
  return {
    name: "deno",
    origin,
    base: { browser: origin, anchor: origin },
    deployKey,
    quick: true,
    goodbye: [1012],
    async restart() {
      await end("SIGTERM");
      await start();
    },
    async kill() {
      await end("SIGKILL");
      await start();
    },
    async stop() {
      await end("SIGTERM");
      await Deno.remove(folder, { recursive: true });
    },
    dump: () => dumpKv(`${folder}/relay.kv`),
    memory: () => resident(child.pid),
    pid: () => child.pid,
  };
}
