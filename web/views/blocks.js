// Markdown's blocks as nodes: made once, then changed where the text grew.
import { colourCode } from "../text/code.js";
import { t } from "../words/words.js";
import { el, write } from "./dom.js";
import { copyButton } from "./copy.js";
import { icon } from "./icon.js";
import { append, patch } from "./inlines.js";

/** @import { Block, Item } from "../text/blocks.js" */
/** @import { Inline } from "../text/inlines.js" */
/** @typedef {Extract<Block, {t: "code"}>} Code */
/** @typedef {Extract<Block, {t: "list"}>} List */
/** @typedef {Extract<Block, {t: "table"}>} Table */

/** @param {Block} block @returns {HTMLElement} */
export function blockNode(block) {
  if (block.t === "p") return withInlines(el("p"), block.c);
  if (block.t === "h") return withInlines(heading(block.level), block.c);
  if (block.t === "rule") return el("hr");
  if (block.t === "quote") return el("blockquote", {}, ...block.b.map(blockNode));
  if (block.t === "code") return codeNode(block);
  if (block.t === "list") return listNode(block);
  return tableNode(block);
}

/**
 * Changes a block's node to what its text has become; gives back another node where it became another thing.
 * @param {HTMLElement} node @param {Block} old @param {Block} now
 * @returns {HTMLElement}
 */
export function patchBlock(node, old, now) {
  if (old.t === "p" && now.t === "p") patch(node, old.c, now.c);
  else if (old.t === "h" && now.t === "h" && old.level === now.level) patch(node, old.c, now.c);
  else if (old.t === "code" && now.t === "code" && old.language === now.language) {
    patchCode(node, old, now);
  } else if (old.t === "quote" && now.t === "quote") patchBlocks(node, old.b, now.b);
  else if (old.t === "list" && now.t === "list" && sameList(old, now)) patchList(node, old, now);
  else if (old.t === "table" && now.t === "table" && sameHead(old, now)) patchTable(node, old, now);
  else if (old.t !== "rule" || now.t !== "rule") return blockNode(now);
  return node;
}

/** @param {Element} parent @param {Block[]} old @param {Block[]} now */
function patchBlocks(parent, old, now) {
  for (const [at, block] of now.entries()) {
    const node = /** @type {HTMLElement | undefined} */ (parent.children[at]);
    if (!node) parent.appendChild(blockNode(block));
    else {
      const next = patchBlock(node, old[at], block);
      if (next !== node) node.replaceWith(next);
    }
  }
  while (parent.children.length > now.length) parent.lastElementChild?.remove();
}

/** @param {HTMLElement} node @param {Inline[]} inlines */
function withInlines(node, inlines) {
  append(node, inlines);
  return node;
}

/** A heading of a message stands below those of the page. @param {number} level */
function heading(level) {
  const node = el(/** @type {"h3"} */ (`h${Math.min(level + 2, 6)}`));
  node.className = `level${Math.min(level, 4)}`;
  return node;
}

// Code

/** @param {Code} block */
function codeNode(block) {
  const code = el("code", {}, block.text);
  const pre = el("pre", { tabindex: "0" }, code);
  const wrap = el("button", {
    class: "tiny",
    type: "button",
    "aria-label": t("wrapLines"),
    "aria-pressed": "false",
    onclick: () => wrap.setAttribute("aria-pressed", String(pre.classList.toggle("wrap"))),
  }, icon("wrap"));
  const name = el("span", { class: "language" }, block.language.slice(0, 24));
  const head = el("figcaption", {}, name, wrap, copyButton(() => pre.textContent ?? ""));
  if (block.closed) colour(code, block);
  return el("figure", { class: "code" }, head, pre);
}

/** @param {HTMLElement} node @param {Code} old @param {Code} now */
function patchCode(node, old, now) {
  const code = node.querySelector("pre")?.lastElementChild;
  if (!code) return;
  if (old.text !== now.text) {
    const only = code.firstChild;
    if (only instanceof Text && !only.nextSibling && now.text.startsWith(old.text)) {
      only.appendData(now.text.slice(old.text.length));
    } else code.textContent = now.text;
  }
  if (now.closed && !(old.closed && old.text === now.text)) colour(code, now);
}

/**
 * Settles what a code block holds; what follows goes into a new part of it.
 * @param {HTMLElement} node
 */
