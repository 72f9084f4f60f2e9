// One machine: its session, what is asked of its codex at the start, and where each message goes.
import { Session } from "../link/session.js";
import { applyToRows, deriveRow, putRow } from "../state/rows.js";
import { toBase64url } from "../account/api.js";
import { isMissing, Rpc, RpcError } from "./rpc.js";

/**
 * @typedef {{
 *  state: import("../types.d.ts").State,
 *  emit: (change: import("../types.d.ts").Change) => void,
 *  now: () => number,
 *  visible: () => boolean,
 *  sendFrame: (machine: string, payload: string) => boolean,
 *  sender: import("./sender.js").Sender | null,
 *  load: () => Promise<unknown>,
 * }} Core what the machines share; `sender` is loaded after the list
 */

/** Silence of an open session after which it is resumed even if the relay says nothing, ms. */
const SILENCE = 15_000;
const ROWS = 30;
/** Everything that a person may have begun; sub-agents' threads stay out of the list. */
const SOURCES = ["cli", "vscode", "exec", "appServer", "unknown"];
/** Reset reasons after which a new session is opened at once; after the others a while later. */
const AT_ONCE = "unknown app-server-ended upstream-lost overflow expired duplicate".split(" ");

export class MachineClient {
  /** @param {Core} core @param {import("../types.d.ts").Machine} machine */
  constructor(core, machine) {
    this.core = core;
    this.machine = machine;
    /** Loaded after the list: until then no thread is followed and nothing is sent.
     * @type {import("./threads.js").Threads | null} */
    this.threads = null;
    /** @type {import("./facts.js").MachineFacts | null} */
    this.facts = null;
    /** @type {Session | null} */
    this.session = null;
    /** @type {Rpc | null} */
    this.rpc = null;
    this.path = false;
    /** @type {string | null} */
    this.connection = null;
    /** codex answered `initialize` on this session. */
    this.ready = false;
    this.failures = 0;
    /** @type {string | null} */
    this.cursor = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.again = undefined;
    this.heardAt = 0;
    this.toldHeardAt = 0;
    this.closed = false;
  }

  get id() {
    return this.machine.id;
  }

  /**
   * The rest of the client is loaded.
   * @param {import("./threads.js").Threads} threads @param {import("./facts.js").MachineFacts} facts
   */
  attach(threads, facts) {
    this.threads = threads;
    this.facts = facts;
    if (this.rpc && !this.rpc.closed) threads.begin();
    if (this.ready) this.greeted();
    for (const row of this.core.state.rows.values()) threads.watchIfWaiting(row);
  }

  // -------------------------------------------------------------------------------------------- the path

  /** @param {any} raw the relay's record of the machine, null when the link to the relay is down */
  presence(raw) {
    const path = raw?.online === true;
    const connection = path ? String(raw.connection ?? "") : null;
    if (path === this.path && connection === this.connection) return;
    this.path = path;
    this.connection = connection;
    this.lose();
    if (path) this.connect();
    else this.tell();
  }

  /** The path broke: nothing can be sent until `connect`. */
  lose() {
    if (this.session) this.run(this.session.disconnected());
  }

  connect() {
    if (this.closed || !this.path) return;
    clearTimeout(this.again);
    this.heardAt = this.core.now();
    if (!this.session || this.session.state === "dead") this.begin();
    else this.run(this.session.connected(this.core.now()));
    this.tell();
  }

  /** The relay could not deliver: nothing is sent until a new presence, or a while later. */
  unreachable() {
    this.lose();
    this.tell();
    clearTimeout(this.again);
    this.again = setTimeout(() => this.connect(), 2000);
  }

  /** The page came back: is everything still there? */
  wake() {
    if (!this.path) return;
    if (!this.session || this.session.state === "dead") this.connect();
    else this.run(this.session.ping(this.core.now()));
  }

  tell() {
    const { machine } = this;
    const status = machine.status === "failed" && !this.ready && this.path
      ? "failed"
      : !this.path
      ? "off"
      : !this.ready
      ? "opening"
      : this.session?.state === "open"
      ? "ready"
      : "resuming";
    if (status === machine.status) return;
    machine.status = status;
    if (status !== "failed") machine.problem = null;
    this.core.emit({ type: "machine", machine: machine.id });
  }

