// The store against the real codex: what a person does.
import { selectProjects, selectRows } from "../../web/state/select.js";
import { equal, ok } from "./support/random.js";
import {
  asked,
  begin,
  codex,
  endCodex,
  idle,
  made,
  script,
  texts,
  until,
  withStore,
  work,
} from "./support/pages.js";

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
    await made(`${work}/made-1`);
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

endCodex();
