// Pages of the client (stores) on the real codex, and what the tests ask of them.
import { createStore } from "../../../web/state/store.js";
import { createMemoryKeep } from "../../../web/keep/keep.js";
import { selectInbox } from "../../../web/state/select.js";
import { Codex } from "./codex.js";
import { Relay } from "./relay.js";

export const codex = await Codex.start();
/** @typedef {import("../../../web/types.d.ts").Store} Store */
/** What must happen may take this long, ms: generous, since machines are shared. */
const PATIENCE = 120_000;
const choices = { model: null, effort: null, approvalPolicy: null, sandbox: null };
export const script = (/** @type {any[]} */ ...steps) => `#script ${JSON.stringify({ steps })}`;
export const work = `${codex.home}/work`;

/**
 * Waits until the state is so, looking after each change. @template T @param {Store} store @param {() => T} look
 * @param {string} what @returns {Promise<NonNullable<T>>}
 */
export function until(store, look, what) {
  return new Promise((resolve, reject) => {
    const fail = setTimeout(() => {
      stop();
      const { threads, pending, sent, link, machines } = store.state;
      const items = [...threads.values()].slice(-1).map((thread) => [
        thread.status,
        thread.running,
        thread.queue.length,
        thread.turns.slice(-3).map((
          turn,
        ) => [turn.status, turn.items.map((item) => `${item.type} ${item.done}`)]),
      ]);
      reject(
        new Error(`did not come: ${what}; ${
          JSON.stringify({
            link,
            items,
            pending: [...pending.values()].map((one) => one.status),
            sent: [...sent.values()].filter((one) => one.mark !== "taken-up").map((
              one,
            ) => [one.kind, one.mark, one.reason]),
            machines: [...machines.values()].map((one) => [one.status, one.problem]),
          })
        }`),
      );
    }, PATIENCE);
    const check = () => {
      const found = look();
      if (!found) return;
      clearTimeout(fail);
      stop();
      resolve(/** @type {NonNullable<T>} */ (found));
    };
    const stop = store.subscribe(check);
    check();
  });
}

/** @param {string} name @param {(world: {relay: Relay, page: (keep?: any) => Store, store: Store, machine: string}) => Promise<void>} body */
export function withStore(name, body) {
  Deno.test({
    name,
    // Timers of the browser's own (AbortSignal.timeout, WebSocket) outlive a test.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const relay = new Relay(codex);
      /** @type {Store[]} */
      const pages = [];
      const page = (keep = createMemoryKeep()) => {
        const store = createStore({ origin: relay.origin, keep, build: "b1" });
        pages.push(store);
        store.actions.start();
        return store;
      };
      try {
        const store = page();
        await until(
          store,
          () => store.state.machines.get("m_test")?.status === "ready",
          "the machine is ready",
        );
        await body({ relay, page, store, machine: "m_test" });
      } finally {
        for (const store of pages) store.close();
        await relay.close();
      }
    },
  });
}

/** @param {Store} store @param {string} key */
export const texts = (store, key) =>
  (store.state.threads.get(key)?.turns ?? []).flatMap((turn) =>
    turn.items.filter((item) => item.type === "agentMessage").map((item) => item.data.text ?? "")
  );
/** @param {Store} store @param {string} key */
export const prompts = (store, key) =>
  (store.state.threads.get(key)?.turns ?? []).flatMap((turn) =>
    turn.items.filter((item) => item.type === "userMessage").map((item) =>
      item.data.content[0].text
    )
  );
/** @param {Store} store @param {string} key */
export const idle = (store, key) => {
  const thread = store.state.threads.get(key);
  return thread && thread.running === null && thread.turns.length > 0;
};
/** @param {Store} store @param {string} text */
export async function begin(store, text) {
  const { sent, key } = store.actions.startThread({ machine: "m_test", cwd: work, text, choices });
  const name = await key;
  await store.actions.openThread(name);
  return { key: name, sent };
}
/** @param {Store} store @param {string} key */
export const asked = (store, key) =>
  until(
    store,
    () => selectInbox(store.state).find((one) => one.key === key && one.status === "open"),
    "an approval",
  );

/** Starts a task on a connection of its own, without a page. @param {string} text */
export async function beginElsewhere(text) {
  const socket = new WebSocket(`ws://127.0.0.1:${codex.port}/`);
  await new Promise((resolve) => (socket.onopen = resolve));
  /** @type {any[]} */
  const got = [];
  /** @type {() => void} */
  let news = () => {};
  socket.onmessage = (event) => {
    got.push(JSON.parse(event.data));
    news();
  };
  const wait = async (/** @type {(message: any) => boolean} */ wanted) => {
    for (;;) {
      const found = got.find(wanted);
      if (found) return found;
      await new Promise((resolve) => (news = () => resolve(null)));
    }
  };
  const send = (/** @type {any} */ message) => socket.send(JSON.stringify(message));
  send({
    id: 1,
    method: "initialize",
    params: {
      clientInfo: { name: "t", title: null, version: "1" },
      capabilities: { experimentalApi: true, requestAttestation: false },
    },
  });
  send({ method: "initialized" });
  send({ id: 2, method: "thread/start", params: { cwd: work } });
  const { result } = await wait((message) => message.id === 2 && message.result);
  send({
    id: 3,
    method: "turn/start",
    params: { threadId: result.thread.id, input: [{ type: "text", text, text_elements: [] }] },
  });
  await wait((message) => message.method?.endsWith("requestApproval"));
  socket.close();
  return result.thread.id;
}

/** Ends when the page has a session that works, so knows of every fault before. @param {Store} store */
export async function alive(store) {
  for (;;) {
    const ready = () => store.state.machines.get("m_test")?.status === "ready";
    await until(store, ready, "the machine is ready");
    try {
      await store.actions.request("m_test", "anchor/info", {});
      return;
    } catch { /* that session had ended: the next one, which a timer may begin */ }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Ends codex and the model: the last test of a file. */
export function endCodex() {
  Deno.test({
    name: "codex and the model end",
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => codex.close(),
  });
}

/** Ends when there is such a file: on a busy machine a command may still be on its way when its turn has ended. @param {string} path */
export async function made(path) {
  for (let waited = 0; waited < PATIENCE; waited += 50) {
    if (await Deno.stat(path).then(() => true, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${path} was not made.`);
}
