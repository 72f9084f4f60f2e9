// The reducers of a thread: whatever the moment a page joins, it ends with the text that codex streamed.
import { applyNotification, createThread } from "../../web/state/thread.js";
import { mergePage, pageOfItems, pageOfTurns } from "../../web/state/history.js";
import { applyRunning, loseFlight } from "../../web/state/running.js";
import { joinStreams, pushDelta } from "../../web/state/flight.js";
import { equal, forSeeds, seed } from "./support/random.js";

console.log(`SEED=${seed}`);

/** @typedef {{method: string, params: any, ms: number}} Event */
const quiet = () => {};
const METHODS = /** @type {const} */ ([
  ["agentMessage", "item/agentMessage/delta", "text"],
  ["plan", "item/plan/delta", "text"],
  ["reasoning", "item/reasoning/summaryTextDelta", "summary"],
  ["commandExecution", "item/commandExecution/outputDelta", "aggregatedOutput"],
]);

/**
 * The events of one running turn: items one after the other (two at a time now and then), deltas that share ms.
 * @param {() => number} random @param {string} letters
 */
function makeTurn(random, letters) {
  /** @type {Event[]} */
  const events = [];
  let ms = 1000;
  const later = () => ms += random() < 0.5 ? 0 : Math.floor(random() * 3);
  /** @param {string} method @param {any} params */
  const put = (method, params) => {
    events.push({ method, params: { threadId: "t", turnId: "u", ...params }, ms: later() });
  };
  put("turn/started", { turn: { id: "u", status: "inProgress", items: [] } });
  put("item/completed", {
    item: { type: "userMessage", id: "first", clientId: "c1", content: [] },
  });
  /** @type {{id: string, kind: number, data: any}[]} */
  const open = [];
  let next = 0;
  for (let step = 0; step < 60; step++) {
    const dice = random();
    if (open.length === 0 || (dice < 0.1 && open.length < 2)) {
      const kind = Math.floor(random() * METHODS.length);
      const data = { type: METHODS[kind][0], id: `i${next++}` };
      open.push({ id: data.id, kind, data });
      put("item/started", { item: { ...data } });
    } else {
      const one = open[Math.floor(random() * open.length)];
      const [, method, field] = METHODS[one.kind];
      if (dice > 0.95) {
        open.splice(open.indexOf(one), 1);
        put("item/completed", { item: structuredClone(one.data) });
        continue;
      }
      let delta = "";
      for (let i = 0; i <= random() * 4; i++) {
        delta += letters[Math.floor(random() * letters.length)];
      }
      const index = field === "summary"
        ? (one.data.summary?.length > 1 || random() < 0.8 ? 0 : 1)
        : 0;
      if (field === "summary") {
        one.data.summary ??= [];
        while (one.data.summary.length <= index) one.data.summary.push("");
        one.data.summary[index] += delta;
        put(method, { itemId: one.id, delta, summaryIndex: index });
      } else {
        one.data[field] = (one.data[field] ?? "") + delta;
        put(method, { itemId: one.id, delta });
      }
    }
  }
  return events;
}

/** What `anchor/turn/running` answers after `events`. @param {Event[]} events */
function runningAfter(events) {
  /** @type {Map<string, any>} */
  const items = new Map();
  for (const { method, params, ms } of events) {
    if (method === "item/started") {
      items.set(params.item.id, {
        itemId: params.item.id,
        item: structuredClone(params.item),
        deltas: [],
      });
    } else if (method === "item/completed") items.delete(params.item.id);
    else if (params.itemId) {
      const entry = items.get(params.itemId);
      const index = params.summaryIndex ?? 0;
      let kept = entry.deltas.find((/** @type {any} */ d) =>
        d.method === method && d.index === index
      );
      if (!kept) entry.deltas.push(kept = { method, index, text: [] });
      const last = kept.text.at(-1);
      if (last && last[0] === ms) last[1] += params.delta;
      else kept.text.push([ms, params.delta]);
    }
  }
  return { threadId: "t", turnId: "u", truncated: false, items: [...items.values()] };
}

/** thread/items/list and the turn after `events`. @param {Event[]} events */
function historyAfter(events) {
  const entries = events.filter((event) => event.method === "item/completed").map((event) => ({
    turnId: "u",
    item: structuredClone(event.params.item),
    startedAtMs: null,
    completedAtMs: null,
  })).reverse();
  return pageOfItems(entries, [{ id: "u", status: "inProgress", startedAt: 1, items: [] }], true);
}

/** What one sees. @param {import("../../web/types.d.ts").Thread} thread */
function seen(thread) {
  return thread.turns.map((turn) =>
    turn.items.map((item) => [
      item.id,
      item.done,
      item.data.text ?? item.data.summary ?? item.data.aggregatedOutput ?? "",
    ])
  );
}