export function growCode(node) {
  const pre = node.querySelector("pre");
  const code = pre?.lastElementChild;
  if (code && code.textContent && !code.textContent.endsWith("\n")) {
    const text = code.textContent;
    // The last line is not whole: it begins the new part.
    write(code, text.slice(0, text.lastIndexOf("\n") + 1));
  }
  pre?.appendChild(el("code"));
}

/** @param {Element} code @param {Code} block */
function colour(code, block) {
  const pieces = colourCode(block.text, block.language);
  if (pieces.length < 2) return;
  code.replaceChildren(
    ...pieces.map(({ kind, text }) =>
      kind === "plain" ? new Text(text) : el("span", { class: `is-${kind}` }, text)
    ),
  );
}

// Lists

/** @param {List} old @param {List} now */
function sameList(old, now) {
  return old.ordered === now.ordered && old.start === now.start && old.tight === now.tight;
}

/** @param {List} list */
function listNode(list) {
  const node = el(list.ordered ? "ol" : "ul");
  if (list.ordered && list.start !== 1) node.setAttribute("start", String(list.start));
  for (const item of list.items) node.appendChild(itemNode(item, list.tight));
  return node;
}

/** @param {Item} item @param {boolean} tight */
function itemNode(item, tight) {
  const node = el("li");
  if (item.task !== null) {
    node.className = "task";
    node.appendChild(
      el("span", {
        class: item.task ? "box checked" : "box",
        role: "img",
        "aria-label": t(item.task ? "taskDone" : "taskOpen"),
      }),
    );
  }
  for (const block of item.b) {
    if (tight && block.t === "p") node.appendChild(withInlines(el("span"), block.c));
    else node.appendChild(blockNode(block));
  }
  return node;
}

/** @param {HTMLElement} node @param {List} old @param {List} now */
function patchList(node, old, now) {
  // Only the last item of a growing text changes.
  const settled = Math.min(old.items.length, now.items.length) - 1;
  for (const [at, item] of now.items.entries()) {
    if (at < settled) continue;
    const child = /** @type {HTMLElement | undefined} */ (node.children[at]);
    const before = old.items[at];
    if (!child) node.appendChild(itemNode(item, now.tight));
    else if (!patchItem(child, before, item, now.tight)) {
      child.replaceWith(itemNode(item, now.tight));
    }
  }
  while (node.children.length > now.items.length) node.lastElementChild?.remove();
}

/** @param {HTMLElement} node @param {Item} old @param {Item} now @param {boolean} tight */
function patchItem(node, old, now, tight) {
  if (old.task !== now.task || now.task !== null || old.b.length > now.b.length) return false;
  for (const [at, block] of now.b.entries()) {
    const child = /** @type {HTMLElement | undefined} */ (node.children[at]);
    const before = old.b[at];
    const plain = tight && block.t === "p";
    if (!child) node.appendChild(plain ? withInlines(el("span"), block.c) : blockNode(block));
    else if (plain && before.t === "p") patch(child, before.c, block.c);
    else if (plain || (tight && before.t === "p")) return false;
    else {
      const next = patchBlock(child, before, block);
      if (next !== child) child.replaceWith(next);
    }
  }
  return true;
}

// Tables

/** @param {Table} old @param {Table} now */
function sameHead(old, now) {
  return JSON.stringify([old.align, old.head]) === JSON.stringify([now.align, now.head]);
}

/** @param {Table} table */
function tableNode(table) {
  const row = (/** @type {Inline[][]} */ cells, /** @type {"td" | "th"} */ tag) =>
    el(
      "tr",
      {},
      ...cells.map((cell, at) => withInlines(el(tag, { class: table.align[at] || null }), cell)),
    );
  return el(
    "div",
    { class: "tablebox", tabindex: "0", role: "group" },
    el(
      "table",
      {},
      el("thead", {}, row(table.head, "th")),
      el("tbody", {}, ...table.rows.map((each) => row(each, "td"))),
    ),
  );
}

/** @param {HTMLElement} node @param {Table} old @param {Table} now */
function patchTable(node, old, now) {
  const body = node.querySelector("tbody");
  const fresh = tableNode(now).querySelector("tbody");
  if (!body || !fresh) return;
  const settled = Math.max(0, Math.min(old.rows.length, now.rows.length) - 1);
  while (body.children.length > settled) body.lastElementChild?.remove();
  while (fresh.children.length > settled) body.appendChild(fresh.children[settled]);
}
