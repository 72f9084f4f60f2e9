// The store: holds the state, tells its listeners what changed, and owns the link, the machines and what is kept.
import { ApiError, call } from "../account/api.js";
import { MachineClient } from "../codex/machine.js";
import { createKeep, createMemoryKeep } from "../keep/keep.js";
import { holdTab, tabChannel } from "../keep/tabs.js";
import { Relay } from "../link/relay.js";
import { emptyMachine, emptyState, lateActions } from "./parts.js";

/**
 * @typedef {import("../types.d.ts").State} State
 * @typedef {import("../types.d.ts").Change} Change
 */

/** When the rest of the client is loaded after the link is up, if the list did not come before, ms. */
const AFTER_LIST = 3000;

/** The build this page belongs to: its modules lie under `/<build>/`; "" when they are served from elsewhere. */
const ownBuild = () => /^\/([^/]+)\/state\//.exec(new URL(import.meta.url).pathname)?.[1] ?? "";

export class Core {
  /** @param {import("../types.d.ts").StoreOptions} options */
  constructor(options) {
    this.options = options;
    this.state = emptyState();
    this.now = options.now ?? (() => Date.now());
    /** @type {Set<(change: Change) => void>} */
    this.listeners = new Set();
    /** @param {Change} change */
    this.emit = (change) => {
      for (const listener of this.listeners) {
        try {
          listener(change);
        } catch (error) {
          reportError(error);
        }
      }
    };
    /** @type {Map<string, MachineClient>} */
    this.clients = new Map();
    this.disk = this.keep = options.keep ??
      (globalThis.indexedDB ? createKeep() : createMemoryKeep());
    /** @type {Relay | null} */
    this.relay = null;
    this.toldHeardAt = 0;
    /** Last choices by machine. @type {Map<string, import("../types.d.ts").Choices>} */
    this.choices = new Map();
    /** Threads that the views have open, and who waits for them. @type {Set<string>} */
    this.wanted = new Set();
    /** @type {Map<string, PromiseWithResolvers<void>>} */
    this.waiting = new Map();
    /** Settings that codex takes with the next turn only, by thread. @type {Map<string, Record<string, unknown>>} */
    this.overrides = new Map();
    /** The user whose kept things are loaded. */
    this.user = "";
    this.build = options.build ?? ownBuild();
    this.channel = tabChannel((message) => this.fromTab(message));
    /** @type {import("../codex/sender.js").Sender | null} */
    this.sender = null;
    /** @type {Promise<import("./actions.js").LoadedActions> | null} */
    this.loading = null;
    /** @type {import("../codex/work.js").Work | null} */
    this.work = null;
    this.onHide = () => this.rest();
    this.onShow = (/** @type {PageTransitionEvent} */ event) => {
      if (event.persisted) this.start().catch(() => {});
    };
    globalThis.addEventListener?.("pagehide", this.onHide);
    globalThis.addEventListener?.("pageshow", this.onShow);
    /** Run when the page ends: what is not written yet. @type {Set<() => void>} */
    this.endings = new Set();
  }

  visible() {
    return globalThis.document?.visibilityState !== "hidden";
  }

  // -------------------------------------------------------------------------------------------- start and end

  async start() {
    this.rest();
    holdTab();
    if (!this.user) {
      const last = await this.keep.lastUser().catch(() => null);
      if (last) await this.openUser(last);
    }
    const origin = this.options.origin ?? globalThis.location?.origin ?? "";
    this.relay = new Relay({
      url: origin.replace(/^http/, "ws"),
      WebSocket: this.options.WebSocket ?? WebSocket,
      now: this.now,
      me: () => this.me(),
      trusted: () => this.user !== "" && this.state.account.status !== "signed-out",
      events: {
        status: (status, reason, retryAt) => this.linkStatus(status, reason, retryAt),
        heard: () => this.heard(),
        hello: (header) => {
          this.linkStatus("connected", null, null);
          this.presence(Array.isArray(header.machines) ? header.machines : []);
          this.checkBuild(header.build);
          // The list's files come first; then the rest, without being asked for.
          setTimeout(() => this.load().catch(() => {}), AFTER_LIST);
          this.adopt().catch(() => {});
        },
        presence: (machines) => this.presence(machines),
        data: (from, header, body) => this.clients.get(from)?.data(header, body),
        error: (header) => {
          const client = this.clients.get(String(header.to));
          if (client && (header.code === "unreachable" || header.code === "forbidden")) {
            client.unreachable();
          }
        },
        wake: () => {
          for (const client of this.clients.values()) client.wake();
          this.adopt().catch(() => {});
        },
      },
    });
    this.relay.start();
  }