/** @param {any} thread @param {Event[]} events */
function feed(thread, events) {
  for (const { method, params, ms } of events) {
    applyNotification(thread, method, structuredClone(params), ms, quiet);
  }
}

/** Sorted by id: two items in flight may be listed in either order. @param {any[][]} turns */
const sorted = (turns) => turns.map((items) => items.toSorted((a, b) => (a[0] < b[0] ? -1 : 1)));

for (
  const [name, letters, count] of /** @type {const} */ ([
    ["letters", "abcdefghijklmnopqrstuvwxyz0123456789 é語", 400],
    ["nothing but repetitions", "aab", 400],
  ])
) {
  Deno.test(`a page that joins in mid-turn has the whole text, not doubled: ${name}`, async () => {
    await forSeeds(count, (random) => {
      const events = makeTurn(random, letters);
      const at = (/** @type {number} */ from) =>
        from + Math.floor(random() * (events.length - from + 1));
      const subscribed = 1 + Math.floor(random() * (events.length - 1));
      const history = Math.min(events.length, subscribed + Math.floor(random() * 4));
      const answered = Math.min(events.length, history + Math.floor(random() * 6));
      const end = at(answered);
      const thread = createThread("m", "t");
      feed(thread, events.slice(subscribed, history));
      mergePage(thread, historyAfter(events.slice(0, history)), true, false, quiet);
      feed(thread, events.slice(history, answered));
      // The anchor's own connection may be a few events ahead of or behind the page's.
      const kept = Math.max(
        history,
        Math.min(events.length, answered + Math.floor(random() * 7) - 3),
      );
      thread.unsure = !applyRunning(thread, runningAfter(events.slice(0, kept)), false, quiet);
      feed(thread, events.slice(answered, end));
      let now = end;
      if (thread.unsure) {
        // Asked again a while later: the millisecond in question is over for both.
        while (now < events.length && events[now].ms <= events[end - 1].ms) now++;
        feed(thread, events.slice(end, now));
        applyRunning(thread, runningAfter(events.slice(0, now)), true, quiet);
      }
      const whole = createThread("m", "t");
      feed(whole, events.slice(0, now));
      if (kept <= end) equal(sorted(seen(thread)), sorted(seen(whole)), "after the join");
      thread.unsure = false;
      feed(thread, events.slice(now));
      feed(whole, events.slice(now));
      if (thread.unsure) applyRunning(thread, runningAfter(events), true, quiet);
      equal(sorted(seen(thread)), sorted(seen(whole)), "at the end");
    });
  });
}

Deno.test("a page whose session was reset in mid-turn ends with the whole text", async () => {
  await forSeeds(200, (random) => {
    const events = makeTurn(random, "abcdefghijklmnop");
    const cut = 1 + Math.floor(random() * (events.length - 1));
    const back = cut + Math.floor(random() * (events.length - cut));
    const thread = createThread("m", "t");
    feed(thread, events.slice(0, cut));
    loseFlight(thread);
    mergePage(thread, historyAfter(events.slice(0, back)), true, false, quiet);
    if (!applyRunning(thread, runningAfter(events.slice(0, back)), false, quiet)) {
      applyRunning(thread, runningAfter(events.slice(0, back)), true, quiet);
    }
    const whole = createThread("m", "t");
    feed(whole, events.slice(0, back));
    equal(sorted(seen(thread)), sorted(seen(whole)));
    feed(thread, events.slice(back));
    feed(whole, events.slice(back));
    if (thread.unsure) applyRunning(thread, runningAfter(events), true, quiet);
    equal(sorted(seen(thread)), sorted(seen(whole)));
  });
});

Deno.test("the join is right when the anchor merged deltas of many milliseconds on the way", () => {
  const anchor =
    /** @type {[number, string][]} */ ([[1, "one "], [5, "two "], [9, "three "], [12, "four "]]);
  equal(joinStreams(anchor, [[9, "two three four five "]]).text, "one two three four five ");
  equal(joinStreams(anchor, [[9, "three four "], [20, "six"]]).text, "one two three four six");
  equal(joinStreams(anchor, []).text, "one two three four ");
  equal(joinStreams([], [[1, "x"]]).text, "x");
});

Deno.test("text in flight: a delta that is stamped a little later here than at the anchor is there once", async () => {
  const words = Array.from({ length: 60 }, (_, i) => `t${String(i).padStart(3, "0")} `);
  const whole = words.join("");
  await forSeeds(400, (random) => {
    // A few tokens a millisecond; the page has them up to 3 ms later, from one of them on.
    let ms = 1000;
    const stamps = words.map(() => ms += Math.floor(random() * 2));
    const late = Math.floor(random() * 4);
    const from = Math.floor(random() * 30);
    const seen = from + 1 + Math.floor(random() * 20);
    const known = Math.floor(random() * 40) + 1;
    /** @param {number} start @param {number} end @param {number} shift @returns {[number, string][]} */
    const stream = (start, end, shift) => {
      /** @type {[number, string][]} */
      const made = [];
      for (let i = start; i < end; i++) pushDelta(made, stamps[i] + shift, words[i]);
      return made;
    };
    // The anchor answers after the page began to get its own.
    const own = stream(from, Math.max(seen, known), late);
    const first = joinStreams(stream(0, Math.max(known, from), 0), own);
    equal(first.text, words.slice(0, Math.max(seen, known)).join(""));
    const again = joinStreams(stream(0, 60, 0), stream(from, 60, late), true);
    equal(again.text, whole);
  });
});

