// What the store begins with, and the actions of which most are loaded later.

/** @returns {import("../types.d.ts").State} */
export function emptyState() {
  return {
    ready: false,
    account: { status: "unknown", user: null, signin: null },
    link: { status: "connecting", reason: null, lastHeard: null, since: Date.now(), retryAt: null },
    machines: new Map(),
    rows: new Map(),
    threads: new Map(),
    pending: new Map(),
    sent: new Map(),
    drafts: new Map(),
    search: { term: "", busy: false, results: [], problem: null },
    newBuild: null,
  };
}

/** @param {any} raw the relay's record @returns {import("../types.d.ts").Machine} */
export function emptyMachine(raw) {
  return {
    id: raw.id,
    name: raw.name ?? "",
    fingerprint: raw.fingerprint ?? "",
    online: false,
    seen: raw.seen ?? null,
    created: raw.created ?? 0,
    status: "off",
    problem: null,
    lastHeard: null,
    roundTrip: null,
    info: null,
    incarnation: null,
    models: [],
    codexAccount: { status: "unknown", type: null, email: null, plan: null, login: null },
    limits: null,
    missing: new Set(),
    list: { status: "none", more: false, problem: null },
    warnings: [],
    choices: { model: null, effort: null, approvalPolicy: null, sandbox: null },
  };
}

/** Actions that answer with the id of what they send; the id is made here if they are not loaded yet. */
const SENDS = new Set(["sendPrompt", "steer", "queueAdd", "shellCommand"]);

/** @param {import("./store.js").Core} core @returns {import("../types.d.ts").Actions} */
export function lateActions(core) {
  /** @type {Record<string, (...args: any[]) => unknown>} */
  const own = {
    start: () => core.start(),
    reconnect: () => core.reconnect(),
    refresh: () => core.me(),
    signOut: (path) => core.signOut(path),
    startThread(task) {
      const sent = crypto.randomUUID();
      const key = core.load().then((actions) => actions.startThread(task, sent));
      key.catch(() => {});
      return { sent, key };
    },
  };
  /** @type {any} */
  const actions = new Proxy(own, {
    get: (target, name) =>
      target[String(name)] ?? ((/** @type {unknown[]} */ ...args) => {
        /** @type {any} */
        const loaded = core.work?.actions;
        if (loaded) return loaded[name](...args);
        const id = SENDS.has(String(name)) ? crypto.randomUUID() : undefined;
        const done = core.load().then((/** @type {any} */ late) =>
          late[name](...args, ...(id ? [id] : []))
        );
        done.catch(() => {});
        return id ?? done;
      }),
  });
  return actions;
}
