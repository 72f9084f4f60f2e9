import { deepStrictEqual as equal, ok } from "node:assert";
import { parseBlocks } from "../../web/text/blocks.js";
import { parseInlines } from "../../web/text/inlines.js";
import { bareLinks, safeLink } from "../../web/text/links.js";

/** The kinds of a text's blocks, with what lies in them. @param {any[]} blocks @returns {any[]} */
const shape = (blocks) =>
  blocks.map((block) =>
    block.t === "list"
      ? [
        block.ordered ? `ol${block.start}` : "ul",
        ...block.items.map((/** @type {any} */ item) => shape(item.b)),
      ]
      : block.t === "quote"
      ? ["quote", ...shape(block.b)]
      : block.t === "code"
      ? ["code", block.language, block.text]
      : block.t === "h"
      ? [`h${block.level}`, ...block.c]
      : block.t === "table"
      ? ["table", block.head, block.rows]
      : block.t === "p"
      ? block.c
      : [block.t]
  );
/** @param {string} text */
const read = (text) => shape(parseBlocks(text));
/** @param {string} t @param {...any} c */
const tag = (t, ...c) => ({ t, c });
const br = { t: "br" };

Deno.test("markdown: headings, rules and paragraphs", () => {
  equal(read("# One ##\n## Two\n#nothing\ntext\n\n---\nend"), [
    ["h1", "One"],
    ["h2", "Two"],
    ["#nothing", br, "text"],
    ["rule"],
    ["end"],
  ]);
  equal(read("# \n####### seven"), [["h1"], ["####### seven"]]);
});

Deno.test("markdown: fences keep their text, also when they are still open", () => {
  equal(read("```js\nlet a;\n\n\tb\n```\nafter"), [["code", "js", "let a;\n\n\tb"], ["after"]]);
  equal(read("~~~~\n```\n~~~\n~~~~"), [["code", "", "```\n~~~"]]);
  equal(parseBlocks("```sh\nls"), [{
    from: 0,
    t: "code",
    language: "sh",
    text: "ls",
    closed: false,
  }]);
  equal(read("    indented\n\n    more\n\nout"), [["code", "", "indented\n\nmore"], ["out"]]);
});

Deno.test("markdown: lists nest, number, and end", () => {
  equal(read("- a\n- b\n  - c\n  - d\n- e"), [["ul", [["a"]], [["b"], ["ul", [["c"]], [["d"]]]], [[
    "e",
  ]]]]);
  equal(read("3. x\n4. y\n\n   more\n\nafter"), [["ol3", [["x"]], [["y"], ["more"]]], ["after"]]);
  equal(read("1. a\n   ```sh\n   - not a list\n   ```\n2. b"), [
    ["ol1", [["a"], ["code", "sh", "- not a list"]], [["b"]]],
  ]);
  equal(read("the year\n1984. was\n"), [["the year", br, "1984. was"]]);
  const [list] = /** @type {any[]} */ (parseBlocks("- [x] done\n- [ ] open"));
  equal(list.items.map((/** @type {any} */ item) => item.task), [true, false]);
});

Deno.test("markdown: quotes and tables", () => {
  equal(read("> a\n> - b\n\nout"), [["quote", ["a"], ["ul", [["b"]]]], ["out"]]);
  equal(read("| a | b |\n|:--|--:|\n| 1 | `x|y` |\n| 2 |\nend"), [
    ["table", [["a"], ["b"]], [[["1"], [{ t: "code", text: "x|y" }]], [["2"], []]]],
    ["end"],
  ]);
  equal(read("a | b\nc | d"), [["a | b", br, "c | d"]]);
});

Deno.test("markdown: emphasis as CommonMark pairs it", () => {
  equal(parseInlines("a *b* **c** ~~d~~"), [
    "a ",
    tag("em", "b"),
    " ",
    tag("strong", "c"),
    " ",
    tag("del", "d"),
  ]);
  equal(parseInlines("***x*** snake_case_name 2 * 3 * 4"), [
    tag("em", tag("strong", "x")),
    " snake_case_name 2 * 3 * 4",
  ]);
  equal(parseInlines("**a *b* c**"), [tag("strong", "a ", tag("em", "b"), " c")]);
  equal(parseInlines("*open **both"), ["*open **both"]);
  equal(parseInlines("\\*no\\* `*no*` &amp; &lt;b&gt; &#65; &nope;"), [
    "*no* ",
    { t: "code", text: "*no*" },
    " & <b> A &nope;",
  ]);
});

