// Two isolates of one relay: browsers come to one, anchors to the other.
import { random } from "./bytes.js";
import { bundle, dumpKv, freePort, resident } from "./target.js";

/**
 * @returns {Promise<import("./target.js").Target & {
 *   folder: string, isolate: (command: "start" | "end" | "kill", index: number) => Promise<void>}>}
 *   `folder` has the store; `isolate` starts or ends one: 0 is the browsers', 1 the anchors'
 */
export async function clusterTarget() {
  const folder = await bundle();
  const ports = [freePort(), freePort()];
  const host = `localhost:${ports[0]}`;
  const origin = `http://${host}`;
  const deployKey = random(32);
  const settings = JSON.stringify({ folder, origin, deployKey, ports });
  /** @type {Deno.ChildProcess} */
  let child;
  /** @type {WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>} */
  let input;
  /** @type {ReadableStreamDefaultReader<string>} */
  let output;

  /** @param {string} command @param {number} index */
  async function isolate(command, index) {
    await input.write(new TextEncoder().encode(`${command} ${index}\n`));
    for (let text = ""; !text.includes("\n");) {
      const { done, value } = await output.read();
      if (done) throw new Error(`The isolates ended at ${command} ${index}.`);
      text += value;
    }
  }

  async function start() {
    child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-all",
        "--unstable-kv",
        "--unstable-worker-options",
        new URL("./isolates.js", import.meta.url).pathname,
        settings,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    input = child.stdin.getWriter();
    output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    await isolate("start", 0);
    await isolate("start", 1);
  }

  async function end() {
    child.kill("SIGKILL");
    await child.status;
    await output.cancel();
    await input.abort().catch(() => {});
  }

  await start();
  return {
    name: "deno, two isolates",
    host,
    origin,
    base: { browser: origin, anchor: `http://127.0.0.1:${ports[1]}` },
    deployKey,
    goodbye: [1012],
    folder,
    isolate,
    async restart() {
      for (const index of [0, 1]) await isolate("end", index);
      for (const index of [0, 1]) await isolate("start", index);
    },
    async kill() {
      await end();
      await start();
    },
    async stop() {
      await end();
      await Deno.remove(folder, { recursive: true });
    },
    dump: () => dumpKv(`${folder}/relay.kv`),
    memory: () => resident(child.pid),
  };
}
