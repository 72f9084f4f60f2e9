// Calls of tools that are no commands: MCP servers, searches on the web, images, other agents.
import { t } from "../../words/words.js";
import { duration } from "../clock.js";
import { relative } from "../diffs.js";
import { el, toggle, write } from "../dom.js";
import { fold } from "./fold.js";
import { hasFailed } from "./entries.js";

/** @import { Item } from "../../types.d.ts" */
/** @import { IconName } from "../icon.js" */
/** @import { ItemView } from "./items.js" */

/** So much of a call's arguments or result is shown. */
const SHOWN = 40_000;

/** @param {string | null} cwd @returns {ItemView} */
export function toolView(cwd) {
  /** @type {Item | null} */
  let item = null;
  let shown = "";
  const card = fold({ icon: "tool", kind: "toolcard", fill: () => showBody() });
  const showBody = () => {
    if (!item) return;
    const parts = partsOf(item);
    const sign = JSON.stringify(parts);
    if (sign === shown) return;
    shown = sign;
    card.body.replaceChildren(
      ...parts.flatMap((
        { name, text },
      ) => [el("p", { class: "kicker" }, name), el("pre", { class: "output" }, text)]),
    );
    if (parts.length === 0) card.body.appendChild(el("p", { class: "note" }, t("noOutput")));
  };
  return {
    node: card.node,
    update(next) {
      item = next;
      const failed = hasFailed(next);
      const { mark, text } = nameOf(next, cwd);
      write(card.label, text);
      card.show(next.done ? failed ? "warning" : mark : null);
      const ms = next.data.durationMs;
      write(card.result, failed ? t("failed") : ms >= 1000 ? duration(ms) : "");
      toggle(card.node, "bad", failed);
      if (failed && next.done) card.open();
      if (card.filled) showBody();
    },
    grow() {
      if (card.filled) showBody();
      return 0;
    },
  };
}

/** @param {Item} item @param {string | null} cwd @returns {{mark: IconName, text: string}} */
function nameOf({ type, data }, cwd) {
  if (type === "webSearch") {
    return {
      mark: "globe",
      text: t("searchedWeb", { query: data.query || data.action?.url || "" }),
    };
  }
  if (type === "imageView") {
    return { mark: "image", text: t("lookedAt", { path: relative(data.path ?? "", cwd) }) };
  }
  if (type === "collabAgentToolCall") {
    return { mark: "agents", text: t("agentCall", { tool: data.tool ?? "" }) };
  }
  if (type === "mcpToolCall") {
    return { mark: "tool", text: `${data.server ?? ""} · ${data.tool ?? ""}` };
  }
  return {
    mark: "tool",
    text: [data.namespace, data.tool ?? data.name ?? type].filter(Boolean).join(" · "),
  };
}

/** @param {Item} item */
function partsOf({ data }) {
  /** @type {{name: string, text: string}[]} */
  const parts = [];
  const add = (/** @type {string} */ name, /** @type {any} */ value) => {
    const text = typeof value === "string"
      ? value
      : value === null || value === undefined
      ? ""
      : pretty(value);
    if (text) parts.push({ name, text: text.length > SHOWN ? text.slice(0, SHOWN) + " …" : text });
  };
  add(t("prompt"), data.prompt);
  add(t("arguments"), data.arguments);
  add(t("progress"), data.progress?.join?.("\n"));
  add(t("error"), data.error?.message ?? data.error);
  add(
    t("result"),
    contentText(data.result?.content ?? data.contentItems ?? data.output ?? data.results),
  );
  return parts;
}

/** @param {any} content */
function contentText(content) {
  if (!Array.isArray(content)) return content;
  return content.map((part) => typeof part?.text === "string" ? part.text : pretty(part)).join(
    "\n",
  );
}

/** @param {any} value */
function pretty(value) {
  try {
    return JSON.stringify(value, null, 2) ?? "";
  } catch {
    return String(value);
  }
}