  /** Ends sessions and link; `start` begins anew. */
  rest() {
    for (const ending of this.endings) ending();
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
    this.relay?.stop();
    this.relay = null;
  }

  reconnect() {
    if (this.relay && !this.relay.stopped) this.relay.dial();
    else this.start().catch(() => {});
  }

  /** @param {string} [path] what ends it: signing out, or deleting the account */
  async signOut(path = "/api/signout") {
    await call(path, {}, this.options);
    this.channel.post({ type: "signed-out", user: this.user });
    this.relay?.stop("signed-out");
    // What could not be opened in time is on the disk all the same.
    const keeps = [...new Set([this.keep, this.disk])];
    await Promise.all(keeps.map((keep) => keep.erase(this.user).catch(() => {})));
    this.signedOut();
  }

  close() {
    this.rest();
    this.channel.close();
    globalThis.removeEventListener?.("pagehide", this.onHide);
    globalThis.removeEventListener?.("pageshow", this.onShow);
    this.listeners.clear();
  }

  // -------------------------------------------------------------------------------------------- account

  /** @returns {Promise<"ok" | "signed-out" | "unreachable">} */
  async me() {
    const { state } = this;
    try {
      const { user, signin, machines, build } = await call("/api/me", {}, this.options);
      if (this.user !== user.id) {
        this.clear();
        await this.openUser(user);
      }
      state.account = { status: "signed-in", user, signin };
      this.keep.setLastUser(user).catch(() => {});
      if (state.link.status !== "connected") this.putMachines(machines ?? []);
      this.checkBuild(build);
      this.isReady();
      this.emit({ type: "account" });
      return "ok";
    } catch (error) {
      const out = error instanceof ApiError && error.code === "signed-out";
      if (out) this.signedOut();
      this.isReady();
      return out ? "signed-out" : "unreachable";
    }
  }

  isReady() {
    if (this.state.ready) return;
    this.state.ready = true;
    this.emit({ type: "ready" });
  }

