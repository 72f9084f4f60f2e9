// What the model thinks: one line, its last heading while it goes on; the whole folded.
import { t } from "../../words/words.js";
import { set, toggle, write } from "../dom.js";
import { MarkdownView } from "../markdown.js";
import { fold } from "./fold.js";

/** @import { Item } from "../../types.d.ts" */
/** @import { ItemView } from "./items.js" */

/** @returns {ItemView} */
export function reasoningView() {
  const text = new MarkdownView();
  /** @type {Item | null} */
  let item = null;
  const card = fold({
    icon: "thought",
    kind: "thoughts",
    fill: () => {
      card.body.appendChild(text.node);
      if (item) text.set(whole(item));
    },
  });
  const show = () => {
    if (!item) return;
    const heading = lastHeading(item);
    card.show(item.done ? "thought" : null);
    write(card.label, heading || (item.done ? t("thought") : t("thinking")));
    toggle(card.node, "empty", !whole(item).trim());
    set(card.node, "data-live", item.done ? null : true);
  };
  return {
    node: card.node,
    update(next) {
      item = next;
      show();
      if (card.filled) text.set(whole(item));
    },
    grow(next, room) {
      item = next;
      show();
      return card.filled ? text.grow(whole(item), room) : 0;
    },
  };
}

/** @param {Item} item */
function whole({ data }) {
  const parts = (data.summary ?? []).some((/** @type {string} */ each) => each?.trim())
    ? data.summary
    : data.content ?? [];
  return parts.join("\n\n");
}

/** @param {Item} item */
function lastHeading(item) {
  const parts = item.data.summary ?? [];
  for (let at = parts.length - 1; at >= 0; at--) {
    const found = /^\s*\*\*([^*\n]{1,200})\*\*/.exec(parts[at] ?? "");
    if (found) return found[1].trim();
  }
  return "";
}
