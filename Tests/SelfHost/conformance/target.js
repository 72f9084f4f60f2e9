// A relay that self-host deployed to a stand-in for a provider, as the relay's own tests want it.
import { client, dumpKv } from "../../Orbit/support/target.js";
import { dumpObjects } from "../../Orbit/support/objects.js";

const helper = new URL("../deployed.py", import.meta.url).pathname;

/** @param {string} text @returns {string} */
const page = (text) => `${text}<script src="{{base}}/app.js"></script>\n`;

/**
 * @param {"cloudflare" | "deno"} provider
 * @returns {Promise<import("../../Orbit/support/target.js").Target>}
 */
export async function deployedTarget(provider) {
  const folder = await Deno.makeTempDir({ prefix: "cr-", dir: "/var/tmp" });
  const web = `${folder}/web`;
  await Deno.mkdir(web);
  await Deno.writeTextFile(`${web}/index.html`, page(client.page));
  await Deno.writeTextFile(`${web}/app.js`, client.script);
  const child = new Deno.Command("python3", {
    args: [helper, provider, folder, web],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";

  async function line() {
    while (!rest.includes("\n")) {
      const { value, done } = await lines.read();
      if (done) throw new Error(`The deploy to ${provider} ended: ${rest}`);
      rest += value;
    }
    const end = rest.indexOf("\n");
    const first = rest.slice(0, end);
    rest = rest.slice(end + 1);
    return first;
  }

  /** @param {string} word */
  async function tell(word) {
    await input.write(new TextEncoder().encode(`${word}\n`));
    await line();
  }

  const { origin, port, build, deployKey, data, host } = JSON.parse(await line());
  const base = `http://127.0.0.1:${port}`;
  return {
    name: `deployed on ${provider}`,
    origin,
    host,
    base: { browser: base, anchor: base },
    deployKey,
    client: {
      build,
      page: page(client.page).replace("{{base}}", `/${build}`),
      script: client.script,
      path: `/${build}/app.js`,
      type: "text/javascript; charset=utf-8",
    },
    goodbye: provider === "deno" ? [1012] : [0, 1006],
    restart: () => tell("restart"),
    kill: () => tell("kill"),
    dump: () => provider === "deno" ? dumpKv(`${data}/kv.sqlite3`) : dumpObjects(data),
    // What a platform has in memory is its own affair.
    memory: () => Promise.resolve(0),
    async stop() {
      await input.close();
      for (;;) if ((await lines.read()).done) break;
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
