// One thread in the list.
import { t } from "../words/words.js";
import { age, roughly, tick } from "./clock.js";
import { el, set, toggle, write } from "./dom.js";
import { icon } from "./icon.js";
import { hashOf } from "./route.js";

/** @import { Row } from "../types.d.ts" */
/** @import { View } from "./dom.js" */

/** @param {Row} row */
export function titleOf(row) {
  return row.title || t("untitled");
}

/**
 * The mark and the words for what a thread does. Without a link to its machine no clock runs: it is what was last known.
 * @param {Row} row @param {boolean} linked
 */
export function statusOf(row, linked) {
  const ms = row.since ? Date.now() - row.since : null;
  if (row.status === "waiting") return { kind: "asked", text: t("waitsForYou") };
  if (row.status === "working" && !linked) return { kind: "", text: t("working") };
  if (row.status === "working") {
    return {
      kind: "working",
      text: ms === null ? t("working") : t("workingFor", { age: roughly(ms) }),
    };
  }
  if (row.status === "failed") return { kind: "bad", text: t("failed") };
  if (row.status === "done" || row.unread) return { kind: "new", text: t("done") };
  return { kind: "", text: "" };
}

/** Where it is, as far as its project does not say it. @param {Row} row @param {string} [machine] */
function details(row, machine) {
  return [machine, row.branch].filter(Boolean).join(" · ");
}

/**
 * @param {Row} first
 * @param {{machine?: (row: Row) => string, linked: (row: Row) => boolean, menu: (row: Row) => void, snippet?: string | null}} options
 * @returns {View<Row>}
 */
export function rowView(first, options) {
  let row = first;
  const dot = el("span", { class: "dot" });
  const title = el("span", { class: "title" });
  const status = el("span", { class: "status figures" });
  const more = el("span", { class: "more" });
  const time = el("span", { class: "age figures" });
  const count = el("span", { class: "count" });
  const link = el(
    "a",
    { class: "row" },
    el("span", { class: "mark" }, dot),
    title,
    time,
    el("span", { class: "second" }, count, status, more),
  );
  if (options.snippet) link.appendChild(el("span", { class: "snippet" }, options.snippet));
  const menu = el("button", {
    class: "round rowmenu",
    type: "button",
    "aria-haspopup": "dialog",
    onclick: () => options.menu(row),
  }, icon("more"));
  const node = el("li", { class: "rowbox" }, link, menu);
  longPress(link, () => options.menu(row));

  return {
    node,
    update(next) {
      row = next;
      set(link, "href", hashOf({ page: "thread", key: row.key }));
      write(title, titleOf(row));
      set(menu, "aria-label", t("menuFor", { title: titleOf(row) }));
      toggle(link, "unread", row.unread || row.status === "waiting");
      const linked = options.linked(row);
      // The count says it already.
      const say = () => row.waiting > 0 ? "" : statusOf(row, linked).text;
      set(dot, "data-kind", statusOf(row, linked).kind);
      set(status, "data-kind", statusOf(row, linked).kind);
      tick(status, row.status === "working" && row.since && linked ? say : null);
      write(status, say());
      write(more, details(row, options.machine?.(row)));
      tick(time, () => age(row.updatedAt));
      count.hidden = row.waiting === 0;
      write(count, t("nWaiting", { n: row.waiting }));
    },
    gone() {
      tick(status, null);
      tick(time, null);
    },
  };
}

/**
 * A menu's gesture: the context menu's, or a finger held still for half a second where there is none.
 * @param {HTMLElement} node @param {() => void} open
 */
function longPress(node, open) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let held = false;
  const end = () => clearTimeout(timer);
  node.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    end();
    if (!held) open();
  });
  node.addEventListener("touchstart", () => {
    held = false;
    end();
    timer = setTimeout(() => {
      held = true;
      open();
    }, 500);
  }, { passive: true });
  node.addEventListener("touchmove", end, { passive: true });
  node.addEventListener("touchend", end);
  node.addEventListener("touchcancel", end);
  node.addEventListener("click", (event) => {
    if (held) event.preventDefault();
    held = false;
  });
}
