// What codex asks on one machine: kept while it can be answered, asked for again after each new session.
import { pendingOf } from "../state/pending.js";
import { threadKey } from "../state/rows.js";

/** @typedef {import("../types.d.ts").Pending} Pending */

/** How long codex may take from one request that it sends again to the next (ms). */
const REQUESTS_COME = 3000;

export class Waiting {
  /** @param {import("./threads.js").Threads} threads */
  constructor(threads) {
    this.threads = threads;
    // Of one session:
    /** Requests that were pending on the session before and were not seen on this one. @type {Set<string>} */
    this.stale = new Set();
    /** Requests seen. @type {Set<string>} */
    this.seen = new Set();
    /** @type {Set<() => void>} */
    this.looking = new Set();
  }

  get core() {
    return this.threads.core;
  }

  get client() {
    return this.threads.client;
  }

  end() {
    this.stale.clear();
    this.seen.clear();
  }

  /** codex answered on it: what waited before must show itself again. */
  greeted() {
    for (const pending of this.core.state.pending.values()) {
      if (pending.machine !== this.client.id || pending.status === "gone") continue;
      if (pending.incarnation !== this.client.session?.incarnation) continue;
      if (!this.seen.has(pending.id)) this.stale.add(pending.id);
      this.confirm(pending.threadId).then(() => this.dropStale(pending.threadId), () => {});
    }
  }

  /** All that the old app-server asked can no longer be answered. */
  appServerEnded() {
    for (const pending of this.core.state.pending.values()) {
      if (pending.machine !== this.client.id || pending.status === "gone") continue;
      this.gone(pending, "app-server-ended");
    }
  }

  /** @param {import("./rpc.js").ServerRequest} request */
  request(request) {
    const { state, emit, now } = this.core;
    const pending = pendingOf(
      this.client.id,
      this.client.session?.incarnation ?? "",
      request,
      now(),
    );
    if (!pending) return;
    const old = state.pending.get(pending.id);
    const first = !this.seen.has(pending.id);
    this.asked(pending);
    if (old) {
      if (first && old.status === "sent") this.core.sender?.asked(old);
      return;
    }
    state.pending.set(pending.id, pending);
    this.fillChanges(pending.key, null);
    emit({ type: "pending", key: pending.key, id: pending.id });
    this.client.rowOf(pending.key);
    this.core.sender?.asked(pending);
  }

  /** @param {string} threadId @param {string | number} requestId */
  resolved(threadId, requestId) {
    const { state } = this.core;
    for (const pending of state.pending.values()) {
      if (pending.machine !== this.client.id || pending.requestId !== requestId) continue;
      if (
        pending.threadId !== threadId || pending.incarnation !== this.client.session?.incarnation
      ) {
        continue;
      }
      this.settled(pending);
    }
  }

  /** A request was answered: its card goes, but for one that someone here decided in vain. @param {Pending} pending */
  settled(pending) {
    const late = this.core.sender?.resolved(pending);
    if (pending.status === "gone") return;
    if (!late) return this.forget(pending);
    this.gone(pending, "resolved-elsewhere");
    this.threads.releaseIfQuiet(pending.threadId);
  }

  /** A card that can no longer be answered stays until it is dismissed. @param {Pending} pending @param {string} reason */
  gone(pending, reason) {
    const { emit, now } = this.core;
    Object.assign(pending, { status: "gone", goneReason: reason, goneAt: now() });
    emit({ type: "pending", key: pending.key, id: pending.id });
    this.client.rowOf(pending.key);
  }

  /** Takes a request off the list. @param {Pending} pending */
  forget(pending) {
    this.core.state.pending.delete(pending.id);
    this.core.emit({ type: "pending", key: pending.key, id: pending.id });
    this.client.rowOf(pending.key);
    this.threads.releaseIfQuiet(pending.threadId);
  }

  /** A request showed itself on this session. @param {Pending} pending */
  asked(pending) {
    this.seen.add(pending.id);
    this.stale.delete(pending.id);
    for (const look of this.looking) look();
  }

  /**
   * Ends when every request that still waits in a thread has shown itself on this session: codex sends them again
   * some time after the answer to `thread/resume`.
   * @param {string} id @param {string} [wanted] one of them; nothing else is waited for
   */
  async confirm(id, wanted) {
    const { pending } = this.core.state;
    const isOf = (/** @type {string} */ one) =>
      pending.get(one)?.key === threadKey(this.client.id, id);
    const missing = () =>
      wanted !== undefined ? !this.seen.has(wanted) : [...this.stale].some(isOf);
    await this.threads.subscribe(id);
    while (missing()) {
      const { thread } = await this.client.ask("thread/read", { threadId: id });
      if (!missing() || !thread?.status?.activeFlags?.length) return;
      const come = Promise.withResolvers();
      const look = () => missing() || come.resolve(null);
      const timer = setTimeout(() => come.resolve(null), REQUESTS_COME);
      this.looking.add(look);
      await come.promise;
      clearTimeout(timer);
      this.looking.delete(look);
      // Others came and this one did not: only those still wait.
      if ([...this.seen].some(isOf)) return;
    }
  }

  /** What was pending before and did not come again was settled while this page was away. @param {string} id */
  dropStale(id) {
    const { state } = this.core;
    for (const pendingId of this.stale) {
      const pending = state.pending.get(pendingId);
      if (pending && pending.threadId !== id) continue;
      this.stale.delete(pendingId);
      if (pending) this.settled(pending);
    }
  }

  /** The changes that an approval is about are in its item. @param {string} key @param {any} item */
  fillChanges(key, item) {
    const { state, emit } = this.core;
    for (const pending of state.pending.values()) {
      if (pending.key !== key || pending.kind !== "fileChange") continue;
      const turn = state.threads.get(key)?.turnById.get(pending.turnId ?? "");
      const data = item?.id === pending.itemId
        ? item
        : turn?.itemById.get(pending.itemId ?? "")?.data;
      if (!Array.isArray(data?.changes) || data.changes === pending.changes) continue;
      pending.changes = data.changes;
      emit({ type: "pending", key, id: pending.id });
    }
  }
}
