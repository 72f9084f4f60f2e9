// What this browser sends: kept until codex took it up, sent by one tab, marked on its way.
import { EXPIRES, PROMPTS, settleOther, settlePrompt, threadFacts } from "../state/settle.js";
import { isMissing, RpcError } from "./rpc.js";

/**
 * @typedef {import("../types.d.ts").Sent} Sent
 * @typedef {{busy: boolean, handed: boolean, accepted: boolean, resolved: boolean, looks: number, secret: boolean,
 *  key: PromiseWithResolvers<string> | null}} Way how far an entry got in this page's life
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

const LOOK_AGAIN = 1000;
/** How many that were taken up stay in the state, so that the views can show it. */
const KEPT = 20;

/** @param {string} text */
const input = (text) => [{ type: "text", text, text_elements: [] }];

export class Sender {
  /** @param {SenderHost} host */
  constructor(host) {
    this.host = host;
    /** @type {Map<string, Way>} */
    this.ways = new Map();
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
        looks: 0,
        secret: false,
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
    this.flush(machine);
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
    if (mark === "taken-up") this.forget(sent, true);
    else this.save(sent);
    this.changed(sent);
  }

  /** @param {Sent} sent @param {boolean} shown whether the state keeps it for a while */
  forget(sent, shown) {
    this.ways.delete(sent.id);
    this.host.keep().remove("sent", sent.id).catch(() => {});
    this.host.post({ type: "gone", id: sent.id, mark: sent.mark });
    if (!shown) this.sent.delete(sent.id);
    else this.trim();
  }

  trim() {
    const done = [...this.sent.values()].filter((sent) => sent.mark === "taken-up");
    for (const sent of done.slice(0, Math.max(0, done.length - KEPT))) this.sent.delete(sent.id);
  }

