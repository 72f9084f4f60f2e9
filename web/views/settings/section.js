// A part of the settings: a heading and rows, read from the relay when it is shown.
import { t } from "../../words/words.js";
import { el, fill } from "../dom.js";
import { notify, problemLine } from "../errors.js";
import { icon } from "../icon.js";
import { openSheet } from "../sheet.js";

/**
 * @param {string} title
 * @param {{hint?: string, action?: {text: string, run: () => void}}} [options]
 */
export function section(title, { hint, action } = {}) {
  const list = el("ul", { class: "things" });
  const node = el(
    "section",
    { class: "part" },
    el(
      "header",
      {},
      el("h2", {}, title),
      action
        ? el("button", { class: "link", type: "button", onclick: action.run }, action.text)
        : null,
    ),
    hint ? el("p", { class: "note" }, hint) : null,
    list,
  );
  return { node, list };
}

/**
 * A part whose rows the relay knows.
 * @template T
 * @param {string} title
 * @param {() => Promise<T[]>} load
 * @param {(item: T, again: () => Promise<void>) => HTMLElement} row
 * @param {{hint?: string, empty?: string, action?: {text: string, run: (again: () => Promise<void>) => void}}} [options]
 */
export function loadedSection(title, load, row, { hint, empty, action } = {}) {
  const made = section(title, {
    hint,
    action: action && { text: action.text, run: () => action.run(show) },
  });
  const show = async () => {
    try {
      const items = await load();
      fill(made.list, ...items.map((item) => row(item, show)));
      if (items.length === 0 && empty) {
        made.list.appendChild(el("li", { class: "note thing" }, empty));
      }
    } catch (error) {
      const problem = problemLine();
      problem.show(error);
      fill(
        made.list,
        el(
          "li",
          { class: "thing" },
          problem.node,
          el(
            "button",
            { class: "link", type: "button", onclick: () => void show() },
            t("tryAgain"),
          ),
        ),
      );
    }
  };
  made.list.appendChild(el("li", { class: "note thing" }, t("reading")));
  void show();
  return { node: made.node };
}

/**
 * One row: an icon, words, what can be done.
 * @param {import("../icon.js").IconName} name
 * @param {string} title
 * @param {string} note
 * @param {...(HTMLElement | null)} ways
 */
export function thing(name, title, note, ...ways) {
  return el(
    "li",
    { class: "thing" },
    icon(name),
    el(
      "div",
      { class: "thingwords" },
      el("span", {}, title),
      note ? el("span", { class: "note figures" }, note) : null,
    ),
    ...ways,
  );
}

/** @param {import("../icon.js").IconName} name @param {string} label @param {() => void} run */
export function way(name, label, run) {
  return el("button", {
    class: "round",
    type: "button",
    "aria-label": label,
    title: label,
    onclick: run,
  }, icon(name));
}

/** Does it, and says what went wrong. @param {() => Promise<any>} work @param {() => void} [after] */
export function attempt(work, after) {
  void work().then(after, notify);
}

/**
 * Asks before something that cannot be undone.
 * @param {string} title @param {string} text @param {string} yes @param {() => void} run
 */
export function confirmFirst(title, text, yes, run) {
  void openSheet(title, (close) =>
    el(
      "div",
      { class: "sheetform" },
      el("p", {}, text),
      el(
        "div",
        { class: "buttons" },
        el("button", { class: "button", type: "button", onclick: close }, t("cancel")),
        el("button", {
          class: "button danger",
          type: "button",
          onclick: () => {
            close();
            run();
          },
        }, yes),
      ),
    ));
}
