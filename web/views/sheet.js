// A sheet over the page: from below on a phone, in the middle on a desktop. The browser's own dialog keeps the focus.
import { t } from "../words/words.js";
import { el, loadStyle } from "./dom.js";
import { icon } from "./icon.js";

/**
 * @param {string} title
 * @param {(close: () => void) => HTMLElement} make the sheet's body
 * @param {{closed?: () => void}} [options]
 */
export async function openSheet(title, make, { closed } = {}) {
  await loadStyle("sheet.css");
  const close = () => {
    if (dialog.open) dialog.close();
  };
  const body = make(close);
  const heading = el("h2", { id: `sheet${++sheets}`, tabindex: "-1" }, title);
  if (!body.querySelector("[autofocus]")) heading.setAttribute("autofocus", "");
  const dialog = el(
    "dialog",
    { class: "sheet", "aria-labelledby": heading.id },
    el(
      "header",
      { class: "sheethead" },
      heading,
      el(
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
  });
  // A tap beside the sheet closes it.
  dialog.addEventListener("click", (event) => {
    if (event.target !== dialog) return;
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
 * A sheet with one text to write.
 * @param {string} title
 * @param {{value: string, save: string, long?: boolean}} options
 * @param {(text: string) => void} done
 */
export function openText(title, { value, save, long = false }, done) {
  return openSheet(title, (close) => {
    const field = long
      ? el("textarea", { class: "field", rows: "5" })
      : el("input", { class: "field", type: "text", autocomplete: "off" });
    field.value = value;
    field.setAttribute("aria-label", title);
    field.setAttribute("autofocus", "");
    return el(
      "form",
      {
        class: "sheetform",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          if (!field.value.trim()) return;
          close();
          done(field.value.trim());
        },
      },
      field,
      el("button", { class: "button main wide", type: "submit" }, save),
    );
  });
}
