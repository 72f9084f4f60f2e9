import { deepStrictEqual as equal, ok } from "node:assert";
import { AnsiReader } from "../../web/text/ansi.js";

/** @param {...string} pieces @returns {[string, string][]} text and the styles that are set */
function read(...pieces) {
  const reader = new AnsiReader();
  return pieces.flatMap((piece) => reader.read(piece)).map(({ text, style }) => [
    text,
    Object.entries(style).filter(([, value]) => value).map(([name, value]) =>
      value === true ? name : `${name}=${value}`
    )
      .join(" "),
  ]);
}

Deno.test("ansi: colours and weights, of 16, 256 and all", () => {
  equal(read("a\u001b[1;31mb\u001b[0mc\u001b[92;44md\u001b[39;49me"), [
    ["a", ""],
    ["b", "color=red bold"],
    ["c", ""],
    ["d", "color=bright-green background=blue"],
    ["e", ""],
  ]);
  equal(read("\u001b[38;5;196ma\u001b[48;5;244mb\u001b[m\u001b[38;2;1;2;255mc\u001b[38;5;3md"), [
    ["a", "color=#ff0000"],
    ["b", "color=#ff0000 background=#808080"],
    ["c", "color=#0102ff"],
    ["d", "color=yellow"],
  ]);
});

Deno.test("ansi: sequences may come in pieces", () => {
  const text =
    "x\u001b[1;32mgreen\u001b]8;;https://e.example\u001b\\link\u001b]8;;\u0007 end\u001b[0m.";
  const whole = [["x", ""], ["greenlink end", "color=green bold"], [".", ""]];
  for (let cut = 1; cut < text.length; cut++) {
    /** @type {[string, string][]} */
    const joined = [];
    for (const [part, style] of read(text.slice(0, cut), text.slice(cut))) {
      const last = joined.at(-1);
      if (last && last[1] === style) last[0] += part;
      else joined.push([part, style]);
    }
    equal(joined, whole, `cut at ${cut}`);
  }
});

Deno.test("ansi: everything but colour is dropped", () => {
  const text =
    "\u001b]0;title\u0007a\u001b[2J\u001b[10;10Hb\u001bPq#0\u001b\\c\u001b(Bd\u0000\u0007\u0008e\u009b31mf";
  equal(read(text).map(([part]) => part).join(""), "abcdef");
  equal(read("\u001b]52;c;aGk=\u0007x"), [["x", ""]]);
});

Deno.test("ansi: bombs stay small", () => {
  const reader = new AnsiReader();
  const changes = Array.from({ length: 50_000 }, (_, at) => `\u001b[${30 + at % 8}mx`).join("");
  const runs = reader.read(changes);
  equal(runs.map((run) => run.text).join(""), "x".repeat(50_000));
  ok(runs.length <= 4001, `${runs.length} runs`);

  equal(
    read("\u001b[" + "1;".repeat(100_000) + "31mx").map(([part]) => part).join("").slice(-1),
    "x",
  );
  // Each would be a node on the page, and be found by a search through all that follows.
  const idle = new AnsiReader().read("\u001b[mx".repeat(1_000_000));
  equal(idle.map(({ text }) => text.length), [1_000_000]);

  // A string that never ends hides no more than its bound.
  const open = new AnsiReader();
  let shown = 0;
  for (let at = 0; at < 100; at++) {
    for (const run of open.read(at === 0 ? "\u001b]" + "a".repeat(1000) : "a".repeat(1000))) {
      shown += run.text.length;
    }
  }
  ok(shown > 90_000);
});
