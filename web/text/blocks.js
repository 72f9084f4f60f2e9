// Markdown's blocks: headings, lists, quotes, code, tables. Pure; what is not understood stays text.
import { parseInlines } from "./inlines.js";

/** @import { Inline } from "./inlines.js" */

/**
 * @typedef {{task: boolean | null, b: Block[]}} Item
 */
/**
 * `from` is where the block begins in the parsed text (top level only).
 * @typedef {{from: number} & (
 *   | {t: "p", c: Inline[]}
 *   | {t: "h", level: number, c: Inline[]}
 *   | {t: "code", language: string, text: string, closed: boolean}
 *   | {t: "quote", b: Block[]}
 *   | {t: "list", ordered: boolean, start: number, tight: boolean, items: Item[]}
 *   | {t: "table", align: ("left" | "right" | "center" | "")[], head: Inline[][], rows: Inline[][][]}
 *   | {t: "rule"}
 * )} Block
 */

/** Deeper lists and quotes are shown as text. */
const DEEPEST = 8;
const MAX_COLUMNS = 32;

// None of these may look at a part of a line more than once: the text is not ours, and its lines may be long.
const FENCE = /^ {0,3}(`{3,}(?!`)|~{3,}(?!~))([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t](.*))?$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const BULLET = /^( {0,3})([-*+]|\d{1,9}[.)])(?:([ \t]+)(?=\S)|[ \t]*$)/;
const DELIMITERS = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/**
 * Parses a whole text. The blocks of a text that only grows keep what they are, but for the last one: appending may
 * change that one, so a stream is parsed again from its `from` on.
 * @param {string} text
 * @returns {Block[]}
 */
export function parseBlocks(text) {
  const lines = text.split("\n");
  const clean = text.includes("\r") ? lines.map((line) => line.replace(/\r$/, "")) : lines;
  const blocks = parseLines(clean, 0);
  let line = 0;
  let offset = 0;
  for (const block of blocks) {
    while (line < block.from) offset += lines[line++].length + 1;
    block.from = offset;
  }
  return blocks;
}

/**
 * @param {string[]} lines
 * @param {number} depth
 * @returns {Block[]} with `from` as the number of the first line
 */
function parseLines(lines, depth) {
  /** @type {Block[]} */
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const from = at;
    if (isBlank(line)) {
      at++;
      continue;
    }
    const fence = FENCE.exec(line);
    if (fence) {
      const end = fenceEnd(lines, at + 1, fence[1]);
      const indent = /^ */.exec(line)?.[0].length ?? 0;
      const body = lines.slice(at + 1, end);
      const text = indent ? body.map((each) => dedent(each, indent)).join("\n") : body.join("\n");
      const closed = end < lines.length;
      blocks.push({ from, t: "code", language: fence[2].trim().split(/\s/)[0], text, closed });
      at = end + 1;
      continue;
    }
    const heading = HEADING.exec(line);
    if (heading) {
      blocks.push({ from, t: "h", level: heading[1].length, c: parseInlines(title(heading[2])) });
      at++;
      continue;
    }
    if (RULE.test(line)) {
      blocks.push({ from, t: "rule" });
      at++;
      continue;
    }
    if (/^ {0,3}>/.test(line) && depth < DEEPEST) {
      while (at < lines.length && /^ {0,3}>/.test(lines[at])) at++;
      const inner = lines.slice(from, at).map((each) => each.replace(/^ {0,3}> ?/, ""));
      blocks.push({ from, t: "quote", b: parseLines(inner, depth + 1) });
      continue;
    }
    const bullet = BULLET.exec(line);
    if (bullet && depth < DEEPEST) {
      const list = parseList(lines, at, bullet[2], depth);
      blocks.push({ from, ...list.block });
      at = list.end;
      continue;
    }
    if (/^(?: {4}|\t)/.test(line)) {
      while (at < lines.length && (/^(?: {4}|\t)/.test(lines[at]) || isBlank(lines[at]))) at++;
      while (isBlank(lines[at - 1])) at--;
      const text = lines.slice(from, at).map((each) => each.replace(/^(?: {4}|\t)/, "")).join("\n");
      blocks.push({ from, t: "code", language: "", text, closed: true });
      continue;
    }
    if (line.includes("|") && at + 1 < lines.length && isDelimiters(lines[at + 1])) {
      const head = cells(line);
      const align = cells(lines[at + 1]).map(alignment);
      if (head.length === align.length && head.length <= MAX_COLUMNS) {
        at += 2;
        const rows = [];
        while (at < lines.length && lines[at].includes("|") && !isBlank(lines[at])) {
          const row = cells(lines[at++]);
          rows.push(align.map((_, column) => parseInlines(row[column] ?? "")));
        }
        blocks.push({ from, t: "table", align, head: head.map(parseInlines), rows });
        continue;
      }
    }
    at++;
    while (at < lines.length && !startsBlock(lines[at], depth)) at++;
    const text = lines.slice(from, at).map((each) => each.trimStart()).join("\n").trimEnd();
    blocks.push({ from, t: "p", c: parseInlines(text) });
  }
  return blocks;
}

