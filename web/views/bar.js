// The header of a page: back, its name, what stands below and beside it.
import { t } from "../words/words.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { linkLine } from "./link.js";
import { back } from "./route.js";

/** @import { Store } from "../types.d.ts" */
/** @import { Child } from "./dom.js" */

/**
 * @param {string | HTMLElement} [title] none while the page is on its way
 * @param {Child[]} [below]
 * @param {...Child} beside
 */
export function bar(title, below = [], ...beside) {
  return el(
    "header",
    { class: "bar" },
    el(
      "button",
      { class: "round leave", type: "button", "aria-label": t("back"), onclick: back },
      icon("back"),
    ),
    title &&
      el(
        "div",
        { class: "titles" },
        typeof title === "string" ? el("h1", {}, title) : title,
        el("div", { class: "below" }, ...below),
      ),
    ...beside,
  );
}

/**
 * A page that scrolls below a header which says how the link is.
 * @param {Store} store @param {string} title @param {...Child} content
 */
export function screen(store, title, ...content) {
  const link = linkLine(store, () => null);
  const node = el(
    "div",
    { class: "screen" },
    bar(title, [link.node]),
    el("div", { class: "scroll" }, ...content),
  );
  return { node, title: () => title, stop: link.stop };
}
