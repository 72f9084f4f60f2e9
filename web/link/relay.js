// The page's hop to the relay: one WebSocket, dialled again when it ends or falls silent (docs/protocol.md, 3).
import { parseFrame } from "./frame.js";

const PING_EVERY = 5000;
/** Silence after which the socket is given up, in ms; after coming back to the page a shorter one. */
export const DEAD_AFTER = 15_000;
const PROBE = 3000;
/** Bounds of the delay before dialling again, ms: full jitter below a ceiling that doubles. */
export const BACKOFF_MIN = 500;
export const BACKOFF_MAX = 30_000;
/** A link that was healthy for so long starts again with the shortest delay. */
const HEALTHY = 10_000;

/**
 * @typedef {{
 *  status(status: import("../types.d.ts").LinkState["status"], reason: string | null, retryAt: number | null): void,
 *  heard(): void,
 *  hello(header: Record<string, any>): void,
 *  presence(machines: any[]): void,
 *  data(from: string, header: Record<string, any>, body: string): void,
 *  error(header: Record<string, any>): void,
 *  wake(): void,
 * }} RelayEvents
 * `wake` tells that the page came back (visible or online) and that the socket seems to live.
 *
 * @typedef {{
 *  url: string,
 *  WebSocket: typeof WebSocket,
 *  now: () => number,
 *  me: () => Promise<"ok" | "signed-out" | "unreachable">,
 *  trusted: () => boolean,
 *  events: RelayEvents,
 * }} RelayOptions
 * `me` asks the relay for the sign-in's state, since a refused upgrade does not say why; `trusted` tells whether it
 * is likely good, so that the socket may be dialled at the same time.
 */

export class Relay {
  /** @param {RelayOptions} options */
  constructor(options) {
    this.options = options;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.stopped = true;
    this.connected = false;
    this.dials = 0;
    this.failures = 0;
    this.lastHeard = 0;
    this.lastSent = 0;
    this.connectedAt = 0;
    this.probeUntil = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.onBack = () => this.back();
    this.onOffline = () => this.probe();
  }

  start() {
    this.stopped = false;
    globalThis.addEventListener?.("online", this.onBack);
    globalThis.addEventListener?.("offline", this.onOffline);
    globalThis.document?.addEventListener("visibilitychange", this.onBack);
    this.dial();
  }

  /** Ends it for good. @param {string | null} [reason] set when the relay refused: shown, and `start` dials again */
  stop(reason = null) {
    this.stopped = true;
    clearTimeout(this.timer);
    globalThis.removeEventListener?.("online", this.onBack);
    globalThis.removeEventListener?.("offline", this.onOffline);
    globalThis.document?.removeEventListener("visibilitychange", this.onBack);
    this.drop();
    if (reason !== null) this.options.events.status("refused", reason, null);
  }

  /** @param {string} to machine id @param {string} payload @returns {boolean} whether it left */
  send(to, payload) {
    const socket = this.socket;
    if (!this.connected || !socket || socket.readyState !== 1) return false;
    socket.send(`{"type":"data","to":${JSON.stringify(to)}}\n${payload}`);
    return true;
  }

  /** Dials now, whatever waits. */
  dial() {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.drop();
    const dial = ++this.dials;
    const { events, me, trusted } = this.options;
    events.status(this.connectedAt > 0 ? "reconnecting" : "connecting", null, null);
    const answer = me().catch(() => /** @type {const} */ ("unreachable"));
    if (trusted()) this.open(dial);
    answer.then((state) => {
      if (this.stopped || dial !== this.dials) return;
      if (state === "signed-out") this.stop("signed-out");
      else if (state === "ok" && !this.socket) this.open(dial);
      else if (state === "unreachable" && !this.connected) this.failed();
    });
  }

  /** @param {number} dial */
  open(dial) {
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new this.options.WebSocket(`${this.options.url}/socket?protocol=1`);
    } catch {
      this.failed();
      return;
    }
    this.socket = socket;
    this.lastHeard = this.lastSent = this.options.now();
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket !== socket || dial !== this.dials) return;
      this.socket = null;
      this.ended(event.code);
    };
    this.schedule();
  }

  /** @param {unknown} data */
  receive(data) {
    const { events, now } = this.options;
    this.lastHeard = now();
    this.probeUntil = 0;
    if (data === "pong") {
      events.heard();
      return;
    }
    if (data === "ping") {
      this.socket?.send("pong");
      return;
    }
    const frame = typeof data === "string" ? parseFrame(data) : null;
    if (!frame) return;
    const { header, body } = frame;
    switch (header.type) {
      case "data": {
        const inner = parseFrame(body);
        if (inner) events.data(String(header.from), inner.header, inner.body);
        break;
      }
      case "hello":
        this.connected = true;
        this.connectedAt = this.lastHeard;
        events.hello(header);
        break;
      case "presence":
        events.presence(Array.isArray(header.machines) ? header.machines : []);
        break;
      case "error":
        events.error(header);
        break;
    }
    events.heard();
  }

  /** @param {number} code */
  ended(code) {
    if (code === 4002) this.stop("update");
    else if (code === 4005) this.stop("limit");
    else if (code === 4001) {
      // Revoked: whether this sign-in or only the socket, the relay's answer says.
      this.failures = 0;
      this.dial();
    } else this.failed(code === 1012 || code === 1001);
  }

  /** @param {boolean} [restart] the relay said that it comes back */
  failed(restart = false) {
    this.drop();
    const { events, now } = this.options;
    const at = now();
    if (this.connectedAt > 0 && this.lastHeard - this.connectedAt > HEALTHY) this.failures = 0;
    const ceiling = Math.min(BACKOFF_MAX, BACKOFF_MIN * 2 ** (restart ? 0 : this.failures));
    this.failures = Math.min(this.failures + 1, 10);
    const delay = Math.random() * ceiling;
    const offline = globalThis.navigator?.onLine === false;
    events.status(offline ? "offline" : "reconnecting", null, at + delay);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.dial(), delay);
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    this.connected = false;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  schedule() {
    clearTimeout(this.timer);
    const at = this.options.now();
    const dead = this.probeUntil || this.lastHeard + DEAD_AFTER;
    const due = Math.min(dead, this.lastSent + PING_EVERY);
    this.timer = setTimeout(() => this.check(), Math.max(0, due - at));
  }

  check() {
    const at = this.options.now();
    if (!this.socket) return;
    if (at >= (this.probeUntil || this.lastHeard + DEAD_AFTER)) {
      this.failures = 0;
      this.failed();
      return;
    }
    if (at >= this.lastSent + PING_EVERY) {
      this.lastSent = at;
      if (this.socket.readyState === 1) this.socket.send("ping");
    }
    this.schedule();
  }

  /** The page is visible again, or the network is back. */
  back() {
    if (this.stopped || globalThis.document?.visibilityState === "hidden") return;
    if (!this.connected) {
      if (this.socket && this.options.now() - this.lastHeard < PROBE) return;
      this.dial();
      return;
    }
    this.probe();
    this.options.events.wake();
  }

  /** Gives the socket a short while to prove that it lives. */
  probe() {
    if (!this.connected || this.socket?.readyState !== 1) return;
    this.lastSent = this.options.now();
    this.probeUntil ||= this.lastSent + PROBE;
    this.socket.send("ping");
    this.schedule();
  }
}
