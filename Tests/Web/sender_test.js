// What is to be sent: taken back in time it never leaves, and what was lost on its way is sent again.
import { deepStrictEqual as equal } from "node:assert";
import { MachineClient } from "../../web/codex/machine.js";
import { Sender } from "../../web/codex/sender.js";
import { Waiting } from "../../web/codex/waiting.js";
import { createMemoryKeep } from "../../web/keep/keep.js";
import { emptyMachine, emptyState } from "../../web/state/parts.js";
import { Core } from "../../web/state/store.js";

/** Lets everything run that waits for nothing else. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

/** A sender whose machine answers by `ask`, and follows a thread when `subscribe` says so. */
function senderOn({
  ask = (/** @type {string} */ _method) => /** @type {Promise<any>} */ (Promise.resolve({})),
  subscribe = () => Promise.resolve(),
}) {
  const state = emptyState();
  const keep = createMemoryKeep();
  /** @type {string[]} */
  const asked = [];
  /** @type {any} */
  const client = {
    id: "m",
    rpc: { closed: false },
    session: { state: "open", incarnation: "i" },
    ready: true,
    machine: { missing: new Set() },
    rowOf() {},
    threads: {
      subscribe,
      started: () => ({ key: "m/t" }),
      waiting: { confirm: subscribe },
    },
    ask: (/** @type {string} */ method) => {
      asked.push(method);
      return ask(method);
    },
  };
  const sender = new Sender({
    state,
    emit() {},
    now: () => 1,
    keep: () => keep,
    tab: "a",
    post() {},
    client: () => client,
  });
  return { state, keep, asked, client, sender };
}

const start = { cwd: "/", choices: {} };
const decision = {
  pending: "p",
  incarnation: "i",
  requestId: 0,
  threadId: "t",
  turnId: null,
  itemId: null,
  result: {},
};

/** @type {["prompt" | "queue" | "steer" | "shell" | "interrupt" | "decision", any][]} */
const kinds = [
  ["prompt", {}],
  ["queue", {}],
  ["steer", { turnId: "u" }],
  ["shell", {}],
  ["interrupt", { turnId: "u" }],
  ["decision", decision],
];
for (const [kind, body] of kinds) {
  Deno.test(`a ${kind} that is taken back while its thread is subscribed is not sent`, async () => {
    const gate = Promise.withResolvers();
    const { sender, asked, keep } = senderOn({
      subscribe: () => /** @type {Promise<any>} */ (gate.promise),
    });
    const sent = sender.add(kind, "m", "m/t", "rm -rf build", body);
    await settle();
    equal(await sender.discard(sent.id), "rm -rf build");
    gate.resolve(null);
    await settle();
    equal(asked, []);
    equal(await keep.all("sent"), []);
  });
}

for (const outcome of ["resolve", "reject"]) {
  Deno.test(`a task that is taken back while its thread begins is not started (${outcome})`, async () => {
    const gate = Promise.withResolvers();
    const { sender, asked, keep } = senderOn({ ask: () => gate.promise });
    const sent = sender.add("start", "m", null, "rm -rf build", start);
    await settle();
    await sender.discard(sent.id);
    gate[/** @type {"resolve" | "reject"} */ (outcome)](new Error("no"));
    await settle();
    equal(asked, ["thread/start"]);
    equal(await keep.all("sent"), []);
  });
}

Deno.test("what was taken back is not sent by who read it from what is kept before", async () => {
  const { sender, asked, keep } = senderOn({ subscribe: () => new Promise(() => {}) });
  const sent = sender.add("prompt", "m", "m/t", "rm -rf build", {});
  await settle();
  const [[, kept]] = await keep.all("sent");
  await sender.discard(sent.id);
  sender.restore(kept, false);
  await settle();
  equal([asked, await keep.all("sent"), sender.sent.size], [[], [], 0]);
});

Deno.test("who waits for a task that is taken back while its thread begins is told", async () => {
  const { sender } = senderOn({ ask: () => new Promise(() => {}) });
  const sent = sender.add("start", "m", null, "rm -rf build", start);
  const key = sender.way(sent.id).key = Promise.withResolvers();
  await settle();
  await sender.discard(sent.id);
  equal((await key.promise.catch((/** @type {any} */ error) => error)).code, "cancelled");
});

