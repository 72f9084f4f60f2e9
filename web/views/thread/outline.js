// One's own prompts in a thread, to find and to jump to.
import { t } from "../../words/words.js";
import { timeOfDay } from "../clock.js";
import { el, fill } from "../dom.js";
import { openSheet } from "../sheet.js";
import { wordsOf } from "./items.js";
import { jumpTo } from "./transcript.js";

/** @import { Store } from "../../types.d.ts" */

/** @param {Store} store @param {string} key */
export function openOutline(store, key) {
  const prompts = (store.state.threads.get(key)?.turns ?? []).flatMap((turn) =>
    turn.items.filter((item) => item.type === "userMessage").map((item) => ({
      turn: turn.id,
      item: item.id,
      at: turn.startedAt,
      text: wordsOf(item.data.content).words,
    }))
  );
  return openSheet(t("outline"), (close) => {
    const list = el("ol", { class: "actions outline" });
    const search = el("input", {
      class: "field",
      type: "search",
      placeholder: t("searchPrompts"),
      "aria-label": t("searchPrompts"),
      oninput: () => show(),
    });
    const show = () => {
      const term = search.value.trim().toLowerCase();
      fill(
        list,
        ...prompts.filter((prompt) => prompt.text.toLowerCase().includes(term)).map((prompt) =>
          el(
            "li",
            {},
            el(
              "button",
              {
                class: "action",
                type: "button",
                onclick: () => {
                  close();
                  jumpTo(key, prompt.turn, prompt.item);
                },
              },
              el(
                "span",
                { class: "choice" },
                prompt.text.slice(0, 200),
                prompt.at ? el("span", { class: "note figures" }, timeOfDay(prompt.at)) : null,
              ),
            ),
          )
        ),
      );
      if (!list.childElementCount) list.appendChild(el("li", { class: "note" }, t("nothingFound")));
    };
    show();
    return el("div", { class: "sheetform" }, prompts.length > 7 ? search : null, list);
  });
}
