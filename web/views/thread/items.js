// One view for each kind of item; what is not known is a quiet line with its name.
import { t } from "../../words/words.js";
import { el, toggle, write } from "../dom.js";
import { changesNode, countChanges, countsNode, relative } from "../diffs.js";
import { icon } from "../icon.js";
import { MarkdownView } from "../markdown.js";
import { commandView } from "./command.js";
import { hasFailed } from "./entries.js";
import { fold } from "./fold.js";
import { reasoningView } from "./reasoning.js";
import { toolView } from "./tool.js";

/** @import { Item } from "../../types.d.ts" */
/**
 * @typedef {object} ItemView
 * @property {HTMLElement} node
 * @property {(item: Item) => void} update
 * @property {(item: Item, room: number) => number} [grow] shows at most so many characters more of a text that grew;
 *   gives back how many are still to come
 */

/**
 * @param {Item} item
 * @param {string | null} cwd paths inside of it are shown from there
 * @returns {ItemView}
 */
export function itemView(item, cwd) {
  if (item.type === "userMessage") return userView();
  if (item.type === "agentMessage") return textView("answer");
  if (item.type === "plan") return textView("proposal");
  if (item.type === "reasoning") return reasoningView();
  if (item.type === "commandExecution") return commandView(item);
  if (item.type === "fileChange") return changeView(cwd);
  if (item.type === "imageGeneration") return pictureView();
  const quiet = quietText(item);
  return quiet === null ? toolView(cwd) : quietView();
}

/** What a person said: as it was written, with its attachments named. @returns {ItemView} */
function userView() {
  const text = new MarkdownView();
  const more = el("p", { class: "note" });
  const node = el("div", { class: "said", role: "group", "aria-label": t("you") }, text.node, more);
  return {
    node,
    update(item) {
      const { words, others } = wordsOf(item.data.content);
      text.set(words);
      write(more, others.join(" · "));
      more.hidden = others.length === 0;
    },
  };
}

/**
 * The text of a user's message, and what came with it.
 * @param {any} content
 */
export function wordsOf(content) {
  const words = [];
  const others = [];
  for (const part of Array.isArray(content) ? content : []) {
    if (part?.type === "text") words.push(part.text ?? "");
    else if (part?.type === "skill" || part?.type === "mention") {
      others.push(String(part.name ?? part.path ?? ""));
    } else if (/image/i.test(part?.type ?? "")) {
      others.push(part.path ? `${t("image")}: ${part.path}` : t("image"));
    } else if (part?.type) others.push(String(part.type));
  }
  return { words: words.join("\n\n"), others };
}

/** @param {string} kind @returns {ItemView} */
function textView(kind) {
  const text = new MarkdownView();
  const head = kind === "proposal"
    ? el("p", { class: "kicker" }, icon("list"), t("proposedPlan"))
    : null;
  const node = el("div", { class: kind, role: "group", "aria-label": "Codex" }, head, text.node);
  return {
    node,
    update(item) {
      text.set(item.data.text ?? "");
      toggle(node, "live", !item.done);
    },
    grow: (item, room) => text.grow(item.data.text ?? "", room),
  };
}

/** @type {Record<string, import("../../words/words.js").Word>} */
const VERBS = { add: "fileCreated", delete: "fileRemoved" };

/** @param {string | null} cwd @returns {ItemView} */
function changeView(cwd) {
  /** @type {Item | null} */
  let item = null;
  let shown = "";
  const card = fold({ icon: "pencil", kind: "changecard", fill: () => showChanges() });
  const showChanges = () => {
    const changes = item?.data.changes ?? [];
    const sign = JSON.stringify(changes);
    if (sign === shown) return;
    shown = sign;
    card.body.replaceChildren(changesNode(changes, { cwd }));
  };
  return {
    node: card.node,
    update(next) {
      item = next;
      const changes = next.data.changes ?? [];
      const failed = hasFailed(next);
      const [only] = changes;
      const verb = !next.done ? "fileEditing" : VERBS[only?.kind?.type] ?? "fileEdited";
      if (changes.length === 1) {
        card.label.replaceChildren(
          t(verb),
          " ",
          el("span", { class: "mono" }, relative(only.path ?? "", cwd)),
        );
      } else write(card.label, t("filesEdited", { n: changes.length }));
      card.show(next.done ? failed ? "warning" : "pencil" : null);
      const state = next.data.status === "declined" ? t("declined") : failed ? t("failed") : "";
      card.result.replaceChildren(
        state,
        state ? " " : "",
        changes.length ? countsNode(countChanges(changes)) : "",
      );
      toggle(card.node, "bad", failed);
      if (card.filled) showChanges();
    },
  };
}

/** A picture that codex made: from the item's own bytes, never from an address. @returns {ItemView} */
function pictureView() {
  const line = el("p", { class: "quiet" });
  const node = el("div", { class: "picture" }, line);
  /** @type {HTMLImageElement | null} */
  let image = null;
  return {
    node,
    update(item) {
      write(line, item.data.revisedPrompt ?? t("makingImage"));
      const bytes = item.data.result;
      if (image || typeof bytes !== "string" || !/^[A-Za-z0-9+/]{16,}={0,2}$/.test(bytes)) return;
      image = el("img", {
        src: `data:image/png;base64,${bytes}`,
        alt: item.data.revisedPrompt ?? t("image"),
      });
      node.prepend(image);
    },
  };
}

/** @returns {ItemView} */
function quietView() {
  const node = el("p", { class: "quiet" });
  return { node, update: (item) => write(node, quietText(item) ?? item.type) };
}

/**
 * What is said in one line, or null for what is a tool's call.
 * @param {Item} item
 */
function quietText({ type, data }) {
  if (type === "contextCompaction") return t("compacted");
  if (type === "enteredReviewMode") return t("reviewStarted");
  if (type === "exitedReviewMode") return t("reviewEnded");
  if (type === "sleep") return t("slept", { s: Math.round((data.durationMs ?? 0) / 1000) });
  if (type === "hookPrompt") {
    return t("hookSaid", {
      text: (data.fragments ?? []).map((/** @type {any} */ each) => each?.text ?? "").join(" "),
    });
  }
  if (type === "subAgentActivity") {
    return t("subAgent", { name: data.agentPath ?? "", kind: data.kind ?? "" });
  }
  if (
    [
      "mcpToolCall",
      "dynamicToolCall",
      "webSearch",
      "imageView",
      "collabAgentToolCall",
      "functionCallOutput",
    ].includes(type)
  ) return null;
  return type;
}
