import { parseFrame } from "../../../web/link/frame.js";
import { AnchorEnd } from "./anchor_end.js";

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
  /** @param {import("./codex.js").Codex} codex @param {(to: string, payload: string) => void} send */
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
    this.running.clear();
    this.watch.close();
    this.watch = this.watching();
  }

  close() {
    for (const session of this.sessions.values()) session.up.close();
    this.sessions.clear();
    this.watch.close();
  }
}