/** Ends a paragraph? @param {string} line @param {number} depth */
function startsBlock(line, depth) {
  if (isBlank(line) || FENCE.test(line) || HEADING.test(line) || RULE.test(line)) return true;
  if (depth >= DEEPEST) return false;
  if (/^ {0,3}>/.test(line)) return true;
  const bullet = BULLET.exec(line);
  // A number in running text ("… in\n1984. Then") starts no list; 1 does.
  return !!bullet?.[3] && (!/^\d/.test(bullet[2]) || /^1[.)]/.test(bullet[2]));
}

/**
 * @param {string[]} lines @param {number} at @param {string} mark @param {number} depth
 */
function parseList(lines, at, mark, depth) {
  const kind = mark[mark.length - 1];
  const ordered = /\d/.test(mark[0]);
  /** @type {Item[]} */
  const items = [];
  let tight = true;
  for (;;) {
    const bullet = at < lines.length ? BULLET.exec(lines[at]) : null;
    if (!bullet || bullet[2][bullet[2].length - 1] !== kind || RULE.test(lines[at])) break;
    if (/\d/.test(bullet[2][0]) !== ordered) break;
    const spaces = bullet[3]?.length ?? 1;
    const indent = bullet[1].length + bullet[2].length + (spaces > 4 ? 1 : spaces);
    const inner = [lines[at].slice(indent)];
    at++;
    let blanks = 0;
    let fence = FENCE.exec(inner[0])?.[1] ?? null;
    for (; at < lines.length; at++) {
      const line = lines[at].replace(/^\t+/, (tabs) => "    ".repeat(tabs.length));
      if (isBlank(line)) {
        blanks++;
        inner.push("");
        continue;
      }
      const deep = line.startsWith(" ".repeat(indent)) ||
        // Two or three spaces below a number are what models write for a nested item.
        (line.startsWith("  ") && BULLET.test(line.trimStart()) && indent <= 4);
      const opened = /** @type {string | null} */ (fence);
      if (!deep && (blanks > 0 || opened || startsBlock(line, depth) || BULLET.test(line))) break;
      const text = deep ? dedent(line, indent) : line.trimStart();
      const mark = FENCE.exec(text);
      if (opened) fence = mark && !mark[2] && closes(mark[1], opened) ? null : opened;
      else if (mark) fence = mark[1];
      if (blanks > 0 && !opened) tight = false;
      blanks = 0;
      inner.push(text);
    }
    const next = at < lines.length ? BULLET.exec(lines[at]) : null;
    if (blanks > 0 && next && next[2][next[2].length - 1] === kind) tight = false;
    if (blanks > 0 && !next) at -= blanks;
    const task = /^\[([ xX])\] +/.exec(inner[0]);
    if (task) inner[0] = inner[0].slice(task[0].length);
    const b = parseLines(inner, depth + 1);
    for (const block of b) block.from = 0;
    items.push({ task: task ? task[1] !== " " : null, b });
  }
  /** @type {Omit<Extract<Block, {t: "list"}>, "from">} */
  const block = { t: "list", ordered, start: ordered ? parseInt(mark, 10) : 1, tight, items };
  return { block, end: at };
}

/** A heading's text without the marks that may close it. @param {string} [text] */
function title(text = "") {
  const trimmed = text.trim();
  let end = trimmed.length;
  while (trimmed[end - 1] === "#") end--;
  return end === 0 || trimmed[end - 1] === " " ? trimmed.slice(0, end).trimEnd() : trimmed;
}

/** @param {string} line */
function isBlank(line) {
  return line.trim() === "";
}

/** @param {string[]} lines @param {number} at @param {string} open */
function fenceEnd(lines, at, open) {
  for (; at < lines.length; at++) {
    const match = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(lines[at]);
    if (match && closes(match[1], open)) break;
  }
  return at;
}

/** @param {string} mark @param {string} open */
function closes(mark, open) {
  return mark[0] === open[0] && mark.length >= open.length;
}

/** @param {string} line @param {number} spaces */
function dedent(line, spaces) {
  let at = 0;
  while (at < spaces && line[at] === " ") at++;
  return line.slice(at);
}

/** @param {string} line */
function isDelimiters(line) {
  return line.length < 1000 && DELIMITERS.test(line);
}

/**
 * The cells of a table's row; a bar in code or after a backslash does not separate.
 * @param {string} line
 */
function cells(line) {
  let row = line.trim();
  if (row.startsWith("|")) row = row.slice(1);
  const found = [];
  let cell = "";
  let code = false;
  for (let at = 0; at < row.length; at++) {
    const char = row[at];
    if (char === "\\" && row[at + 1] === "|") {
      cell += "|";
      at++;
    } else if (char === "`") {
      code = !code && row.indexOf("`", at + 1) > 0;
      cell += char;
    } else if (char === "|" && !code) {
      found.push(cell.trim());
      cell = "";
    } else cell += char;
  }
  if (cell.trim()) found.push(cell.trim());
  return found;
}

/** @param {string} cell @returns {"left" | "right" | "center" | ""} */
function alignment(cell) {
  const left = cell.startsWith(":");
  const right = cell.endsWith(":");
  return left && right ? "center" : right ? "right" : left ? "left" : "";
}
