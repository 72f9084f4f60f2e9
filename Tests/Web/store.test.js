// The store against the real codex: what a person does, through every fault between page and app-server.
import { createStore } from "../../web/state/store.js";
import { createMemoryKeep } from "../../web/keep/keep.js";
import { selectInbox, selectLink, selectProjects, selectRows } from "../../web/state/select.js";
import { Codex, Relay } from "./support/stack.js";
import { equal, ok } from "./support/random.js";

const codex = await Codex.start();
/** @typedef {import("../../web/types.d.ts").Store} Store */
const PATIENCE = 20_000;
const choices = { model: null, effort: null, approvalPolicy: null, sandbox: null };
const script = (/** @type {any[]} */ ...steps) => `#script ${JSON.stringify({ steps })}`;
const work = `${codex.home}/work`;

/**
 * Waits until the state is so, looking after each change. @template T @param {Store} store @param {() => T} look
 * @param {string} what @returns {Promise<NonNullable<T>>}
 */
function until(store, look, what) {
  return new Promise((resolve, reject) => {
    const fail = setTimeout(() => {
      stop();
      const { threads, pending, sent, link, machines } = store.state;
      const items = [...threads.values()].map((
        thread,
      ) => [
        thread.status,
        thread.running,
        thread.turns.flatMap((
          turn,
        ) => [turn.status, ...turn.items.map((item) => [item.type, item.done])]),
      ]);
      reject(
        new Error(`did not come: ${what}; ${
          JSON.stringify({
            link,
            items,
            pending: [...pending.values()].map((one) => one.status),
            sent: [...sent.values()].map((one) => [one.kind, one.mark, one.reason]),
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
function withStore(name, body) {
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
const texts = (store, key) =>
  (store.state.threads.get(key)?.turns ?? []).flatMap((turn) =>
    turn.items.filter((item) => item.type === "agentMessage").map((item) => item.data.text ?? "")
  );
/** @param {Store} store @param {string} key */
const prompts = (store, key) =>
  (store.state.threads.get(key)?.turns ?? []).flatMap((turn) =>
    turn.items.filter((item) => item.type === "userMessage").map((item) =>
      item.data.content[0].text
    )
  );
/** @param {Store} store @param {string} key */
const idle = (store, key) => {
  const thread = store.state.threads.get(key);
  return thread && thread.running === null && thread.turns.length > 0;
};
/** @param {Store} store @param {string} text */
async function begin(store, text) {
  const { sent, key } = store.actions.startThread({ machine: "m_test", cwd: work, text, choices });
  const name = await key;
  await store.actions.openThread(name);
  return { key: name, sent };
}
/** @param {Store} store @param {string} key */
const asked = (store, key) =>
  until(
    store,
    () => selectInbox(store.state).find((one) => one.key === key && one.status === "open"),
    "an approval",
  );

withStore("a task is started, streams, ends, and is in the list", async ({ store }) => {
  let deltas = 0;
  store.subscribe((change) => change.type === "delta" && deltas++);
  const { key, sent } = await begin(store, script({ text: { count: 40 }, rate: 200 }));
  await until(
    store,
    () => idle(store, key) && texts(store, key)[0]?.includes("t00040"),
    "the whole text",
  );
  ok(deltas > 10, `${deltas} deltas`);
  equal(texts(store, key).length, 1);
  equal(texts(store, key)[0].match(/t\d{5}/g)?.length, 40);
  await until(
    store,
    () => (store.state.sent.get(sent)?.mark ?? "taken-up") === "taken-up",
    "taken up",
  );
  const row = await until(
    store,
    () => selectRows(store.state).find((one) => one.key === key && one.unread),
    "the row",
  );
  ok(["done", "idle"].includes(row.status), row.status);
  equal(selectProjects(store.state)[0].name, "work");
  await store.actions.markRead(key);
  equal(store.state.rows.get(key)?.status, "idle");
  await store.actions.rename(key, "A name");
  await until(store, () => store.state.rows.get(key)?.title === "A name", "the name");
  await store.actions.search("t00040");
  ok(store.state.search.results.length > 0 || store.state.search.problem === null);
});

withStore(
  "a page opened in mid-stream has the whole text, and a cut loses nothing",
  async ({ store, relay, page }) => {
    const { key } = await begin(
      store,
      script({ text: { count: 30 }, rate: 100 }, { hold: "mid" }, {
        text: { count: 60, start: 31 },
        rate: 60,
      }),
    );
    await until(store, () => texts(store, key)[0]?.includes("t00030"), "the first half");
    const second = page();
    await until(second, () => second.state.rows.get(key), "the row");
    await second.actions.openThread(key);
    await until(second, () => texts(second, key)[0]?.includes("t00030"), "the text so far");
    equal(texts(second, key)[0].match(/t\d{5}/g)?.length, 30);
    await codex.control("release", { name: "mid" });
    const count = () => texts(store, key).join("").match(/t\d{5}/g)?.length ?? 0;
    for (let i = 1; i <= 4; i++) {
      await until(store, () => count() >= 30 + i * 10, "some more text");
      relay.cut();
    }
    const third = page();
    await until(third, () => third.state.rows.get(key), "the row");
    await third.actions.openThread(key);
    for (const one of [store, second, third]) {
      await until(
        one,
        () => idle(one, key) && texts(one, key).join("").includes("t00090"),
        "the end",
      );
      equal(texts(one, key).length, 2);
      equal(
        texts(one, key).join("").match(/t\d{5}/g),
        [...Array(90).keys()].map((n) => `t${String(n + 1).padStart(5, "0")}`),
      );
    }
  },
);

withStore(
  "an approval is decided once, and disappears on the other page",
  async ({ store, page }) => {
    const { key } = await begin(
      store,
      script({ exec: { cmd: "touch made-1", escalated: true, justification: "why not" } }, {
        say: "Done.",
      }),
    );
    const pending = await asked(store, key);
    ok(pending.kind === "command");
    equal([pending.command, pending.reason, pending.cwd], ["touch made-1", "why not", work]);
    equal(store.state.rows.get(key)?.status, "waiting");
    const second = page();
    const there = await asked(second, key);
    equal(there.id, pending.id);
    const accept = pending.decisions.find((one) => one.kind === "accept");
    const sent = store.actions.decide(pending.id, accept?.id ?? "");
    equal(store.state.pending.get(pending.id)?.status, "sent");
    await until(
      store,
      () => store.state.sent.get(sent)?.mark === "taken-up",
      "the decision is taken up",
    );
    await until(second, () => !second.state.pending.has(pending.id), "gone on the other page");
    await until(store, () => idle(store, key), "the end");
    ok((await Deno.stat(`${work}/made-1`)).isFile);
  },
);

withStore("a question is answered", async ({ store }) => {
  const question = {
    id: "q",
    header: "Colour",
    question: "Which?",
    options: [{ label: "Red", description: "" }, { label: "Blue", description: "" }],
  };
  const { key } = await begin(store, script({ question: [question] }, { say: "Thanks." }));
  const pending = await asked(store, key);
  ok(pending.kind === "question");
  equal(pending.questions[0].options.map((one) => one.label), ["Red", "Blue"]);
  store.actions.answer(pending.id, { q: ["Blue"] });
  await until(store, () => idle(store, key) && texts(store, key).includes("Thanks."), "the end");
  const requests = await codex.control("requests");
  ok(JSON.stringify(requests.at(-1).outputs).includes("Blue"));
});

withStore("a reached usage limit is said, and what is too long is not sent", async ({ store }) => {
  const { key } = await begin(store, script({ error: "usage" }));
  await until(store, () => idle(store, key), "the end");
  const turn = store.state.threads.get(key)?.turns[0];
  equal([turn?.status, turn?.error?.kind], ["failed", "usageLimitExceeded"]);
  await until(store, () => store.state.rows.get(key)?.status === "failed", "the row");
  const sent = store.actions.sendPrompt(key, "x".repeat(1_100_000));
  equal([store.state.sent.get(sent)?.mark, store.state.sent.get(sent)?.reason], [
    "failed",
    "too-long",
  ]);
  equal(await store.actions.discard(sent).then((text) => text.length), 1_100_000);
  const big = store.actions.sendPrompt(key, `${script({ say: "Read." })}\n${"語".repeat(300_000)}`);
  await until(
    store,
    () => idle(store, key) && texts(store, key).includes("Read."),
    "a prompt of many parts",
  );
  equal(store.state.sent.get(big)?.mark, "taken-up");
});

withStore("steer, queue, interrupt and a command of one's own", async ({ store }) => {
  const { key } = await begin(
    store,
    script({ exec: { cmd: "echo one" } }, { hold: "steer" }, { say: "First." }),
  );
  await until(store, () => store.state.threads.get(key)?.running, "it runs");
  while (!(await codex.control("held")).includes("steer")) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const steer = store.actions.steer(key, script({ say: "Steered." }));
  const queued = store.actions.queueAdd(key, script({ say: "Queued." }, { hold: "never" }));
  await until(store, () => store.state.sent.get(queued)?.mark === "taken-up", "queued");
  await until(store, () => store.state.threads.get(key)?.queue.length === 1, "in the queue");
  await codex.control("release", { name: "steer" });
  await until(store, () => texts(store, key).includes("Queued."), "the queued turn");
  equal(store.state.sent.get(steer)?.mark, "taken-up");
  const interrupt = store.actions.interrupt(key);
  await until(
    store,
    () => idle(store, key) && store.state.sent.get(interrupt)?.mark === "taken-up",
    "interrupted",
  );
  equal(store.state.threads.get(key)?.turns.at(-1)?.status, "interrupted");
  store.actions.shellCommand(key, "echo $((40+2))");
  await until(
    store,
    () =>
      store.state.threads.get(key)?.turns.some((turn) =>
        turn.items.some((item) =>
          item.type === "commandExecution" && item.done &&
          item.data.aggregatedOutput?.includes("42")
        )
      ),
    "the command's output",
  );
});

withStore(
  "what is sent while the link is down arrives once when it is back",
  async ({ store, relay }) => {
    const { key } = await begin(
      store,
      script({ exec: { cmd: "touch made-2", escalated: true } }, { say: "Made." }),
    );
    const pending = await asked(store, key);
    relay.refuse = true;
    relay.cut();
    await until(store, () => selectLink(store.state).status !== "connected", "the link is down");
    ok(pending.kind === "command");
    const sent = store.actions.decide(pending.id, pending.decisions[0].id);
    equal(store.state.sent.get(sent)?.mark, "waiting");
    relay.refuse = false;
    store.actions.reconnect();
    await until(store, () => store.state.sent.get(sent)?.mark === "taken-up", "taken up");
    await until(store, () => idle(store, key), "the end");
    equal(relay.anchor.answers.length, 1);
    relay.setOnline(false);
    await until(
      store,
      () => selectLink(store.state, "m_test").status === "machine-offline",
      "offline",
    );
    const prompt = store.actions.sendPrompt(key, script({ say: "Back." }));
    equal(store.state.sent.get(prompt)?.mark, "waiting");
    relay.setOnline(true);
    await until(store, () => texts(store, key).includes("Back."), "the answer");
    equal(prompts(store, key).length, 2);
  },
);

withStore(
  "after a reload a waiting prompt is sent once, and one that arrived is not sent again",
  async ({ store, relay, page }) => {
    const { key } = await begin(store, script({ say: "One." }));
    await until(store, () => idle(store, key), "the first turn");
    const keep = createMemoryKeep();
    const typing = page(keep);
    await until(typing, () => typing.state.rows.get(key), "the row");
    await typing.actions.openThread(key);
    relay.setOnline(false);
    await until(
      typing,
      () => selectLink(typing.state, "m_test").status === "machine-offline",
      "offline",
    );
    typing.actions.sendPrompt(key, script({ say: "Two." }));
    await until(
      typing,
      () => [...typing.state.sent.values()].some((sent) => sent.mark === "waiting"),
      "it waits",
    );
    const kept = await keep.all("sent");
    equal(kept.length, 1);
    // The page ends with it; as after a reload the next one is another tab.
    await keep.put("sent", kept[0][0], { ...kept[0][1], tab: "gone" });
    typing.close();
    relay.setOnline(true);
    const again = page(keep);
    await until(again, () => texts(again, key).includes("Two."), "the answer");
    await until(again, () => idle(again, key), "the end");
    equal(prompts(again, key).length, 2);
    // The same entry once more, as if its end had never been written down.
    again.close();
    await keep.put("sent", kept[0][0], { ...kept[0][1], tab: "gone" });
    const third = page(keep);
    await until(third, () => third.state.sent.get(kept[0][0])?.mark === "taken-up", "found again");
    await third.actions.openThread(key);
    await until(third, () => prompts(third, key).length === 2, "no third prompt");
  },
);

withStore(
  "an anchor that was restarted keeps approvals, the thread and what is sent",
  async ({ store, relay }) => {
    const { key } = await begin(
      store,
      script({ exec: { cmd: "touch made-3", escalated: true } }, {
        text: { count: 20 },
        rate: 100,
      }),
    );
    const pending = await asked(store, key);
    relay.anchor.restart();
    relay.setOnline(true);
    await until(store, () =>
      store.state.threads.get(key)?.status === "ready" &&
      store.state.pending.get(pending.id)?.status === "open", "still there");
    ok(pending.kind === "command");
    store.actions.decide(pending.id, pending.decisions[0].id);
    await until(store, () => idle(store, key), "the end");
    equal(texts(store, key)[0].match(/t\d{5}/g)?.length, 20);
    equal(store.state.pending.size, 0);
  },
);

withStore(
  "a killed app-server makes its approvals unanswerable and the old decision too late",
  async ({ store, relay }) => {
    // Request ids begin at 0 with each app-server.
    await codex.restart();
    relay.anchor.restart();
    relay.setOnline(true);
    const back = () => store.state.machines.get("m_test");
    await until(
      store,
      () => back()?.incarnation === relay.anchor.incarnation && back()?.status === "ready",
      "codex is back",
    );
    const { key } = await begin(
      store,
      script({ exec: { cmd: "touch never-1", escalated: true } }, { say: "x" }),
    );
    const pending = await asked(store, key);
    ok(pending.kind === "command");
    relay.setOnline(false);
    await until(
      store,
      () => selectLink(store.state, "m_test").status === "machine-offline",
      "offline",
    );
    const sent = store.actions.decide(pending.id, pending.decisions[0].id);
    await codex.restart();
    relay.anchor.restart();
    // Another command waits under the same request id.
    const other = await begin2(relay, script({ exec: { cmd: "touch never-2", escalated: true } }));
    relay.setOnline(true);
    await until(store, () => store.state.sent.get(sent)?.mark === "too-late", "too late");
    const card = store.state.pending.get(pending.id);
    equal([card?.status, card?.goneReason], ["gone", "app-server-ended"]);
    const waiting = await until(
      store,
      () => selectInbox(store.state).find((one) => one.status === "open"),
      "the other one",
    );
    equal([waiting.requestId, waiting.threadId], [pending.requestId, other]);
    for (const name of ["never-1", "never-2"]) {
      ok(
        !(await Deno.stat(`${work}/${name}`).then(() => true, () => false)),
        `${name} was made`,
      );
    }
    store.actions.dismiss(pending.id);
    ok(!store.state.pending.has(pending.id));
    await store.actions.openThread(key);
    await until(
      store,
      () => store.state.threads.get(key)?.turns.at(-1)?.status === "interrupted",
      "interrupted",
    );
    store.actions.decide(waiting.id, "cancel");
    await until(store, () => !store.state.pending.has(waiting.id), "cancelled");
  },
);

/** Starts a task on a connection of its own, without a page. @param {Relay} relay @param {string} text */
async function begin2(relay, text) {
  const socket = new WebSocket(`ws://127.0.0.1:${relay.anchor.codex.port}/`);
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

withStore("signed out, the state is empty and nothing is dialled", async ({ store, relay }) => {
  await store.actions.signOut();
  equal([store.state.account.status, store.state.rows.size, store.state.machines.size], [
    "signed-out",
    0,
    0,
  ]);
  relay.signedIn = false;
  store.actions.reconnect();
  await until(store, () => store.state.link.status === "refused", "refused");
  equal(store.state.link.reason, "signed-out");
});

Deno.test({
  name: "codex and the model end",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () => codex.close(),
});
