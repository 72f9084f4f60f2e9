// What the thread's views decide before they make a node.
import { deepStrictEqual as equal, ok } from "node:assert";
import { permissionLines } from "../../web/views/cards/permissions.js";
import { hashOf, parseRoute } from "../../web/views/route.js";
import { createDeltas } from "../../web/views/thread/deltas.js";
import { countGroup, entriesOf, hasFailed } from "../../web/views/thread/entries.js";
import { stepBack } from "../../web/views/thread/transcript.js";
import { speak, withWords } from "../../web/words/words.js";

let ids = 0;
/** @param {string} type @param {any} [data] @param {boolean} [done] @returns {any} */
const item = (type, data = {}, done = true) => {
  const id = data.id ?? `i${ids++}`;
  return {
    id,
    type,
    data: { id, type, ...data },
    done,
    startedAt: 0,
    completedAt: 0,
    clientId: null,
  };
};
const read = (/** @type {string} */ path, more = {}) =>
  item("commandExecution", {
    command: `cat ${path}`,
    exitCode: 0,
    status: "completed",
    commandActions: [{ type: "read", path, name: path }],
    ...more,
  });
const run = (/** @type {any} */ more = {}, done = true) =>
  item("commandExecution", {
    command: "make",
    exitCode: 0,
    status: "completed",
    commandActions: [{ type: "unknown" }],
    ...more,
  }, done);
const say = () => item("agentMessage", { text: "words" });
const think = (text = "**a**") => item("reasoning", { summary: [text], content: [] });
/** @param {any[]} items */
const shape = (items) =>
  entriesOf(items).map((entry) =>
    entry.items.map((each) => each.type[0] + (each.data.command ?? "")).join("+")
  );

Deno.test("entries: what only looked and ran is one line, with the thoughts between", () => {
  equal(shape([say(), think(), read("a"), think(), run(), say()]), ["a", "r+ccat a+r+cmake", "a"]);
  equal(shape([read("a"), say(), read("b")]), ["ccat a", "a", "ccat b"]);
  equal(shape([think(), read("a")]), ["r", "ccat a"]);
  // Thoughts after the last tool belong to what comes.
  equal(shape([read("a"), read("b"), think()]), ["ccat a+ccat b", "r"]);
});

Deno.test("entries: what fails, goes on or is one's own stands alone", () => {
  equal(shape([read("a"), run({ exitCode: 2, status: "failed" }), read("b"), read("c")]), [
    "ccat a",
    "cmake",
    "ccat b+ccat c",
  ]);
  equal(shape([read("a"), read("b"), run({ exitCode: null, status: "inProgress" }, false)]), [
    "ccat a+ccat b",
    "cmake",
  ]);
  equal(shape([run({ source: "userShell" }), run()]), ["cmake", "cmake"]);
  equal(
    shape([item("reasoning", { summary: [], content: [] }), item("agentMessage", { text: " " })]),
    [],
  );
  equal(shape([item("somethingNew", { text: 1 })]), ["s"]);
});

Deno.test("entries: the key of a group stays while it grows", () => {
  const items = [read("a"), read("b")];
  const key = entriesOf(items)[0].key;
  items.push(think(), run());
  equal(entriesOf(items)[0].key, key);
});

Deno.test("entries: a search without a hit did not fail, a declined or broken call did", () => {
  const search = { commandActions: [{ type: "search" }], exitCode: 1, status: "failed" };
  ok(!hasFailed(run(search)));
  ok(hasFailed(run({ ...search, exitCode: 2 })));
  ok(hasFailed(run({ status: "declined", exitCode: null })));
  ok(hasFailed(item("mcpToolCall", { status: "completed", error: { message: "x" } })));
  ok(hasFailed(item("dynamicToolCall", { status: "completed", success: false })));
  equal(
    countGroup([read("a"), read("a"), read("b"), run(search), run(), think(), item("webSearch")]),
    {
      files: 2,
      searches: 1,
      lists: 0,
      commands: 1,
      tools: 0,
      web: 1,
    },
  );
});

Deno.test("entries: codex's items of any form break nothing", () => {
  const strange = [null, {}, { commandActions: null }, { commandActions: [null] }, {
    changes: 3,
    summary: null,
    content: null,
  }];
  for (const data of strange) {
    for (
      const type of [
        "commandExecution",
        "reasoning",
        "agentMessage",
        "fileChange",
        "mcpToolCall",
        "webSearch",
        "x",
      ]
    ) {
      for (const done of [true, false]) {
        const made = item(type, { ...data }, done);
        entriesOf([made, made]).forEach((entry) => countGroup(entry.items));
      }
    }
  }
});

