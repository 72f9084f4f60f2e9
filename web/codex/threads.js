// The threads of one machine that this page follows: opened ones whole, waiting ones for what they ask.
import { setSettings, setStatus } from "../state/facts.js";
import { putRow, textOfInput, threadKey } from "../state/rows.js";
import { applyRunning, loseFlight } from "../state/running.js";
import { applyNotification, createThread } from "../state/thread.js";
import { Pages } from "./pages.js";
import { RpcError } from "./rpc.js";
import { Waiting } from "./waiting.js";

/** @typedef {import("../types.d.ts").Thread} Thread */

const ITEMS = 60;
/** Newest items that are read again when a turn runs: what ended between the page and the subscription. */
const RECENT_ITEMS = 20;
/** Threads that stay subscribed after they were left, so that coming back needs nothing. */
const KEPT = 2;
/** When a text in flight was joined by guess: how long after which the anchor's is complete (ms). */
const ASK_AGAIN = 120;

/** @param {any} raw codex's QueuedSubmission @returns {import("../types.d.ts").Queued} */
const queuedOf = (raw) => ({
  id: String(raw.id),
  clientId: raw.clientUserMessageId ?? null,
  text: textOfInput(raw.input),
  own: false,
});

export class Threads {
  /** @param {import("./machine.js").MachineClient} client */
  constructor(client) {
    this.client = client;
    /** Opened by the views, the latest last. @type {Set<string>} */
    this.open = new Set();
    /** Left, still subscribed, the latest last. @type {Set<string>} */
    this.left = new Set();
    this.pages = new Pages(this);
    // Of one session:
    /** @type {Set<string>} */
    this.subscribed = new Set();
    /** @type {Map<string, Promise<void>>} */
    this.resumes = new Map();
    /** @type {Map<string, Promise<void>>} */
    this.loads = new Map();
    /** Threads whose status changed while they were read. @type {Set<string>} */
    this.touched = new Set();
    /** @type {Set<string>} */
    this.asking = new Set();
    /** Callers of `openThread` before there is a session. @type {Map<string, PromiseWithResolvers<void>>} */
    this.callers = new Map();
    /** Threads whose row is asked for. @type {Set<string>} */
    this.reading = new Set();
    this.waiting = new Waiting(this);
  }

  get core() {
    return this.client.core;
  }

  /** @param {string} id @returns {Thread | undefined} */
  thread(id) {
    return this.core.state.threads.get(threadKey(this.client.id, id));
  }

  // -------------------------------------------------------------------------------------------- sessions

  /** A session began. */
  begin() {
    for (const id of this.open) this.load(this.ensure(id)).catch(() => {});
  }

  /** It ended: what is in flight has a hole, and nothing is subscribed any more. */
  end() {
    for (const thread of this.core.state.threads.values()) {
      if (thread.machine !== this.client.id) continue;
      loseFlight(thread);
      if (thread.status === "ready") thread.status = "stale";
      this.core.emit({ type: "thread", key: thread.key });
    }
    for (const set of [this.subscribed, this.touched, this.asking, this.left]) set.clear();
    for (const map of [this.resumes, this.loads, this.pages.metas]) map.clear();
    this.waiting.end();
  }

  // -------------------------------------------------------------------------------------------- being told

  /**
   * @param {string} method @param {any} params @param {number} ms
   * @returns {boolean} whether it was a piece of text, which concerns nothing else
   */
  notification(method, params, ms) {
    const { core, client } = this;
    const { threadId } = params;
    if (typeof threadId !== "string") return false;
    const thread = this.thread(threadId);
    if (thread && applyNotification(thread, method, params, ms, core.emit)) {
      thread.asOf = core.now();
      if (thread.unsure) this.askAgain(thread);
    }
    if (method.endsWith("elta")) return true;
    core.sender?.observe(client.id, method, params);
    switch (method) {
      case "serverRequest/resolved":
        this.waiting.resolved(threadId, params.requestId);
        break;
      case "thread/status/changed":
        this.touched.add(threadId);
        break;
      case "item/started":
      case "item/completed":
        this.waiting.fillChanges(threadKey(client.id, threadId), params.item);
        break;
      case "turn/completed":
        this.releaseIfQuiet(threadId);
        break;
      case "thread/queue/changed":
        if (thread) this.loadQueue(thread).catch(() => {});
        break;
      case "thread/reverted":
        if (thread) this.reload(thread);
        break;
    }
    return false;
  }

  // -------------------------------------------------------------------------------------------- opening

  /** @param {string} id */
  ensure(id) {
    const { state } = this.core;
    const key = threadKey(this.client.id, id);
    let thread = state.threads.get(key);
    if (!thread) {
      thread = createThread(this.client.id, id);
      state.threads.set(key, thread);
    }
    return thread;
  }

