// What this browser sends, as entries: kept until codex took them up, marked on their way, owned by one tab.
import { RpcError } from "./rpc.js";

/**
 * @typedef {import("../types.d.ts").Sent} Sent
 * @typedef {{busy: boolean, handed: boolean, accepted: boolean, resolved: boolean, shown: boolean, turn: string | null,
 *  looks: number, secret: boolean, card: import("../types.d.ts").Pending | null, key: PromiseWithResolvers<string> | null}} Way how far an entry got in this page's life; `shown`:
 *  codex took it up, but may not have written that down; `card`: what it answers, after that was resolved
 * @typedef {{
 *  state: import("../types.d.ts").State,
 *  emit: (change: import("../types.d.ts").Change) => void,
 *  now: () => number,
 *  keep: () => import("../types.d.ts").Keep,
 *  tab: string,
 *  post: (message: any) => void,
 *  client: (machine: string) => import("./machine.js").MachineClient | undefined,
 * }} SenderHost
 */

/** How many that were taken up stay in the state, so that the views can show it. */
const KEPT = 20;
/** codex refuses longer input (characters). */
const LONGEST = 1 << 20;

export class Outbox {
  /** @param {SenderHost} host */
  constructor(host) {
    this.host = host;
    /** @type {Map<string, Way>} */
    this.ways = new Map();
    /** What is over, though someone may have read it from what is kept before that. @type {Set<string>} */
    this.over = new Set();
  }

  get sent() {
    return this.host.state.sent;
  }

  /** @param {string} id @returns {Way} */
  way(id) {
    let way = this.ways.get(id);
    if (!way) {
      way = {
        busy: false,
        handed: false,
        accepted: false,
        resolved: false,
        shown: false,
        turn: null,
        looks: 0,
        secret: false,
        card: null,
        key: null,
      };
      this.ways.set(id, way);
    }
    return way;
  }

  // -------------------------------------------------------------------------------------------- entries

  /**
   * @param {Sent["kind"]} kind @param {string} machine @param {string | null} key @param {string} text
   * @param {any} body @param {{id?: string, secret?: boolean}} [more] `secret`: not to be kept on disk
   * @returns {Sent}
   */
  add(kind, machine, key, text, body, { id = crypto.randomUUID(), secret = false } = {}) {
    /** @type {Sent} */
    const sent = {
      id,
      kind,
      key,
      machine,
      text,
      at: this.host.now(),
      mark: "waiting",
      reason: null,
      elsewhere: false,
      body,
    };
    this.sent.set(sent.id, sent);
    this.way(sent.id).secret = secret;
    this.save(sent);
    this.changed(sent);
    if (text.length > LONGEST) this.mark(sent, "failed", "too-long");
    else this.flush(machine);
    return sent;
  }

  /** @param {Sent} sent @returns {Promise<void>} */
  save(sent) {
    if (this.way(sent.id).secret) return Promise.resolve();
    this.host.post({ type: "sent", sent });
    return this.host.keep().put("sent", sent.id, { ...sent, tab: this.host.tab }).catch(() => {});
  }

  /** @param {Sent} sent */
  changed(sent) {
    this.host.emit({ type: "sent", key: sent.key, id: sent.id });
    if (sent.kind === "queue" && sent.key) this.host.emit({ type: "queue", key: sent.key });
  }

  /** @param {Sent} sent @param {Sent["mark"]} mark @param {string | null} [reason] */
  mark(sent, mark, reason = null) {
    if (sent.mark === mark && sent.reason === reason) return;
    if (mark === "delivered" && sent.mark !== "waiting") return;
    sent.mark = mark;
    sent.reason = reason;
    // A prompt that codex has shown is kept until its turn ends: killed before that, codex may not remember it.
    if (mark === "taken-up" && !this.way(sent.id).shown) this.forget(sent, true);
    else this.save(sent);
    this.changed(sent);
  }

  /** codex has written down what belongs to a turn. @param {string} turn */
  turnEnded(turn) {
    for (const [id, way] of [...this.ways]) {
      const sent = this.sent.get(id);
      if (way.turn === turn && sent?.mark === "taken-up") this.forget(sent, true);
    }
  }

