// The real codex with a scripted model.

const root = new URL("../../../", import.meta.url).pathname;

/** The real binary: $CODEX, or the one of the project's Python environment. @returns {string} */
export function findCodex() {
  const given = Deno.env.get("CODEX");
  if (given) return given;
  for (const lib of Deno.readDirSync(`${root}.venv/lib`)) {
    const path = `${root}.venv/lib/${lib.name}/site-packages/codex_cli_bin/bin/codex`;
    try {
      Deno.statSync(path);
      return path;
    } catch { /* another Python's folder */ }
  }
  throw new Error("There is no codex in .venv; run `make setup`.");
}

/**
 * A port that nothing listens on, below those that systems give to outgoing connections and to whoever asks for any
 * port: one of these could be taken before codex listens.
 */
function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

/** @param {Deno.ChildProcess} child */
async function end(child) {
  try {
    child.kill("SIGKILL");
  } catch { /* it has ended */ }
  await child.status;
}

/** Removes a folder in which what codex left behind may still write. @param {string} folder */
async function remove(folder) {
  for (let tries = 0;; tries++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The scripted model and codex, ended by `close`. */
export class Codex {
  /** @type {Deno.ChildProcess | null} */
  model = null;
  /** @type {Deno.ChildProcess | null} */
  child = null;
  home = "";
  port = 0;
  modelPort = 0;
  /** @type {ReadableStreamDefaultReader<string> | null} */
  said = null;
  starts = 0;

  static async start() {
    const codex = new Codex();
    codex.home = await Deno.makeTempDir({ dir: Deno.env.get("TEST_TMP"), prefix: "codex-web-" });
    await Deno.mkdir(`${codex.home}/work`);
    codex.model = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-lock",
        "--allow-net=127.0.0.1",
        "--allow-env=PORT",
        `${root}templates/demo/model.js`,
        "--control",
      ],
      env: { PORT: "0" },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = codex.model.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (!said.includes("\n")) said += (await lines.read()).value ?? "\n";
    codex.modelPort = Number(/ready (\d+)/.exec(said)?.[1]);
    codex.said = lines;
    const config = await Deno.readTextFile(`${root}templates/demo/config.toml`);
    await Deno.writeTextFile(
      `${codex.home}/config.toml`,
      config.replaceAll("PORT", String(codex.modelPort)).replaceAll(
        "FOLDER",
        `${root}templates/demo`,
      ),
    );
    await codex.spawn();
    return codex;
  }

  async spawn() {
    this.port = freePort();
    this.starts++;
    const child = this.child = new Deno.Command(findCodex(), {
      args: ["app-server", "--listen", `ws://127.0.0.1:${this.port}`],
      // Commands run in login shells: what a person's own profile does, and a kill leaves half done, is no matter here.
      env: { CODEX_HOME: this.home, HOME: this.home },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    let ended = false;
    child.status.then(() => (ended = true));
    for (;;) {
      if (ended) throw new Error("codex ended instead of listening.");
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.port })).close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** Kills app-server and starts it again. */
  async restart() {
    if (this.child) await end(this.child);
    await this.spawn();
  }

  /** @param {string} path @param {unknown} [body] */
  async control(path, body) {
    const response = await fetch(`http://127.0.0.1:${this.modelPort}/control/${path}`, {
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    });
    return response.json();
  }

  async close() {
    if (this.child) await end(this.child);
    if (this.model) await end(this.model);
    await this.said?.cancel();
    await remove(this.home);
  }
}
