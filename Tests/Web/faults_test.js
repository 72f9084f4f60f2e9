// The store against the real codex: what survives the faults between page and app-server.
import { createMemoryKeep } from "../../web/keep/keep.js";
import { selectInbox, selectLink } from "../../web/state/select.js";
import { equal, ok } from "./support/random.js";
import {
  asked,
  begin,
  beginElsewhere,
  codex,
  endCodex,
  idle,
  prompts,
  script,
  texts,
  until,
  withStore,
  work,
} from "./support/pages.js";

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
    await again.actions.openThread(key);
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
    const other = await beginElsewhere(script({ exec: { cmd: "touch never-2", escalated: true } }));
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

endCodex();