  /** What is kept for a user comes into the state. @param {import("../types.d.ts").AccountState["user"]} user */
  async openUser(user) {
    if (!user) return;
    const { state, keep } = this;
    this.user = user.id;
    if (state.account.status === "unknown") {
      state.account = { status: "offline", user, signin: null };
      this.emit({ type: "account" });
    }
    try {
      await keep.open(user.id);
      for (const [id, text] of await keep.all("drafts")) {
        if (!state.drafts.has(id)) state.drafts.set(id, text);
      }
      for (const [id, choices] of await keep.all("settings")) {
        const machine = state.machines.get(id.replace(/^choices\//, ""));
        if (machine) machine.choices = choices;
        this.choices.set(id.replace(/^choices\//, ""), choices);
      }
      await this.adopt();
    } catch (error) {
      // A browser that keeps nothing (private window, full disk) still works while the page lives.
      console.warn("Nothing can be kept in this browser:", error);
      if (this.user === user.id) this.keep = createMemoryKeep();
    }
    this.isReady();
  }

  /** Takes over what tabs that are gone had still to send. */
  async adopt() {
    await this.work?.adopt();
  }

  signedOut() {
    this.clear();
    this.state.account = { status: "signed-out", user: null, signin: null };
    this.emit({ type: "account" });
  }

  /** Forgets everything of a user in memory. */
  clear() {
    const { state } = this;
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
    this.user = "";
    for (
      const map of [
        state.machines,
        state.rows,
        state.threads,
        state.pending,
        state.sent,
        state.drafts,
      ]
    ) {
      map.clear();
    }
    state.search = { term: "", busy: false, results: [], problem: null };
    this.choices.clear();
    this.sender?.ways.clear();
    this.emit({ type: "machines" });
    this.emit({ type: "rows" });
  }

  /** @param {unknown} build */
  checkBuild(build) {
    if (typeof build !== "string" || !this.build || build === this.build) return;
    this.state.newBuild = build;
    this.emit({ type: "build" });
  }

  /** @param {any} message */
  fromTab(message) {
    if (message?.user !== this.user || !this.user) return;
    if (message.type === "signed-out") {
      this.relay?.stop("signed-out");
      this.signedOut();
    } else if (message.type === "draft") {
      this.state.drafts.set(message.id, message.text);
      this.emit({ type: "draft", id: message.id });
    } else this.sender?.heard(message);
  }

  // -------------------------------------------------------------------------------------------- link and machines

  /** @param {import("../types.d.ts").LinkState["status"]} status @param {string | null} reason @param {number | null} retryAt */
  linkStatus(status, reason, retryAt) {
    const { link } = this.state;
    // The first attempt is over; whoever reconnects was there before.
    const shown = status === "reconnecting" && link.lastHeard === null ? "connecting" : status;
    if (link.status !== shown || link.reason !== reason) link.since = this.now();
    Object.assign(link, { status: shown, reason, retryAt });
    if (status !== "connected") {
      for (const client of this.clients.values()) {
        client.presence(null);
      }
    }
    this.emit({ type: "link" });
  }

  heard() {
    const now = this.now();
    this.state.link.lastHeard = now;
    if (now - this.toldHeardAt < 1000) return;
    this.toldHeardAt = now;
    this.emit({ type: "heard", machine: null });
  }

  /** @param {any[]} records */
  presence(records) {
    this.putMachines(records);
    for (const record of records) {
      const machine = this.state.machines.get(record.id);
      if (!machine) continue;
      let client = this.clients.get(record.id);
      if (!client) {
        client = new MachineClient(this, machine);
        this.clients.set(record.id, client);
        this.attach(client);
      }
      client.presence(record);
    }
  }

  /**
   * Loads what the list does not need: threads, what waits, sending. At the first list, or when something asks for it.
   * @returns {Promise<import("./actions.js").LoadedActions>}
   */
  load() {
    this.loading ??= import("../codex/work.js").then(({ Work }) => {
      this.work = new Work(this);
      this.sender = this.work.sender;
      for (const client of this.clients.values()) this.attach(client);
      if (this.user) this.adopt().catch(() => {});
      return this.work.actions;
    });
    this.loading.catch(() => (this.loading = null));
    return this.loading;
  }

  /** Gives a machine the rest of the client, and opens what the views asked for before. @param {MachineClient} client */
  attach(client) {
    if (!this.work) return;
    this.work.attach(client);
    for (const key of this.wanted) {
      const at = key.indexOf("/");
      if (key.slice(0, at) !== client.id) continue;
      const waiting = this.waiting.get(key);
      this.waiting.delete(key);
      client.threads?.openThread(key.slice(at + 1)).then(
        waiting?.resolve,
        waiting?.reject ?? (() => {}),
      );
    }
  }

  /** A thread of a machine that is not known yet. @param {string} key @returns {Promise<void>} */
  openLater(key) {
    let waiting = this.waiting.get(key);
    if (!waiting) this.waiting.set(key, waiting = Promise.withResolvers());
    return waiting.promise;
  }

  /** @param {any[]} records all machines of the account */
  putMachines(records) {
    const { state } = this;
    const ids = new Set(records.map((record) => record.id));
    for (const record of records) {
      let machine = state.machines.get(record.id);
      if (!machine) {
        machine = emptyMachine(record);
        machine.choices = this.choices.get(record.id) ?? machine.choices;
        state.machines.set(record.id, machine);
      }
      machine.name = record.name ?? machine.name;
      machine.fingerprint = record.fingerprint ?? machine.fingerprint;
      machine.online = record.online === true;
      machine.seen = record.seen ?? machine.seen;
    }
    for (const id of [...state.machines.keys()]) if (!ids.has(id)) this.removeMachine(id);
    this.emit({ type: "machines" });
  }

  /** @param {string} id */
  removeMachine(id) {
    const { state } = this;
    this.clients.get(id)?.close();
    this.clients.delete(id);
    state.machines.delete(id);
    for (const map of [state.rows, state.threads, state.pending]) {
      for (const [key, value] of map) if (value.machine === id) map.delete(key);
    }
    this.emit({ type: "rows" });
  }

  /** @param {string} machine @param {string} payload */
  sendFrame(machine, payload) {
    return this.relay?.send(machine, payload) ?? false;
  }
}

/** @param {import("../types.d.ts").StoreOptions} [options] @returns {import("../types.d.ts").Store} */
export function createStore(options = {}) {
  const core = new Core(options);
  return {
    state: core.state,
    subscribe(listener) {
      core.listeners.add(listener);
      return () => core.listeners.delete(listener);
    },
    actions: lateActions(core),
    close: () => core.close(),
  };
}