Deno.test("what is behind a prompt that is taken back goes out", async () => {
  const gate = Promise.withResolvers();
  const { sender, asked } = senderOn({
    subscribe: () => /** @type {Promise<any>} */ (gate.promise),
  });
  const first = sender.add("prompt", "m", "m/t", "one", {});
  sender.add("prompt", "m", "m/t", "two", {});
  await sender.discard(first.id);
  gate.resolve(null);
  await settle();
  equal(asked, ["turn/start"]);
});

Deno.test("a decision that codex has not read is sent again when it asks again", async () => {
  const { sender, asked, client, state } = senderOn({
    ask: () => Promise.resolve({ outcome: "delivered" }),
  });
  /** @type {any} */
  const core = { state, emit() {}, now: () => 1, sender };
  client.core = core;
  const waiting = new Waiting(/** @type {any} */ ({ core, client, releaseIfQuiet() {} }));
  const request = {
    id: 0,
    method: "item/commandExecution/requestApproval",
    params: { threadId: "t", command: "ls" },
  };
  waiting.request(request);
  const [pending] = state.pending.values();
  const sent = sender.add("decision", "m", "m/t", "accept", { ...decision, pending: pending.id });
  Object.assign(pending, { status: "sent", sentId: sent.id });
  await settle();
  equal([sent.mark, asked.length], ["delivered", 1]);
  // Said twice on one session it may still be read.
  waiting.request(request);
  await settle();
  equal([sent.mark, asked.length], ["delivered", 1]);
  waiting.end();
  sender.reset("m");
  client.rpc = { closed: false };
  waiting.request(request);
  await settle();
  equal([sent.mark, pending.status, asked.length], ["delivered", "sent", 2]);
});

Deno.test("a message of an unforeseen form takes no other with it", async () => {
  const state = emptyState();
  const client = new MachineClient(
    /** @type {any} */ ({
      state,
      emit() {},
      now: () => 1,
      visible: () => false,
      sendFrame: () => true,
      sender: null,
      load: () => Promise.resolve(),
    }),
    emptyMachine({ id: "m" }),
  );
  client.presence({ online: true, connection: "c" });
  const session = /** @type {import("../../web/link/session.js").Session} */ (client.session);
  client.data(
    { type: "opened", session: session.id, incarnation: "i", resumed: false, received: 0 },
    "",
  );
  const answer = client.ask("model/list", {});
  const rpc = /** @type {import("../../web/codex/rpc.js").Rpc} */ (client.rpc);
  const id = Math.max(.../** @type {Map<number, any>} */ (rpc.calls).keys());
  /** @type {string[]} */
  const said = [];
  const heard = (/** @type {ErrorEvent} */ event) => {
    event.preventDefault();
    said.push(String(event.error));
  };
  addEventListener("error", heard);
  client.notification = () => {
    throw new Error("unforeseen");
  };
  try {
    client.data(
      { type: "message", session: session.id, seq: 1, ack: 0 },
      [
        JSON.stringify({ method: "thread/status/changed", params: {} }),
        JSON.stringify({ id, result: { data: [] } }),
      ].join("\n"),
    );
    equal(await answer, { data: [] });
  } finally {
    removeEventListener("error", heard);
    client.close();
  }
  equal(said, ["Error: unforeseen"]);
});

Deno.test("what waits outlives the end of a sign-in on the same page", async () => {
  const keep = createMemoryKeep();
  const core = new Core({ origin: "http://relay.test", keep });
  try {
    const user = { id: "u", name: "Ada", owner: true };
    await core.openUser(user);
    await core.load();
    const sent = core.work?.sender.add("prompt", "m", "m/t", "hello", {});
    await settle();
    core.signedOut();
    equal(core.state.sent.size, 0);
    await core.openUser(user);
    equal([...core.state.sent.values()].map(({ id, text, mark }) => [id, text, mark]), [
      [sent?.id, "hello", "waiting"],
    ]);
  } finally {
    core.close();
  }
});