  /** @param {string} id @returns {Promise<void>} ends when the thread can be shown */
  async openThread(id) {
    this.left.delete(id);
    this.open.delete(id);
    this.open.add(id);
    const thread = this.ensure(id);
    if (thread.status === "ready" && this.subscribed.has(id)) return;
    if (!this.client.rpc || this.client.rpc.closed) return this.later(id);
    try {
      await this.load(thread);
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== "reset") throw error;
      await this.later(id);
    }
  }

  /** Ends when a later session has read the thread. @param {string} id */
  later(id) {
    let waiting = this.callers.get(id);
    if (!waiting) this.callers.set(id, waiting = Promise.withResolvers());
    return waiting.promise;
  }

  /** @param {string} id */
  closeThread(id) {
    if (!this.open.delete(id)) return;
    this.left.add(id);
    while (this.left.size > KEPT) {
      const oldest = /** @type {string} */ (this.left.values().next().value);
      this.left.delete(oldest);
      this.releaseIfQuiet(oldest);
    }
  }

  /** Unsubscribes from a thread that nobody looks at and where nothing waits. @param {string} id */
  releaseIfQuiet(id) {
    if (this.open.has(id) || this.left.has(id) || !this.subscribed.has(id)) return;
    const { state, sender } = this.core;
    const key = threadKey(this.client.id, id);
    for (const pending of state.pending.values()) {
      if (pending.key === key && pending.status !== "gone") return;
    }
    if (sender?.needs(key)) return;
    this.subscribed.delete(id);
    this.resumes.delete(id);
    this.loads.delete(id);
    this.pages.places.delete(id);
    state.threads.delete(key);
    this.client.ask("thread/unsubscribe", { threadId: id }, { once: true }).catch(() => {});
  }

  /** Reads the newest page, once a session. @param {Thread} thread @returns {Promise<void>} */
  load(thread) {
    let load = this.loads.get(thread.id);
    if (!load) {
      load = this.#load(thread);
      this.loads.set(thread.id, load);
      load.then(() => {
        this.callers.get(thread.id)?.resolve();
        this.callers.delete(thread.id);
      }, (error) => {
        this.loads.delete(thread.id);
        // The next session tries again for the same callers.
        if (error instanceof RpcError && error.code === "reset") return;
        this.callers.get(thread.id)?.reject(error);
        this.callers.delete(thread.id);
      });
    }
    return load;
  }

  /** @param {Thread} thread */
  async #load(thread) {
    const { core, client } = this;
    const { id, key } = thread;
    const wasActive = core.state.rows.get(key)?.active === true;
    this.touched.delete(id);
    if (thread.status === "failed") thread.status = "loading";
    const resume = this.resume(thread);
    const first = this.pages.page(thread, ITEMS).catch((error) => error);
    this.loadQueue(thread).catch(() => {});
    try {
      await resume;
    } catch (error) {
      if (error instanceof RpcError && error.code === "reset") throw error;
      // A thread without a turn has nothing on disk yet.
      if (!this.subscribed.has(id)) {
        thread.status = "failed";
        thread.problem = String(/** @type {Error} */ (error).message);
        core.emit({ type: "thread", key });
        throw error;
      }
    }
    let page = await first;
    if (page instanceof Error) {
      if (!(page instanceof RpcError) || page.code === "reset") throw page;
      // Unpaginated history: turns with their items.
      page = await this.pages.turnsPage(thread, null).catch((error) => {
        if (error.code === "reset") throw error;
        return null;
      });
    }
    if (page) this.pages.merge(thread, page);
    thread.status = "ready";
    thread.problem = null;
    thread.asOf = core.now();
    core.emit({ type: "thread", key });
    if (wasActive || thread.running !== null || thread.flags.length > 0 || this.touched.has(id)) {
      const place = this.pages.places.get(id);
      const again = place?.mode === "turns"
        ? this.pages.turnsPage(thread, null)
        : this.pages.page(thread, RECENT_ITEMS);
      const running = this.running(id);
      const recent = await again.catch(() => null);
      if (recent) this.pages.merge(thread, recent);
      await running.catch(() => {});
    }
    core.sender?.flush(client.id);
  }

  /** @param {Thread} thread */
  resume(thread) {
    let resume = this.resumes.get(thread.id);
    if (!resume || !this.pages.metas.has(thread.id)) {
      resume = this.client.ask("thread/resume", {
        threadId: thread.id,
        excludeTurns: true,
        initialTurnsPage: { limit: 20, sortDirection: "desc", itemsView: "notLoaded" },
      }, { first: (result) => this.resumed(thread.id, result) }).then(() => {});
      resume.catch(() => this.resumes.delete(thread.id));
      this.resumes.set(thread.id, resume);
    }
    return resume;
  }

  /** @param {string} id @param {any} result of thread/resume or thread/start */
  resumed(id, result) {
    const { core, client } = this;
    this.subscribed.add(id);
    const page = result?.initialTurnsPage;
    if (page) this.pages.metas.set(id, { metas: page.data ?? [], cursor: page.nextCursor ?? null });
    if (result?.thread?.id && !result.thread.ephemeral) {
      putRow(core.state, client.id, result.thread);
      core.emit({ type: "row", key: threadKey(client.id, id) });
    }
    const thread = this.thread(id);
    if (!thread) return;
    setSettings(thread, result ?? {});
    setStatus(thread, result?.thread?.status);
    thread.asOf = core.now();
  }

  /** Subscribes without reading. @param {string} id @returns {Promise<void>} */
  subscribe(id) {
    if (this.subscribed.has(id)) return Promise.resolve();
    let resume = this.resumes.get(id);
    if (!resume) {
      resume = this.client.ask("thread/resume", { threadId: id, excludeTurns: true }, {
        first: (result) => this.resumed(id, result),
      }).then(() => {});
      resume.catch(() => this.resumes.delete(id));
      this.resumes.set(id, resume);
    }
    return resume;
  }

  /** A thread that this page started. @param {any} result of thread/start @returns {Thread} */
  started(result) {
    const thread = this.ensure(result.thread.id);
    this.resumed(thread.id, result);
    this.loads.set(thread.id, Promise.resolve());
    thread.status = "ready";
    thread.asOf = this.core.now();
    this.core.emit({ type: "rows" });
    this.core.emit({ type: "thread", key: thread.key });
    return thread;
  }

  // -------------------------------------------------------------------------------------------- the rest

  /** History was changed: reads it anew. @param {Thread} thread */
  reload(thread) {
    thread.turns = [];
    thread.turnById.clear();
    thread.running = null;
    this.loads.delete(thread.id);
    this.resumes.delete(thread.id);
    this.pages.metas.delete(thread.id);
    this.load(thread).catch(() => {});
  }

  /** @param {Thread} thread */
  async loadQueue(thread) {
    await this.client.ask("thread/queue/list", { threadId: thread.id }, {
      first: (result) => {
        thread.queue = (result?.data ?? []).map(queuedOf);
        this.core.sender?.queueSeen(thread);
        this.core.emit({ type: "queue", key: thread.key });
      },
    });
  }

  /** codex has it; its own news comes a little later. @param {string} id @param {any} raw */
  queueAdded(id, raw) {
    const thread = this.thread(id);
    if (!thread || !raw?.id || thread.queue.some((entry) => entry.id === raw.id)) return;
    thread.queue.push(queuedOf(raw));
    this.core.emit({ type: "queue", key: thread.key });
  }

  // -------------------------------------------------------------------------------------------- text in flight

  /** @param {string} id @param {boolean} [again] @returns {Promise<void>} */
  async running(id, again = false) {
    await this.client.ask("anchor/turn/running", { threadId: id }, {
      first: (answer) => {
        for (const entry of answer?.items ?? []) {
          this.waiting.fillChanges(threadKey(this.client.id, id), entry.item);
        }
        const thread = this.thread(id);
        if (!thread) return;
        thread.unsure = false;
        if (!applyRunning(thread, answer, again, this.core.emit) || thread.unsure) {
          this.askAgain(thread);
        }
      },
    });
  }

  /** @param {Thread} thread */
  askAgain(thread) {
    if (this.asking.has(thread.id)) return;
    this.asking.add(thread.id);
    setTimeout(() => {
      this.asking.delete(thread.id);
      if (this.subscribed.has(thread.id)) this.running(thread.id, true).catch(() => {});
    }, ASK_AGAIN);
  }

  // -------------------------------------------------------------------------------------------- what waits

  /** @param {import("../types.d.ts").Row} row */
  watchIfWaiting(row) {
    if (
      row.machine !== this.client.id || !row.flags?.some((flag) => flag.startsWith("waitingOn"))
    ) return;
    if (this.subscribed.has(row.id) || this.resumes.has(row.id)) return;
    this.subscribe(row.id).then(() => this.running(row.id)).catch(() => {});
  }

  /** A thread became active that is not in the list yet. @param {string} id */
  readRow(id) {
    if (this.reading.has(id)) return;
    this.reading.add(id);
    this.client.ask("thread/read", { threadId: id }).then((result) => {
      if (!result?.thread || result.thread.ephemeral) return;
      const row = putRow(this.core.state, this.client.id, result.thread);
      this.core.emit({ type: "rows" });
      this.watchIfWaiting(row);
    }).catch(() => {}).finally(() => this.reading.delete(id));
  }
}