Deno.test("markdown: only http, https and mailto become links", () => {
  const link = { t: "a", href: "https://a.example/b", host: "a.example" };
  equal(parseInlines("[x](https://a.example/b)"), [{ ...link, c: ["x"] }]);
  equal(parseInlines("see https://a.example/b."), [
    "see ",
    { ...link, c: ["https://a.example/b"] },
    ".",
  ]);
  equal(parseInlines("<https://a.example/b>"), [{ ...link, c: ["https://a.example/b"] }]);
  for (
    const url of [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "data:text/html,x",
      "vbscript:x",
      "file:///etc/passwd",
      "blob:x",
      "//a.example/x",
      "/relative",
      "java\u0000script:alert(1)",
      "https://user:pass@a.example/",
      "https://bank.example@evil.example/",
      "https:\\\\evil.example",
      "http://",
    ]
  ) {
    equal(safeLink(url), null, url);
    ok(!JSON.stringify(parseInlines(`[x](${url}) <${url}>`)).includes('"t":"a"'), url);
  }
  equal(safeLink("https://аррӏе.com/")?.host, "xn--80ak6aa92e.com");
  equal(safeLink("mailto:a@b.example?subject=x")?.host, "a@b.example");
});

Deno.test("markdown: nothing links to the page's own host, whose cookie goes to every port of it", () => {
  const own = "codex-remote.localhost";
  for (const path of [":5173/", ":4390/#code=BCDF-GHJK", "/", ":443/x"]) {
    equal(safeLink(`http://${own}${path}`, own), null, path);
  }
  equal(safeLink("http://CODEX-remote.localhost:5173/", own), null);
  equal(safeLink("http://localhost:5173/", own)?.host, "localhost:5173");
  equal(
    safeLink("http://other.codex-remote.localhost/", own)?.host,
    "other.codex-remote.localhost",
  );
});

Deno.test("markdown: an image is a link to it, never an image", () => {
  equal(parseInlines("![alt](https://e.example/p.png)"), [
    { t: "image", href: "https://e.example/p.png", host: "e.example", c: ["alt"] },
  ]);
  // A link around an image, or in a link's words, stays one link.
  const nested = JSON.stringify(
    parseInlines("[![a](https://e.example/p.png)](https://f.example/)"),
  );
  equal(nested.match(/"t":"(a|image)"/g)?.length, 1);
});

Deno.test("markdown: markup is text", () => {
  equal(parseInlines("<img src=x onerror=alert(1)>"), ["<img src=x onerror=alert(1)>"]);
  equal(read("<script>\nalert(1)\n</script>"), [["<script>", br, "alert(1)", br, "</script>"]]);
});

Deno.test("markdown: bare links end before the sentence does", () => {
  const text = "(see https://a.example/x_(y)) and https://b.example/?q=1, or https://c.example/.";
  equal(bareLinks(text).map(({ from, to }) => text.slice(from, to)), [
    "https://a.example/x_(y)",
    "https://b.example/?q=1",
    "https://c.example/",
  ]);
});

Deno.test("markdown: parsing on from the last block gives what the whole text gives", () => {
  const text =
    "# Title\n\npara *one*\nline two\n\n- a\n- b\n\n  deep\n\n```js\nlet x = 1;\n\nlet y;\n```\n\n" +
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n> quote\n\n1. one\n2. two\n\nlast **word**\r\n\r\nand more\n";
  for (let step = 1; step < 9; step++) {
    let settled = 0;
    /** @type {any[]} */
    let before = [];
    for (let end = 0; end < text.length + step; end += step) {
      const part = text.slice(0, end);
      const tail = parseBlocks(part.slice(settled)).map((block) => ({
        ...block,
        from: block.from + settled,
      }));
      const all = [...before, ...tail];
      equal(all, parseBlocks(part), `step ${step}, ${end} characters`);
      settled = tail.at(-1)?.from ?? settled;
      before = all.slice(0, -1);
    }
  }
});

Deno.test("markdown: hostile text costs no more than its length, and nests no deeper than the bound", () => {
  // What grew with the square of the length would take minutes here instead of milliseconds.
  const n = 50_000;
  const many = 1_000_000;
  const bombs = [
    "[".repeat(n),
    "~".repeat(n) + "`",
    "`".repeat(n) + "~`",
    "![".repeat(n / 2),
    "*a".repeat(n / 2),
    "**a ".repeat(n / 4),
    "a**".repeat(n / 3),
    "_a _ ".repeat(n / 5),
    "[](a".repeat(n / 4),
    "https://" + ")".repeat(n),
    ">".repeat(many),
    "- ".repeat(many / 2),
    "# " + " ".repeat(many) + "x",
    "```" + " ".repeat(many) + "`",
    "|".repeat(many) + "\n|-",
    "a|b\n-" + " ".repeat(many) + "x",
    "-" + " ".repeat(many) + "x",
    "<".repeat(n),
    "&#".repeat(n / 2),
    Array.from({ length: 300 }, (_, at) => "`".repeat(at + 1)).join(" "),
    Array.from({ length: 500 }, (_, at) => " ".repeat(at * 2) + "- x").join("\n"),
    Array.from({ length: 500 }, (_, at) => "> ".repeat(at) + "x").join("\n"),
    "` " + " ".repeat(n) + "`",
    "a\n" + " \n".repeat(many / 2),
    "**a _b ".repeat(30) + "c" + "_ **".repeat(30),
  ];
  for (const bomb of bombs) ok(depth(parseBlocks(bomb)) <= 40);
});

/** @param {any} value @returns {number} */
function depth(value) {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}
