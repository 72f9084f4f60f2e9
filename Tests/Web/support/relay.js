import { parseFrame } from "../../../web/link/frame.js";
import { Anchor } from "./anchor.js";

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

  /** @param {import("./codex.js").Codex} codex */
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
    socket.onopen = () => {
      // Cut before it was open, which Deno does not do by itself.
      if (!this.sockets.has(id)) return socket.close(1012);
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
    };
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