Deno.test("transcript: stepping back gives every item once, whatever the turns' sizes", () => {
  for (const sizes of [[1], [10_000], [3, 1, 0, 7], [0, 0, 5], Array(300).fill(4)]) {
    /** @type {any[]} */
    const turns = sizes.map((size, turn) => ({
      id: `t${turn}`,
      items: Array.from({ length: size }, (_, at) => ({ id: `${turn}.${at}` })),
    }));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    /** @param {{turn: string, item: string | null} | null} start */
    const shown = (start) => {
      const at = turns.findIndex((turn) => turn.id === start?.turn);
      const within = start?.item
        ? turns[at].items.findIndex((/** @type {any} */ each) => each.id === start.item)
        : 0;
      ok(at >= 0 && within >= 0);
      return turns.slice(at).reduce((sum, turn) => sum + turn.items.length, 0) - within;
    };
    let start = stepBack(turns, null, 60);
    equal(shown(start), Math.min(60, total));
    for (let steps = 0; shown(start) < total; steps++) {
      const before = shown(start);
      start = stepBack(turns, start, 120);
      equal(shown(start), Math.min(before + 120, total));
      ok(steps < 200);
    }
  }
  equal(stepBack([], null, 60), null);
});

Deno.test("routes: an address and its page are the same thing", () => {
  /** @type {import("../../web/views/route.js").Route[]} */
  const routes = [
    { page: "list" },
    { page: "inbox" },
    { page: "settings", part: "" },
    { page: "settings", part: "log" },
    { page: "archived" },
    { page: "new", machine: null, cwd: null },
    { page: "new", machine: "m_1", cwd: "/home/a b/#?&=%" },
    { page: "thread", key: "m_1/01a1-7" },
    { page: "thread", key: "m_1/a b/c?d#e%" },
  ];
  for (const route of routes) equal(parseRoute(hashOf(route)), route);
  for (const hash of ["", "#", "#/nothing", "#/thread/x", "#/%", "#x"]) {
    equal(parseRoute(hash), { page: "list" });
  }
  equal(parseRoute("#/thread/%/%zz"), { page: "thread", key: "%/%zz" });
});

Deno.test("permissions: every part of a request is a line, known or not", async () => {
  /** @type {any} */ (globalThis).document = { documentElement: {} };
  await speak("en");
  await withWords(Promise.resolve());
  delete (/** @type {any} */ (globalThis).document);
  const lines = permissionLines({
    network: { enabled: true },
    fileSystem: {
      read: ["/a"],
      write: ["/b"],
      entries: [
        { path: { type: "path", path: "/c" }, access: "write" },
        { path: { type: "glob_pattern", pattern: "*.key" }, access: "deny" },
        { path: { type: "special", value: { kind: "tmpdir" } }, access: "read" },
      ],
    },
    microphone: { enabled: true },
  });
  equal(lines.map(({ name, value }) => `${name}: ${value}`), [
    "Network: access",
    "May read: /a",
    "May write: /b",
    "May write: /c",
    "Blocked: *.key",
    "May read: <tmpdir>",
    'microphone: {"enabled":true}',
  ]);
  equal(permissionLines(null), []);
});

Deno.test("deltas: a lone token is shown at once, a burst once a frame, a flood in parts", () => {
  /** @type {(() => void)[]} */
  let frames = [];
  /** @type {any} */ (globalThis).requestAnimationFrame = (/** @type {() => void} */ work) =>
    frames.push(work);
  /** @type {any} */ (globalThis).cancelAnimationFrame = () => frames = [];
  const frame = () => {
    const works = frames;
    frames = [];
    for (const work of works) work();
  };
  /** @type {Record<string, number>} */
  const text = { a: 0, b: 0 };
  /** @type {Record<string, number>} */
  const shown = { a: 0, b: 0 };
  let applied = 0;
  const deltas = createDeltas((_, id, room) => {
    applied++;
    shown[id] = Math.min(text[id], shown[id] + room);
    return text[id] - shown[id];
  }, () => {});
  const grow = (/** @type {string} */ id, /** @type {number} */ by) => {
    text[id] += by;
    deltas.take({ turn: "t", item: id });
  };
  grow("a", 5);
  equal([shown.a, applied], [5, 1]);
  for (let at = 0; at < 100; at++) grow(at % 2 ? "a" : "b", 3);
  equal([shown.a, shown.b, applied], [5, 0, 1]);
  frame();
  equal([shown, applied], [text, 3]);
  frame();
  equal(frames.length, 0);
  grow("b", 1);
  equal([shown.b, applied], [text.b, 4]);
  frame();
  grow("a", 1_000_000);
  grow("b", 7);
  let count = 0;
  while (frames.length && count++ < 1000) frame();
  equal(shown, text);
  ok(count > 10 && count < 200);
  deltas.stop();
});