Deno.test("a completed item wins, and nothing unknown breaks anything", () => {
  const thread = createThread("m", "t");
  const about = { threadId: "t", turnId: "u" };
  feed(thread, [
    { method: "turn/started", params: { threadId: "t", turn: { id: "u" } }, ms: 1 },
    {
      method: "item/started",
      params: { ...about, item: { type: "hologram", id: "h", beam: 3 } },
      ms: 1,
    },
    {
      method: "item/started",
      params: { ...about, item: { type: "agentMessage", id: "a", text: "" } },
      ms: 1,
    },
    { method: "item/agentMessage/delta", params: { ...about, itemId: "a", delta: "wrong" }, ms: 2 },
    { method: "item/agentMessage/delta", params: { ...about, itemId: "a" }, ms: 2 },
    { method: "item/holographic/delta", params: { ...about, itemId: "h", delta: "x" }, ms: 2 },
    { method: "item/started", params: {}, ms: 2 },
    { method: "thread/never/heard", params: null, ms: 2 },
    {
      method: "item/completed",
      params: { ...about, item: { type: "agentMessage", id: "a", text: "right" } },
      ms: 3,
    },
    { method: "item/agentMessage/delta", params: { ...about, itemId: "a", delta: "late" }, ms: 4 },
  ]);
  equal(thread.turns[0].items.map((item) => [item.type, item.data.text ?? null, item.done]), [
    ["hologram", null, false],
    ["agentMessage", "right", true],
  ]);
  feed(thread, [{
    method: "turn/completed",
    params: {
      threadId: "t",
      turn: {
        id: "u",
        status: "failed",
        error: { message: "m", codexErrorInfo: "usageLimitExceeded" },
      },
    },
    ms: 5,
  }]);
  equal([thread.running, thread.turns[0].error?.kind, thread.turns[0].items[0].done], [
    null,
    "usageLimitExceeded",
    true,
  ]);
});

Deno.test("unpaginated history, whose items have other ids, is matched by content", () => {
  const thread = createThread("m", "t");
  const about = { threadId: "t", turnId: "u" };
  feed(thread, [
    { method: "turn/started", params: { threadId: "t", turn: { id: "u" } }, ms: 1 },
    {
      method: "item/completed",
      params: { ...about, item: { type: "userMessage", id: "x1", clientId: "c", content: [] } },
      ms: 1,
    },
    {
      method: "item/completed",
      params: { ...about, item: { type: "agentMessage", id: "m1", text: "yes" } },
      ms: 1,
    },
    {
      method: "item/completed",
      params: { ...about, item: { type: "agentMessage", id: "m2", text: "yes" } },
      ms: 1,
    },
    {
      method: "item/started",
      params: { ...about, item: { type: "agentMessage", id: "m3", text: "" } },
      ms: 1,
    },
  ]);
  const turn = {
    id: "u",
    status: "inProgress",
    items: [
      { type: "userMessage", id: "item-1", clientId: "c", content: [] },
      { type: "agentMessage", id: "item-2", text: "yes" },
      { type: "agentMessage", id: "item-3", text: "yes" },
    ],
  };
  mergePage(thread, pageOfTurns([turn]), true, false, quiet);
  equal(thread.turns[0].items.map((item) => item.id), ["x1", "m1", "m2", "m3"]);
});

Deno.test("50,000 deltas and 10,000 items cost no more than their number", () => {
  const thread = createThread("m", "t");
  const about = { threadId: "t", turnId: "u" };
  feed(thread, [{
    method: "item/started",
    params: { ...about, item: { type: "agentMessage", id: "a", text: "" } },
    ms: 1,
  }]);
  for (let i = 0; i < 50_000; i++) {
    applyNotification(
      thread,
      "item/agentMessage/delta",
      { ...about, itemId: "a", delta: `token${i} ` },
      i,
      quiet,
    );
  }
  equal(thread.turns[0].items[0].data.text.split(" ").length, 50_001);
  const entries = [...Array(10_000).keys()].map((n) => ({
    turnId: `v${Math.floor(n / 100)}`,
    item: { type: "agentMessage", id: `b${n}`, text: `${n}` },
  })).reverse();
  mergePage(createThread("m", "t2"), pageOfItems(entries, [], true), true, false, quiet);
});
