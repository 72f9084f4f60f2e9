// Sends the entries of the outbox over the machines' sessions, and settles what an ended session left uncertain.
import { EXPIRES, PROMPTS, settleOther, settlePrompt, threadFacts } from "../state/settle.js";
import { Outbox } from "./outbox.js";
import { isMissing, RpcError } from "./rpc.js";

/**
 * @typedef {import("../types.d.ts").Sent} Sent
 * @typedef {import("./outbox.js").Way} Way
 */

const LOOK_AGAIN = 1000;

/** @param {string} text */
const input = (text) => [{ type: "text", text, text_elements: [] }];

export class Sender extends Outbox {
  // -------------------------------------------------------------------------------------------- sending

  /** Sends what waits for a machine, prompts of one thread one after the other.
   * @override @param {string} machine */
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
      if (!way.busy && !busy.has(line) && !this.isHeld(sent)) this.attempt(client, sent, way);
      // Accepted: only its message in the transcript is still to come.
      if (!way.accepted) busy.add(line);
    }
  }

  /** Whether it is meant for the time after a turn that still runs. @param {Sent} sent */
  isHeld({ key, body }) {
    if (!body?.after || key === null) return false;
    const { threads, rows } = this.host.state;
    const thread = threads.get(key);
    return thread ? thread.running === body.after : rows.get(key)?.active === true;
  }

  /** Whether it is still to be sent: while something else was awaited it may have been taken back, or settled. @param {Sent} sent */
  isWanted(sent) {
    return this.sent.get(sent.id) === sent &&
      (sent.mark === "waiting" || sent.mark === "delivered");
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
      } else if (this.isWanted(sent)) {
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
      if (verdict === "taken-up" || way.shown) {
        // It was at work on it when it was killed, and does not remember: doing it again is the person's to say.
        const lost = verdict !== "taken-up";
        if (lost) way.shown = false;
        this.mark(sent, lost ? "failed" : "taken-up", lost ? "lost" : null);
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
      if (!this.isWanted(sent)) return true;
      const thread = threads.started(result);
      sent.key = thread.key;
      this.changed(sent);
      way.key?.resolve(thread.key);
      // If the page ended after the turn began, the next one must know where to look.
      await this.save(sent);
    }
    const threadId = /** @type {string} */ (sent.key).slice(client.id.length + 1);
    if (sent.kind !== "start") await threads.subscribe(threadId);
    if (!this.isWanted(sent)) return true;
    const params = { threadId, clientUserMessageId: sent.id, input: input(sent.text) };
    way.handed = true;
    if (sent.kind === "queue") {
      const added = await client.ask("thread/queue/add", params, options);
      threads.queueAdded(threadId, added?.queuedSubmission);
      way.shown = true;
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
      if (way.looks > 0) threads.pages.merge(thread, await threads.pages.page(thread, 60));
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
    const facts = threadFacts(thread);
    const verdict = settlePrompt(sent, facts, way.looks++);
    if (verdict === "taken-up") way.shown = facts.queued.has(sent.id);
    return verdict;
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
        return this.mark(sent, "failed", "uncertain");
    }
    const options = { token: sent.id, deadline: sent.at + EXPIRES };
    if (sent.kind === "decision" || sent.kind === "answer") {
      // The anchor gives an answer only to a request that it has seen on this session.
      await threads.waiting.confirm(body.threadId, body.pending);
      // Meanwhile it was seen that somebody else had answered.
      if (!this.isWanted(sent)) return;
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
    if (!this.isWanted(sent)) return;
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
    const all = this.host.state.pending;
    // Its card may have gone a moment ago, with the request: it comes back to say that this decision was in vain.
    const pending = all.get(sent.body.pending) ?? this.way(sent.id).card;
    this.mark(sent, "too-late", reason);
    if (!pending) return;
    const reasons = { restarted: "app-server-ended", resolved: "resolved-elsewhere" };
    Object.assign(pending, {
      status: "gone",
      goneReason: reasons[/** @type {keyof typeof reasons} */ (reason)] ?? "too-late",
      goneAt: this.host.now(),
    });
    all.set(pending.id, pending);
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

  /**
   * A request shows itself, for the first time on this session: is an answer of this browser on its way?
   * @param {import("../types.d.ts").Pending} pending
   */
  asked(pending) {
    for (const sent of this.sent.values()) {
      if (sent.body?.pending !== pending.id) continue;
      // Delivered on the session before, and yet codex asks again: it has not read it.
      if (sent.mark === "delivered" && !sent.elsewhere) {
        sent.mark = "waiting";
        this.changed(sent);
      }
      if (sent.mark !== "waiting") continue;
      pending.status = "sent";
      pending.sentId = sent.id;
      this.host.emit({ type: "pending", key: pending.key, id: pending.id });
    }
    this.flush(pending.machine);
  }

  /**
   * A request was answered, here or elsewhere.
   * @param {import("../types.d.ts").Pending} pending
   * @returns {boolean} whether a decision that was made here came too late for it
   */
  resolved(pending) {
    let late = false;
    for (const sent of this.sent.values()) {
      if (sent.body?.pending !== pending.id || sent.elsewhere) continue;
      const way = this.way(sent.id);
      way.resolved = true;
      way.card = pending;
      if (sent.mark === "delivered") this.mark(sent, "taken-up");
      else if (sent.mark === "waiting" && !way.handed) {
        this.mark(sent, "too-late", "resolved");
        late = true;
      }
    }
    return late;
  }

  /** @param {string} machine @param {string} method @param {any} params */
  observe(machine, method, params) {
    if (method === "turn/completed") this.turnEnded(params.turn?.id);
    if (method === "turn/completed" || method === "thread/status/changed") this.flush(machine);
    if (method !== "item/started" && method !== "item/completed") return;
    const { item } = params;
    if (item?.type !== "userMessage" || !this.sent.has(item.clientId)) return;
    const way = this.ways.get(item.clientId);
    if (way) way.turn = params.turnId;
    this.takenUp(item.clientId, true);
  }

  /** @param {string} clientId @param {boolean} shown whether codex only told it, and may not have written it down */
  takenUp(clientId, shown) {
    const sent = this.sent.get(clientId);
    if (!sent || sent.elsewhere || sent.mark === "taken-up") return;
    this.way(clientId).shown = shown;
    this.mark(sent, "taken-up");
    this.flush(sent.machine);
  }

  /** A page of history came. @param {import("../types.d.ts").Thread} thread */
  seen(thread) {
    if (this.sent.size === 0) return;
    for (const id of threadFacts(thread).clientIds) this.takenUp(id, false);
  }

  /** codex's queue came: entries of one's own that it has not stay visible. @param {import("../types.d.ts").Thread} thread */
  queueSeen(thread) {
    const there = new Set(thread.queue.map((entry) => entry.clientId));
    for (const sent of this.sent.values()) {
      if (sent.key !== thread.key || sent.kind !== "queue") continue;
      if (there.has(sent.id)) this.takenUp(sent.id, true);
    }
  }
}