  /** Another app-server runs: does it know what the one before had taken up? @param {string} machine */
  restarted(machine) {
    for (const [id, way] of this.ways) {
      const sent = this.sent.get(id);
      if (!way.shown || sent?.machine !== machine || sent.mark !== "taken-up") continue;
      sent.mark = "waiting";
      this.changed(sent);
    }
  }

  /** @param {Sent} sent @param {boolean} shown whether the state keeps it for a while */
  forget(sent, shown) {
    this.ways.delete(sent.id);
    this.over.add(sent.id);
    this.host.keep().remove("sent", sent.id).catch(() => {});
    this.host.post({ type: "gone", id: sent.id, mark: sent.mark });
    if (!shown) this.sent.delete(sent.id);
    else this.trim();
  }

  trim() {
    const done = [...this.sent.values()].filter((sent) =>
      sent.mark === "taken-up" && !this.ways.has(sent.id)
    );
    for (const sent of done.slice(0, Math.max(0, done.length - KEPT))) this.sent.delete(sent.id);
  }

  /** An entry of an earlier page: nobody knows how far it got. @param {any} kept @param {boolean} elsewhere */
  restore(kept, elsewhere) {
    const { tab: _tab, ...sent } = kept;
    if (this.over.has(sent.id)) return;
    sent.elsewhere = elsewhere;
    const known = this.sent.get(sent.id);
    if (known && !known.elsewhere) return;
    this.sent.set(sent.id, sent);
    if (!elsewhere) {
      this.way(sent.id).handed = true;
      if (sent.mark === "taken-up") this.way(sent.id).shown = true;
      if (sent.mark === "delivered" || sent.mark === "taken-up") sent.mark = "waiting";
    }
    this.changed(sent);
  }

  /** What another tab of this browser says about its own. @param {any} message */
  heard(message) {
    if (message.type === "sent") this.restore(message.sent, true);
    else if (message.type === "gone") {
      const sent = this.sent.get(message.id);
      if (!sent?.elsewhere) return;
      if (message.mark !== "taken-up") this.sent.delete(sent.id);
      sent.mark = message.mark;
      this.changed(sent);
    }
  }

  /** An answer that came to nothing makes room for a new one. @param {string} pending */
  replace(pending) {
    for (const sent of [...this.sent.values()]) {
      if (sent.body?.pending !== pending || sent.mark === "waiting" || sent.mark === "delivered") {
        continue;
      }
      this.forget(sent, false);
      this.changed(sent);
    }
  }

  /** Whether something is still to be sent in a thread. @param {string} key */
  needs(key) {
    for (const sent of this.sent.values()) {
      if (sent.key === key && this.ways.get(sent.id)?.shown) return true;
      if (
        sent.key === key && !sent.elsewhere &&
        (sent.mark === "waiting" || sent.mark === "delivered")
      ) return true;
    }
    return false;
  }

  // -------------------------------------------------------------------------------------------- by the person

  /** @param {string} id @returns {string} */
  retry(id) {
    const old = this.sent.get(id);
    if (!old || old.mark === "taken-up") return id;
    const way = this.ways.get(id);
    this.forget(old, false);
    const kind = old.kind === "steer" ? "prompt" : old.kind;
    const sent = this.add(kind, old.machine, old.key, old.text, old.body, { secret: way?.secret });
    this.changed(old);
    return sent.id;
  }

  /** @param {string} id @returns {Promise<string>} its text */
  discard(id) {
    const sent = this.sent.get(id);
    if (!sent) return Promise.resolve("");
    const way = this.ways.get(id);
    if (sent.elsewhere || (way?.handed && (sent.mark === "waiting" || sent.mark === "delivered"))) {
      return Promise.reject(
        new RpcError("already-sent", "It is on its way already and cannot be taken back."),
      );
    }
    this.forget(sent, false);
    way?.key?.reject(new RpcError("cancelled", "It was taken back."));
    const pending = this.host.state.pending.get(sent.body?.pending);
    if (pending?.sentId === id && pending.status === "sent") {
      pending.status = "open";
      pending.sentId = null;
      this.host.emit({ type: "pending", key: pending.key, id: pending.id });
    }
    this.changed(sent);
    // What is behind it need not wait for it any more.
    this.flush(sent.machine);
    return Promise.resolve(sent.text);
  }

  /** Sends what waits for a machine. @param {string} _machine */
  flush(_machine) {}
}
