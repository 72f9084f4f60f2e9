// A card one line high that opens: the body is made when it is first looked at.
import { el } from "../dom.js";
import { icon } from "../icon.js";

/** @import { IconName } from "../icon.js" */

/**
 * @param {object} options
 * @param {IconName} options.icon
 * @param {string} [options.kind] a class for both looks and tests
 * @param {() => void} [options.fill] called once, before the body is first shown
 */
export function fold({ icon: name, kind = "", fill }) {
  const mark = el("span", { class: "mark" }, icon(name));
  const label = el("span", { class: "label" });
  const result = el("span", { class: "result figures" });
  const summary = el("summary", {}, mark, label, result, icon("forward"));
  const body = el("div", { class: "body" });
  const node = el("details", { class: `fold ${kind}` }, summary, body);
  let filled = false;
  const filling = () => {
    if (filled || !node.open) return;
    filled = true;
    fill?.();
  };
  node.addEventListener("toggle", filling);
  return {
    node,
    mark,
    label,
    result,
    body,
    get filled() {
      return filled;
    },
    /** Opens it once by itself: what failed is seen, and may be closed again. */
    open() {
      if (filled) return;
      node.open = true;
      filling();
    },
    /** @param {IconName | null} next null for the mark of what runs */
    show(next) {
      const want = next ?? "working";
      if (mark.dataset.shows === want) return;
      mark.dataset.shows = want;
      mark.replaceChildren(
        next ? icon(next) : el("span", { class: "dot", "data-kind": "working" }),
      );
    },
  };
}