  // -------------------------------------------------------------------------------------------- the session

  /** A new session with all that is asked in it first; the questions travel with the `open`. */
  begin() {
    const session = new Session(toBase64url(crypto.getRandomValues(new Uint8Array(16)).buffer));
    const rpc = new Rpc({
      send: (text, token, deadline) =>
        this.run(session.send(text, this.core.now(), token, deadline)),
      notification: (method, params, ms) => this.notification(method, params, ms),
      request: (request) => this.threads?.waiting.request(request),
    });
    this.session = session;
    this.rpc = rpc;
    this.ready = false;
    this.machine.status = "opening";
    this.greet(rpc);
    this.run(session.connected(this.core.now()));
    this.core.emit({ type: "machine", machine: this.id });
  }

  /** @param {Rpc} rpc */
  greet(rpc) {
    const hello = rpc.request("initialize", {
      clientInfo: { name: "codex-remote", title: "codex-remote", version: "1" },
      capabilities: { experimentalApi: true, requestAttestation: false },
    }, { first: () => (this.ready = true) });
    rpc.notify("initialized");
    const quiet = () => {};
    this.threads?.begin();
    this.loadList(true).catch(quiet);
    rpc.request("anchor/info", {}).then((info) => {
      this.machine.info = info;
      this.core.emit({ type: "machine", machine: this.id });
    }, quiet);
    hello.then(() => {
      this.failures = 0;
      this.tell();
      this.greeted();
    }, (error) => {
      if (error.code !== "reset") this.fail(String(error.message));
    });
  }

  greeted() {
    this.threads?.waiting.greeted();
    this.facts?.read();
    this.core.sender?.flush(this.id);
  }

  /** @param {string} problem */
  fail(problem) {
    Object.assign(this.machine, { status: "failed", problem });
    this.core.emit({ type: "machine", machine: this.id });
  }

  /** @param {import("../link/session.js").Effect[]} effects */
  run(effects) {
    for (const effect of effects) {
      switch (effect.type) {
        case "frame":
          this.core.sendFrame(this.id, effect.text);
          break;
        case "line":
          // A message of a form that nobody foresaw must not take with it those that came in the same frame.
          try {
            this.rpc?.receive(effect.text);
          } catch (error) {
            reportError(error);
          }
          break;
        case "acked":
          this.core.sender?.acked(/** @type {string} */ (effect.token));
          break;
        case "expired":
          this.core.sender?.expired(/** @type {string} */ (effect.token));
          break;
        case "opened":
          this.opened(effect.incarnation);
          break;
        case "pong":
          this.machine.roundTrip = effect.roundTrip;
          break;
        case "dead":
          this.ended(effect.reason);
          break;
      }
    }
    this.schedule();
  }

  schedule() {
    clearTimeout(this.timer);
    const session = this.session;
    if (!session || session.state === "dead" || session.state === "idle") return;
    if (!this.core.visible()) session.pingDue = Infinity;
    else if (session.pingDue === Infinity) session.pingDue = this.core.now() + 5000;
    if (session.due === Infinity) return;
    this.timer = setTimeout(() => this.tick(), Math.max(0, session.due - this.core.now()));
  }

  tick() {
    const { session } = this;
    if (!session) return;
    const now = this.core.now();
    if (this.path && this.core.visible() && now - this.heardAt > SILENCE) {
      this.heardAt = now;
      this.lose();
      this.connect();
      return;
    }
    this.run(session.tick(now));
  }

  /** @param {Record<string, any>} header @param {string} body */
  data(header, body) {
    const { session } = this;
    if (!session || header.session !== session.id) return;
    const now = this.core.now();
    this.heardAt = this.machine.lastHeard = now;
    this.run(session.frame(header, body, now));
    if (now - this.toldHeardAt > 1000) {
      this.toldHeardAt = now;
      this.core.emit({ type: "heard", machine: this.id });
    }
  }

  /** @param {string} incarnation */
  opened(incarnation) {
    const { machine } = this;
    if (machine.incarnation !== null && machine.incarnation !== incarnation) {
      this.threads?.waiting.appServerEnded();
      this.core.sender?.restarted(this.id);
    }
    machine.incarnation = incarnation;
    this.tell();
    this.core.sender?.flush(this.id);
  }

