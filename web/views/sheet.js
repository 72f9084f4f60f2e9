// A sheet over the page: from below on a phone, in the middle on a desktop. The browser's own dialog keeps the focus.
import { t } from "../words/words.js";
import { el, loadStyle } from "./dom.js";
import { problemLine, working } from "./errors.js";
import { icon } from "./icon.js";

/**
 * @param {string} title
 * @param {(close: () => void) => HTMLElement} make the sheet's body
 * @param {{closed?: () => void, locked?: boolean}} [options] `locked`: only what stands in it closes it
 */
export async function openSheet(title, make, { closed, locked = false } = {}) {
  await loadStyle("sheet.css");
  const close = () => {
    if (dialog.open) dialog.close();
  };
  const body = make(close);
  const heading = el("h2", { id: `sheet${++sheets}`, tabindex: "-1" }, title);
  if (!body.querySelector("[autofocus]")) heading.setAttribute("autofocus", "");
  const dialog = el(
    "dialog",
    {
      class: "sheet",
      "aria-labelledby": heading.id,
      "data-locked": locked,
      closedby: locked ? "none" : null,
    },
    el(
      "header",
      { class: "sheethead" },
      heading,
      locked ? null : el(
        "button",
        { class: "round", type: "button", "aria-label": t("close"), onclick: close },
        icon("cross"),
      ),
    ),
    el("div", { class: "sheetbody" }, body),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed?.();
    // What led here may be gone by now: whoever goes by keyboard is not sent to the page's very beginning.
    if (document.activeElement === document.body) document.getElementById("main")?.focus();
  });
  dialog.addEventListener("cancel", (event) => locked && event.preventDefault());
  // A browser lets nobody hold a dialog against a second Escape.
  dialog.addEventListener("keydown", (event) => {
    if (locked && event.key === "Escape") event.preventDefault();
  });
  // A tap beside the sheet closes it.
  dialog.addEventListener("click", (event) => {
    if (event.target !== dialog || locked) return;
    const box = dialog.getBoundingClientRect();
    if (
      event.clientY < box.top || event.clientY > box.bottom || event.clientX < box.left ||
      event.clientX > box.right
    ) close();
  });
  document.body.appendChild(dialog);
  dialog.showModal();
  return close;
}

let sheets = 0;

/** Closes what stands over a page that is not there any more, but for what only the person may close. */
export function closeSheets() {
  for (const dialog of document.querySelectorAll("dialog.sheet:not([data-locked])")) {
    /** @type {HTMLDialogElement} */ (dialog).close();
  }
}

/**
 * A sheet of actions.
 * @param {string} title
 * @param {{icon: import("./icon.js").IconName, text: string, danger?: boolean, run: () => void}[]} actions
 */
export function openActions(title, actions) {
  return openSheet(title, (close) =>
    el(
      "ul",
      { class: "actions" },
      ...actions.map(({ icon: name, text, danger, run }) =>
        el(
          "li",
          {},
          el(
            "button",
            {
              class: danger ? "action danger" : "action",
              type: "button",
              onclick: () => {
                close();
                run();
              },
            },
            icon(name),
            text,
          ),
        )
      ),
    ));
}

/**
 * A sheet that asks for one of several values.
 * @param {string} title
 * @param {{value: string | null, label: string, hint?: string, danger?: boolean}[]} options
 * @param {string | null} current
 * @param {(value: string | null) => void} choose
 * @param {string} [note]
 */
export function openChoice(title, options, current, choose, note) {
  return openSheet(title, (close) =>
    el(
      "div",
      {},
      note ? el("p", { class: "note" }, note) : null,
      el(
        "ul",
        { class: "actions" },
        ...options.map(({ value, label, hint, danger }) =>
          el(
            "li",
            {},
            el(
              "button",
              {
                class: danger ? "action danger" : "action",
                type: "button",
                "aria-pressed": String(value === current),
                onclick: () => {
                  close();
                  choose(value);
                },
              },
              el(
                "span",
                { class: "choice" },
                label,
                hint ? el("span", { class: "note" }, hint) : null,
              ),
              value === current ? icon("check") : null,
            ),
          )
        ),
      ),
    ));
}

/**
 * A sheet to fill in or to confirm. It stays, with what was typed, until its work is done.
 * @param {string} title
 * @param {import("./dom.js").Child[]} body
 * @param {{yes: string, danger?: boolean, run: () => unknown}} options
 */
export function openForm(title, body, { yes, danger = false, run }) {
  return openSheet(title, (close) => {
    const problem = problemLine();
    const submit = el("button", { class: danger ? "button danger" : "button main" }, yes);
    return el(
      "form",
      {
        class: "sheetform",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          void working(problem, [submit], async () => {
            await run();
            close();
          });
        },
      },
      ...body,
      problem.node,
      el(
        "div",
        { class: "buttons" },
        el("button", { class: "button", type: "button", onclick: close }, t("cancel")),
        submit,
      ),
    );
  });
}

/** Asks before something that cannot be undone. @param {string} title @param {string} text @param {string} yes @param {() => unknown} run */
export const confirmFirst = (title, text, yes, run) =>
  openForm(title, [el("p", {}, text)], { yes, danger: true, run });

/**
 * A sheet with one text to write.
 * @param {string} title
 * @param {{value: string, save: string, long?: boolean, note?: string}} options
 * @param {(text: string) => unknown} done
 */
export function openText(title, { value, save, long = false, note }, done) {
  const field = long
    ? el("textarea", { class: "field", rows: "5" })
    : el("input", { class: "field", type: "text", autocomplete: "off", maxlength: "500" });
  field.value = value;
  field.required = true;
  field.setAttribute("aria-label", title);
  field.setAttribute("autofocus", "");
  return openForm(title, [field, note ? el("p", { class: "note" }, note) : null], {
    yes: save,
    run: () => field.value.trim() && done(field.value.trim()),
  });
}
