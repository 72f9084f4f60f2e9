// The real codex with a scripted model, behind a relay and an anchor of a few lines: what the store talks to in tests.
import { parseFrame } from "../../../web/link/frame.js";
import { AnchorEnd } from "./anchor_end.js";

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

/** A port that was free a moment ago. */
function freePort() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = /** @type {Deno.NetAddr} */ (listener.addr);
  listener.close();
  return port;
}

/** @param {Deno.ChildProcess} child */
async function end(child) {
  try {
    child.kill("SIGKILL");
  } catch { /* it has ended */ }
  await child.status;
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
    this.child = new Deno.Command(findCodex(), {
      args: ["app-server", "--listen", `ws://127.0.0.1:${this.port}`],
      env: { CODEX_HOME: this.home },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    for (;;) {
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
    await Deno.remove(this.home, { recursive: true });
  }
}

/** One WebSocket to app-server. */
class Upstream {
  /** @param {number} port @param {(text: string) => void} message @param {() => void} closed */
  constructor(port, message, closed) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    this.opened = new Promise((resolve) => (this.socket.onopen = resolve));
    this.socket.onmessage = (event) => message(event.data);
    this.socket.onclose = closed;
    this.socket.onerror = () => {};
  }

  /** @param {unknown} message */
  async send(message) {
    await this.opened;
    if (this.socket.readyState === 1) {
      this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
    }
  }

  close() {
    this.socket.onclose = null;
    this.socket.close();
  }
}

/** An anchor in a few lines: sessions, answers, text in flight. */
export class Anchor {
  /** @param {Codex} codex @param {(to: string, payload: string) => void} send */
  constructor(codex, send) {
    this.codex = codex;
    this.send = send;
    /** @type {Map<string, {end: AnchorEnd, up: Upstream, pending: Map<string, any>, taken: number, to: string}>} */
    this.sessions = new Map();
    /** @type {Map<string, {turnId: string, items: Map<string, any>}>} */
    this.running = new Map();
    /** Answers that arrived, for the tests. @type {any[]} */
    this.answers = [];
    this.watch = this.watching();
  }

  get incarnation() {
    return `start-${this.codex.starts}`;
  }

  watching() {
    let id = 100;
    const followed = new Set();
    const up = new Upstream(this.codex.port, (text) => {
      const message = JSON.parse(text);
      const threadId = message.params?.threadId;
      if (
        message.method === "thread/status/changed" && message.params.status.type === "active" &&
        !followed.has(threadId)
      ) {
        followed.add(threadId);
        up.send({ id: id++, method: "thread/resume", params: { threadId, excludeTurns: true } });
      }
      this.note(message);
    }, () => {});
    up.send({
      id: 1,
      method: "initialize",
      params: {
        clientInfo: { name: "anchor", title: null, version: "1" },
        capabilities: { experimentalApi: true, requestAttestation: false },
      },
    });
    up.send({ method: "initialized" });
    return up;
  }

  /** Keeps text in flight. @param {any} message */
  note({ method, params, emittedAtMs }) {
    if (!params?.threadId) return;
    if (method === "turn/started") {
      this.running.set(params.threadId, { turnId: params.turn.id, items: new Map() });
    } else if (method === "turn/completed") this.running.delete(params.threadId);
    const turn = this.running.get(params.threadId);
    if (!turn) return;
    if (method === "item/started") {
      turn.items.set(params.item.id, { itemId: params.item.id, item: params.item, deltas: [] });
    } else if (method === "item/completed") turn.items.delete(params.item.id);
    else if (/elta$/.test(method ?? "") && turn.items.has(params.itemId)) {
      const { deltas } = turn.items.get(params.itemId);
      const index = params.summaryIndex ?? params.contentIndex ?? null;
      let kept = deltas.find((/** @type {any} */ one) =>
        one.method === method && one.index === index
      );
      if (!kept) deltas.push(kept = { method, index, text: [] });
      const last = kept.text.at(-1);
      if (last?.[0] === emittedAtMs) last[1] += params.delta;
      else kept.text.push([emittedAtMs, params.delta]);
    }
  }

  /** @param {string} from @param {string} payload */
  take(from, payload) {
    const header = parseFrame(payload)?.header ?? {};
    let session = this.sessions.get(header.session);
    if (header.type === "open") {
      if (!session && header.resume) {
        this.send(
          from,
          JSON.stringify({ type: "opened", session: header.session, reset: "unknown" }),
        );
        return;
      }
      session ??= this.begin(header.session);
      session.to = from;
    }
    if (!session || session.to !== from) {
      this.send(
        from,
        JSON.stringify({ type: "close", session: header.session, reason: "unknown", message: "" }),
      );
      return;
    }
    session.end.take(payload);
    for (; session.taken < session.end.messages.length; session.taken++) {
      this.message(session, session.end.messages[session.taken]);
    }
  }

  /** @param {string} id */
  begin(id) {
    const pending = new Map();
    const end = new AnchorEnd((text) => this.send(session.to, text), this.incarnation);
    const up = new Upstream(this.codex.port, (text) => {
      const message = JSON.parse(text);
      if (message.method && message.id !== undefined) {
        pending.set(JSON.stringify(message.id), message);
      }
      if (message.method === "serverRequest/resolved") {
        pending.delete(JSON.stringify(message.params.requestId));
      }
      end.post(text, 50_000);
    }, () => this.end(id, "app-server-ended"));
    const session = { end, up, pending, taken: 0, to: "" };
    this.sessions.set(id, session);
    return session;
  }

  /** @param {string} id @param {string} reason */
  end(id, reason) {
    const session = this.sessions.get(id);
    if (!session) return;
    this.sessions.delete(id);
    session.up.close();
    this.send(session.to, JSON.stringify({ type: "close", session: id, reason, message: "" }));
  }

  /** @param {any} session @param {string} text */
  message(session, text) {
    const message = JSON.parse(text);
    const answer = (/** @type {any} */ result) =>
      session.end.post(JSON.stringify({ id: message.id, result }), 50_000);
    switch (message.method) {
      case "anchor/info":
        answer({
          name: "test",
          version: "1",
          platform: "test",
          home: this.codex.home,
          cwd: `${this.codex.home}/work`,
          incarnation: this.incarnation,
          startedAt: 1,
          attached: false,
          codex: { version: "", path: "" },
        });
        break;
      case "anchor/turn/running": {
        const turn = this.running.get(message.params.threadId);
        answer(
          turn
            ? { turnId: turn.turnId, truncated: false, items: [...turn.items.values()] }
            : { turnId: null, items: [] },
        );
        break;
      }
      case "anchor/answer": {
        const { incarnation, requestId, threadId, turnId, itemId, result } = message.params;
        this.answers.push(message.params);
        const asked = session.pending.get(JSON.stringify(requestId));
        const right = asked && asked.params.threadId === threadId &&
          (asked.params.turnId ?? null) === turnId &&
          (asked.params.itemId ?? null) === itemId;
        if (incarnation !== this.incarnation) answer({ outcome: "too-late", reason: "restarted" });
        else if (!right) answer({ outcome: "too-late", reason: "resolved" });
        else {
          session.pending.delete(JSON.stringify(requestId));
          session.up.send({ id: requestId, result }).then(() => answer({ outcome: "delivered" }));
        }
        break;
      }
      default:
        session.up.send(text);
    }
  }

  /** As if the anchor had been killed and started again; app-server lives on. */
  restart() {
    for (const session of this.sessions.values()) session.up.close();
    this.sessions.clear();
    this.watch.close();
    this.watch = this.watching();
  }

  close() {
    for (const session of this.sessions.values()) session.up.close();
    this.sessions.clear();
    this.watch.close();
  }
}

/** A relay for one user with one machine, on loopback. */
export class Relay {
  machine = "m_test";
  online = true;
  connection = "a1";
  signedIn = true;
  /** Bytes vanish, nothing closes. */
  silent = false;
  /** @type {Map<string, WebSocket>} */
  sockets = new Map();
  count = 0;
  refuse = false;
  build = "b1";

  /** @param {Codex} codex */
  constructor(codex) {
    this.anchor = new Anchor(codex, (to, payload) => {
      this.post(to, { type: "data", from: this.machine, role: "anchor" }, payload);
    });
    this.server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.answer(request),
    );
    this.origin = `http://127.0.0.1:${this.server.addr.port}`;
  }

  machines() {
    const { machine: id, online, connection } = this;
    return [{ id, name: "test", fingerprint: "AAAA", online, connection, seen: null, created: 1 }];
  }

  /** @param {string} to @param {any} header @param {string} [payload] */
  post(to, header, payload) {
    const socket = this.sockets.get(to);
    if (this.silent || socket?.readyState !== 1) return;
    socket.send(
      payload === undefined ? JSON.stringify(header) : `${JSON.stringify(header)}\n${payload}`,
    );
  }

  /** @param {Request} request */
  answer(request) {
    const { pathname } = new URL(request.url);
    if (this.refuse) return new Response(null, { status: 503 });
    if (pathname === "/api/me") {
      if (!this.signedIn) {
        return Response.json({ error: { code: "signed-out", message: "" } }, { status: 401 });
      }
      return Response.json({
        user: { id: "u_test", name: "Test", owner: true },
        signin: { id: "s_test", fresh: 0, created: 1 },
        machines: this.machines(),
        build: this.build,
      });
    }
    if (pathname === "/api/signout") {
      this.signedIn = false;
      return Response.json({});
    }
    if (pathname !== "/socket" || !this.signedIn) return new Response(null, { status: 401 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    const id = `c_${++this.count}`;
    this.sockets.set(id, socket);
    socket.onopen = () =>
      this.post(id, {
        type: "hello",
        id,
        role: "browser",
        user: "u_test",
        machines: this.machines(),
        protocol: { min: 1, max: 1 },
        build: this.build,
        time: 1,
      });
    socket.onmessage = (event) => {
      if (this.silent) return;
      if (event.data === "ping") return socket.send("pong");
      const frame = parseFrame(event.data);
      if (frame?.header.type !== "data") return;
      if (!this.online) {
        return this.post(id, { type: "error", code: "unreachable", message: "", to: this.machine });
      }
      this.anchor.take(id, frame.body);
    };
    socket.onclose = () => this.sockets.delete(id);
    socket.onerror = () => {};
    return response;
  }

  /** Every browser's socket ends. @param {number} [code] */
  cut(code = 1012) {
    for (const socket of this.sockets.values()) socket.close(code);
    this.sockets.clear();
  }

  /** @param {boolean} online */
  setOnline(online) {
    this.online = online;
    if (online) this.connection = `a${Number(this.connection.slice(1)) + 1}`;
    for (const id of this.sockets.keys()) {
      this.post(id, { type: "presence", machines: this.machines() });
    }
  }

  async close() {
    this.cut();
    this.anchor.close();
    await this.server.shutdown();
  }
}