  /** @param {string} reason */
  ended(reason) {
    this.drop(reason);
    clearTimeout(this.again);
    if (reason === "revoked" || this.closed) return this.tell();
    this.failures++;
    const delay = AT_ONCE.includes(reason) && this.failures < 3
      ? 0
      : Math.min(10_000, 500 * 2 ** Math.min(this.failures, 5)) * (0.5 + Math.random() / 2);
    if (reason === "app-server-down" || reason === "protocol") this.fail(reason);
    else this.tell();
    this.again = setTimeout(() => {
      if (reason !== "too-many" || this.core.visible()) this.connect();
    }, delay);
  }

  /** What belonged to the session. @param {string} reason */
  drop(reason) {
    this.rpc?.close(reason);
    this.ready = false;
    this.threads?.end();
    this.core.sender?.reset(this.id);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.again);
    if (this.session) this.run(this.session.close("page"));
    clearTimeout(this.timer);
    this.drop("page");
  }

  // -------------------------------------------------------------------------------------------- asking

  /**
   * @param {string} method @param {any} params
   * @param {Parameters<Rpc["request"]>[2]} [options]
   * @returns {Promise<any>}
   */
  async ask(method, params, options) {
    if (!this.rpc) {
      throw new RpcError("reset", "The machine is not connected; try again when it is.");
    }
    try {
      return await this.rpc.request(method, params, options);
    } catch (error) {
      // An empty or unpaginated thread answers the same to items/list: that says nothing about the method.
      if (isMissing(error, method) && method !== "thread/items/list") {
        this.machine.missing.add(method);
        this.core.emit({ type: "machine", machine: this.id });
      }
      throw error;
    }
  }

  /** @param {boolean} first whether from the newest on */
  async loadList(first) {
    const { list } = this.machine;
    if (!first && !list.more) return;
    list.status = list.status === "ready" ? "ready" : "loading";
    try {
      await this.ask("thread/list", {
        cursor: first ? null : this.cursor,
        limit: ROWS,
        sortKey: "recency_at",
        sortDirection: "desc",
        sourceKinds: SOURCES,
      }, {
        first: (result) => {
          this.putRows(result);
          // A first page that is read again must not lose the place of the pages behind it.
          if (!first || this.cursor === null) {
            this.cursor = result.nextCursor ?? null;
            list.more = this.cursor !== null;
          }
          Object.assign(list, { status: "ready", problem: null });
        },
      });
    } catch (error) {
      if (error instanceof RpcError && error.code === "reset") throw error;
      Object.assign(list, {
        status: "failed",
        problem: String(/** @type {Error} */ (error).message),
      });
      throw error;
    } finally {
      this.core.emit({ type: "rows" });
      this.core.load().catch(() => {});
    }
  }

  /** @param {any} result of thread/list */
  putRows(result) {
    for (const raw of result?.data ?? []) {
      if (!raw?.id) continue;
      const more = { archived: false, readState: result.readStates?.[raw.id] };
      const row = putRow(this.core.state, this.id, raw, more);
      this.threads?.watchIfWaiting(row);
    }
  }

  // -------------------------------------------------------------------------------------------- being told

  /** @param {string} method @param {any} params @param {number} ms */
  notification(method, params, ms) {
    if (params === null || typeof params !== "object") return;
    const { state, emit, now } = this.core;
    // A piece of text changes nothing but its item.
    if (this.threads?.notification(method, params, ms)) return;
    const { row, change } = applyToRows(state, this.id, method, params, now());
    if (change === "rows") emit({ type: "rows" });
    else if (row) emit({ type: "row", key: row.key });
    if (row) this.threads?.watchIfWaiting(row);
    else if (method === "thread/status/changed" && params.status?.type === "active") {
      this.threads?.readRow(params.threadId);
    }
    this.facts?.notification(method, params, ms);
  }

  /** What waits in a thread changed. @param {string} key */
  rowOf(key) {
    const row = this.core.state.rows.get(key);
    if (!row) return;
    deriveRow(this.core.state, row);
    this.core.emit({ type: "row", key });
  }
}
