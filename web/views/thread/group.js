// Several tools' calls in one line.
import { t } from "../../words/words.js";
import { Keyed, write } from "../dom.js";
import { countGroup } from "./entries.js";
import { fold } from "./fold.js";
import { itemView } from "./items.js";

/** @import { Item } from "../../types.d.ts" */

/** @param {string | null} cwd */
export function groupView(cwd) {
  /** @type {Item[]} */
  let items = [];
  const card = fold({ icon: "search", kind: "group", fill: () => list.show(items) });
  const list = new Keyed(
    card.body,
    (/** @type {Item} */ item) => item.id,
    (item) => itemView(item, cwd),
  );
  return {
    node: card.node,
    /** @param {Item[]} next */
    update(next) {
      items = next;
      const count = countGroup(items);
      card.show(count.commands + count.tools > 0 ? "terminal" : "search");
      write(card.label, describe(count));
      if (card.filled) list.show(items);
    },
  };
}

/** @param {ReturnType<typeof countGroup>} count */
function describe(count) {
  const explored = [];
  if (count.files) explored.push(t("nFiles", { n: count.files }));
  if (count.searches) explored.push(t("nSearches", { n: count.searches }));
  if (count.lists) explored.push(t("nLists", { n: count.lists }));
  const parts = [];
  if (explored.length) parts.push(t("explored", { what: explored.join(", ") }));
  if (count.commands) parts.push(t("ranCommands", { n: count.commands }));
  if (count.web) parts.push(t("nWebSearches", { n: count.web }));
  if (count.tools) parts.push(t("calledTools", { n: count.tools }));
  return parts.join(" · ");
}