  /** An entry of an earlier page: nobody knows how far it got. @param {any} kept @param {boolean} elsewhere */
  restore(kept, elsewhere) {
    const { tab: _tab, ...sent } = kept;
    sent.elsewhere = elsewhere;
    const known = this.sent.get(sent.id);
    if (known && !known.elsewhere) return;
    this.sent.set(sent.id, sent);
    if (!elsewhere) {
      this.way(sent.id).handed = true;
      if (sent.mark === "delivered") sent.mark = "waiting";
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

  /** Whether something is still to be sent in a thread. @param {string} key */
  needs(key) {
    for (const sent of this.sent.values()) {
      if (
        sent.key === key && !sent.elsewhere &&
        (sent.mark === "waiting" || sent.mark === "delivered")
      ) return true;
    }
    return false;
  }

  // -------------------------------------------------------------------------------------------- sending

  /** Sends what waits for a machine, prompts of one thread one after the other. @param {string} machine */
  flush(machine) {
    const client = this.host.client(machine);
    if (
      !client || !client.threads || !client.rpc || client.rpc.closed ||
      client.session?.state !== "open" ||
      !client.ready
    ) return;
    /** @type {Set<string>} */
    const busy = new Set();
    for (const sent of this.sent.values()) {
      if (sent.machine !== machine || sent.mark !== "waiting" || sent.elsewhere) continue;
      const way = this.way(sent.id);
      const line = PROMPTS.has(sent.kind) ? sent.key ?? sent.id : sent.id;
      if (!way.busy && !busy.has(line)) this.attempt(client, sent, way);
      // Accepted: only its message in the transcript is still to come.
      if (!way.accepted) busy.add(line);
    }
  }

  /** @param {import("./machine.js").MachineClient} client @param {Sent} sent @param {Way} way */
  async attempt(client, sent, way) {
    way.busy = true;
    const { rpc } = client;
    let look = false;
    try {
      if (PROMPTS.has(sent.kind)) look = !(await this.prompt(client, sent, way));
      else await this.other(client, sent, way);
    } catch (error) {
      if (error instanceof RpcError && error.code === "reset") {
        // `reset` below made it uncertain; the next session settles it.
      } else if (sent.mark === "waiting" || sent.mark === "delivered") {
        this.mark(sent, "failed", String(/** @type {Error} */ (error).message));
        way.key?.reject(/** @type {Error} */ (error));
      }
    }
    if (rpc !== client.rpc) return;
    way.busy = look;
    if (look) {
      setTimeout(() => {
        if (rpc === client.rpc) way.busy = false;
        this.flush(sent.machine);
      }, LOOK_AGAIN);
    } else if (sent.mark !== "waiting") this.flush(sent.machine);
  }

  /**
   * @param {import("./machine.js").MachineClient} client @param {Sent} sent @param {Way} way
   * @returns {Promise<boolean>} false: look again in a second
   */
  async prompt(client, sent, way) {
    const threads = /** @type {import("./threads.js").Threads} */ (client.threads);
    if (way.handed && sent.key !== null) {
      const verdict = await this.look(client, sent, way);
      if (verdict === "wait") return false;
      if (verdict === "taken-up") {
        this.mark(sent, "taken-up");
        return true;
      }
      way.handed = false;
    }
    const options = { token: sent.id };
    if (sent.kind === "start" && sent.key === null) {
      const { choices, cwd } = sent.body;
      const result = await client.ask("thread/start", {
        cwd,
        ...(choices.model && { model: choices.model }),
        ...(choices.approvalPolicy && { approvalPolicy: choices.approvalPolicy }),
        ...(choices.sandbox && { sandbox: choices.sandbox }),
      });
      const thread = threads.started(result);
      sent.key = thread.key;
      this.changed(sent);
      way.key?.resolve(thread.key);
      // If the page ended after the turn began, the next one must know where to look.
      await this.save(sent);
    }
    const threadId = /** @type {string} */ (sent.key).slice(client.id.length + 1);
    if (sent.kind !== "start") await threads.subscribe(threadId);
    const params = { threadId, clientUserMessageId: sent.id, input: input(sent.text) };
    way.handed = true;
    if (sent.kind === "queue") {
      await client.ask("thread/queue/add", params, options);
      this.mark(sent, "taken-up");
      return true;
    }
    if (sent.kind === "steer") {
      try {
        await client.ask("turn/steer", { ...params, expectedTurnId: sent.body.turnId }, options);
        way.accepted = true;
        return true;
      } catch (error) {
        if (!(error instanceof RpcError) || error.code === "reset") throw error;
        // The turn ended meanwhile, or it takes no steering: what was said is not lost.
        const running = this.host.state.threads.get(sent.key ?? "")?.running === sent.body.turnId;
        sent.kind = running && !client.machine.missing.has("thread/queue/add") ? "queue" : "prompt";
        way.handed = false;
        await this.save(sent);
        this.changed(sent);
        return this.prompt(client, sent, way);
      }
    }
    await client.ask("turn/start", {
      ...params,
      ...(sent.body.choices?.effort && { effort: sent.body.choices.effort }),
      ...sent.body.overrides,
    }, options);
    way.accepted = true;
    return true;
  }

  /** Looks for a prompt in codex's newest turns. @param {import("./machine.js").MachineClient} client @param {Sent} sent @param {Way} way */
  async look(client, sent, way) {
    const threads = /** @type {import("./threads.js").Threads} */ (client.threads);
    const thread = threads.ensure(
      /** @type {string} */ (sent.key).slice(client.id.length + 1),
    );
    try {
      await threads.load(thread);
      if (way.looks > 0) threads.merge(thread, await threads.page(thread, 60));
      await threads.loadQueue(thread).catch(() => {});
    } catch (error) {
      if (error instanceof RpcError && error.code === "reset") throw error;
      if (sent.kind !== "start") throw error;
      // Its thread never got a turn, and the app-server that had it in memory is gone: begin again.
      threads.open.delete(thread.id);
      this.host.state.threads.delete(thread.key);
      sent.key = null;
      return "send";
    }
    return settlePrompt(sent, threadFacts(thread), way.looks++);
  }

  /** @param {import("./machine.js").MachineClient} client @param {Sent} sent @param {Way} way */
  async other(client, sent, way) {
    const threads = /** @type {import("./threads.js").Threads} */ (client.threads);
    const { body } = sent;
    const incarnation = client.session?.incarnation ?? "";
    switch (settleOther(sent, way.handed, incarnation, this.host.now())) {
      case "expired":
        return this.expired(sent.id);
      case "too-late":
        return this.tooLate(sent, "restarted");
      case "unknown":
        return this.mark(sent, "failed", "unknown");
    }
    const options = { token: sent.id, deadline: sent.at + EXPIRES };
    if (sent.kind === "decision" || sent.kind === "answer") {
      // The anchor gives an answer only to a request that it has seen on this session.
      await threads.waiting.confirm(body.threadId, body.pending);
      way.handed = true;
      const { incarnation, requestId, threadId, turnId, itemId, result } = body;
      const answer = await client.ask(
        "anchor/answer",
        { incarnation, requestId, threadId, turnId, itemId, result },
        options,
      );
      if (answer?.outcome !== "delivered") {
        return this.tooLate(sent, String(answer?.reason ?? "unknown"));
      }
      this.mark(sent, way.resolved ? "taken-up" : "delivered");
      return;
    }
    const threadId = /** @type {string} */ (sent.key).slice(client.id.length + 1);
    await threads.subscribe(threadId);
    way.handed = true;
    if (sent.kind === "interrupt") {
      try {
        await client.ask("turn/interrupt", { threadId, turnId: body.turnId }, options);
      } catch (error) {
        if (
          !(error instanceof RpcError) || error.code === "reset" ||
          isMissing(error, "turn/interrupt")
        ) throw error;
        return this.mark(sent, "too-late", "ended");
      }
    } else await client.ask("thread/shellCommand", { threadId, command: sent.text }, options);
    this.mark(sent, "taken-up");
  }

  /** @param {Sent} sent @param {string} reason */
  tooLate(sent, reason) {
    const pending = this.host.state.pending.get(sent.body.pending);
    this.mark(sent, "too-late", reason);
    if (!pending) return;
    Object.assign(pending, {
      status: "gone",
      goneReason: reason === "restarted" ? "app-server-ended" : "too-late",
      goneAt: this.host.now(),
    });
    this.host.emit({ type: "pending", key: pending.key, id: pending.id });
    this.host.client(sent.machine)?.rowOf(pending.key);
  }

  // -------------------------------------------------------------------------------------------- what happens

  /** Written to app-server's socket. @param {string} id */
  acked(id) {
    const sent = this.sent.get(id);
    // An answer is delivered when the anchor says so.
    if (sent && sent.kind !== "decision" && sent.kind !== "answer") this.mark(sent, "delivered");
  }

  /** A decision that was not sent for 10 minutes: its card asks again. @param {string} id */
  expired(id) {
    const sent = this.sent.get(id);
    if (!sent) return;
    this.mark(sent, "expired");
    const pending = this.host.state.pending.get(sent.body.pending);
    if (!pending || pending.status !== "sent") return;
    pending.status = "open";
    pending.sentId = null;
    this.host.emit({ type: "pending", key: pending.key, id: pending.id });
    this.host.client(sent.machine)?.rowOf(pending.key);
  }

  /** The machine's session ended: what was handed to it is uncertain. @param {string} machine */
  reset(machine) {
    for (const sent of this.sent.values()) {
      if (sent.machine !== machine || sent.elsewhere) continue;
      const way = this.ways.get(sent.id);
      if (!way) continue;
      way.busy = way.accepted = false;
      way.looks = 0;
      if (sent.mark !== "delivered") continue;
      // A delivered answer is settled by `serverRequest/resolved` or by its absence.
      if (sent.kind === "decision" || sent.kind === "answer") continue;
      sent.mark = "waiting";
      this.changed(sent);
    }
  }

  /** A request shows itself (again): is an answer of this browser on its way? @param {import("../types.d.ts").Pending} pending */
  asked(pending) {
    for (const sent of this.sent.values()) {
      if (sent.body?.pending !== pending.id || sent.mark !== "waiting") continue;
      pending.status = "sent";
      pending.sentId = sent.id;
      this.host.emit({ type: "pending", key: pending.key, id: pending.id });
    }
  }

  /** A request was answered, here or elsewhere. @param {import("../types.d.ts").Pending} pending */
  resolved(pending) {
    for (const sent of this.sent.values()) {
      if (sent.body?.pending !== pending.id || sent.elsewhere) continue;
      const way = this.way(sent.id);
      way.resolved = true;
      if (sent.mark === "delivered") this.mark(sent, "taken-up");
      else if (sent.mark === "waiting" && !way.handed) this.mark(sent, "too-late", "resolved");
    }
  }

  /** @param {string} method @param {any} params */
  observe(method, params) {
    if (method !== "item/started" && method !== "item/completed") return;
    const { item } = params;
    if (item?.type === "userMessage" && item.clientId) this.takenUp(item.clientId);
  }

  /** @param {string} clientId */
  takenUp(clientId) {
    const sent = this.sent.get(clientId);
    if (!sent || sent.mark === "taken-up") return;
    if (sent.elsewhere) return;
    this.mark(sent, "taken-up");
    this.flush(sent.machine);
  }

  /** A page of history came. @param {import("../types.d.ts").Thread} thread */
  seen(thread) {
    if (this.sent.size === 0) return;
    for (const id of threadFacts(thread).clientIds) this.takenUp(id);
  }

  /** codex's queue came: entries of one's own that it has not stay visible. @param {import("../types.d.ts").Thread} thread */
  queueSeen(thread) {
    const there = new Set(thread.queue.map((entry) => entry.clientId));
    for (const sent of this.sent.values()) {
      if (sent.key !== thread.key || sent.kind !== "queue") continue;
      if (there.has(sent.id)) this.takenUp(sent.id);
    }
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
    const pending = this.host.state.pending.get(sent.body?.pending);
    if (pending?.sentId === id && pending.status === "sent") {
      pending.status = "open";
      pending.sentId = null;
      this.host.emit({ type: "pending", key: pending.key, id: pending.id });
    }
    this.changed(sent);
    return Promise.resolve(sent.text);
  }
}
