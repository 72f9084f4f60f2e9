// Pages of history as a thread's turns: their order, and what a page replaces.
import { mergePage, pageOfItems } from "../../web/state/history.js";
import { createThread } from "../../web/state/thread.js";
import { equal, ok } from "./support/random.js";

const quiet = () => {};

Deno.test("older pages go in front, a newest page that does not meet the rest replaces it", () => {
  const thread = createThread("m", "t");
  const entry = (/** @type {number} */ n) => ({
    turnId: `u${Math.floor(n / 4)}`,
    item: { type: "agentMessage", id: `a${n}`, text: `${n}` },
  });
  const entries = [...Array(40).keys()].map(entry).reverse();
  const metas = [...Array(10).keys()].map((n) => ({
    id: `u${n}`,
    status: "completed",
    startedAt: n,
  })).reverse();
  const ids = () => thread.turns.flatMap((turn) => turn.items.map((item) => item.id));
  mergePage(thread, pageOfItems(entries.slice(0, 10), metas.slice(0, 4), true), true, true, quiet);
  equal(ids()[0], "a30");
  equal(thread.older, "more");
  mergePage(thread, pageOfItems(entries.slice(10, 30), metas, false), false, true, quiet);
  mergePage(thread, pageOfItems(entries.slice(30), metas, false), false, false, quiet);
  equal(ids(), [...Array(40).keys()].map((n) => `a${n}`));
  equal(thread.older, "none");
  equal(thread.turns.length, 10);
  const same = thread.turns[9].items[3];
  equal(
    mergePage(thread, pageOfItems(entries.slice(0, 10), metas, true), true, true, quiet),
    false,
  );
  equal(ids().length, 40);
  ok(thread.turns[9].items[3] === same, "what is there stays the same object");
  const far = [...Array(5).keys()].map((n) => entry(n + 100)).reverse();
  mergePage(thread, pageOfItems(far, [], true), true, true, quiet);
  equal(ids(), ["a100", "a101", "a102", "a103", "a104"]);
  equal(thread.older, "more");
});

Deno.test("a page's turns stand in the order of their items, those without items where their facts say", () => {
  const meta = (/** @type {string} */ id) => ({ id, status: "completed" });
  const entry = (/** @type {string} */ turnId) => ({
    turnId,
    item: { type: "agentMessage", id: `${turnId}-item`, text: "" },
  });
  /** @param {string[]} items newest first @param {string[]} metas newest first */
  const order = (items, metas) =>
    pageOfItems(items.map(entry), metas.map(meta), true).map((turn) => turn.id).join(" ");
  // What codex began after it was asked for the turns: a queued prompt that it took up when the thread was resumed.
  equal(order(["new", "b", "a"], ["b", "a"]), "a b new");
  equal(order(["new", "a"], ["c", "b", "a"]), "a b c new");
  equal(order(["new"], ["b", "a"]), "a b new");
  // Older than what it was asked for.
  equal(order(["c", "a"], ["d", "c", "b"]), "a b c d");
  equal(order([], ["b", "a"]), "a b");
});
