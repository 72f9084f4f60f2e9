// Questions of the model: options, own words, several at once.
import { t } from "../../words/words.js";
import { el } from "../dom.js";
import { visibleText } from "../visible.js";
import { deliberate } from "./guard.js";

/** @import { Question, Store } from "../../types.d.ts" */
/** @import { Parts } from "./card.js" */

let groups = 0;

/** @param {Store} store @param {Question} pending @returns {Parts} */
export function questionParts(store, pending) {
  const fields = pending.questions.map((question) => questionField(question, () => check()));
  const send = el("button", {
    class: "button main wide",
    type: "button",
    onclick: deliberate(() => {
      store.actions.answer(
        pending.id,
        Object.fromEntries(fields.map((field) => [field.id, field.value()])),
      );
    }),
  }, t("sendAnswer"));
  const check = () => {
    send.disabled = fields.some((field) => field.value().length === 0);
  };
  check();
  return {
    icon: "question",
    title: t("askQuestion", { n: pending.questions.length }),
    body: el("div", { class: "questions" }, ...fields.map((field) => field.node)),
    foot: el("div", {}, send),
    answer: () => t("youAnswered"),
  };
}

/** @param {Question["questions"][number]} question @param {() => void} changed */
function questionField(question, changed) {
  const group = `question${groups++}`;
  const text = question.secret
    ? el("input", {
      class: "field",
      type: "password",
      autocomplete: "off",
      oninput: changed,
      "aria-label": question.question,
    })
    : el("textarea", {
      class: "field",
      rows: "2",
      placeholder: t("ownAnswer"),
      "aria-label": question.question,
      oninput: () => {
        const other =
          /** @type {HTMLInputElement | null} */ (node.querySelector("input[data-other]"));
        if (other && text.value) other.checked = true;
        changed();
      },
    });
  const options = question.options.map(({ label, description }) => {
    const radio = el("input", { type: "radio", name: group, value: label, onchange: changed });
    return el(
      "label",
      { class: "option" },
      radio,
      el(
        "span",
        {},
        el("span", { class: "optionlabel" }, ...visibleText(label)),
        description ? el("span", { class: "note" }, ...visibleText(description)) : null,
      ),
    );
  });
  const free = question.other || options.length === 0;
  const other = free && options.length
    ? el(
      "label",
      { class: "option" },
      el("input", {
        type: "radio",
        name: group,
        "data-other": true,
        onchange: () => {
          text.focus();
          changed();
        },
      }),
      el("span", { class: "optionlabel" }, t("other")),
    )
    : null;
  const node = el(
    "fieldset",
    { class: "question" },
    el(
      "legend",
      {},
      question.header ? el("span", { class: "kicker" }, ...visibleText(question.header)) : null,
      ...visibleText(question.question),
    ),
    ...options,
    other,
    free ? text : null,
  );
  if (options.length && text) {
    text.hidden = true;
    node.addEventListener("change", () => {
      text.hidden = !node.querySelector("input[data-other]:checked");
    }, true);
  }
  return {
    id: question.id,
    node,
    /** @returns {string[]} */
    value() {
      const chosen =
        /** @type {HTMLInputElement | null} */ (node.querySelector("input[type=radio]:checked"));
      if (chosen && !chosen.hasAttribute("data-other")) return [chosen.value];
      const words = question.secret ? text.value : text.value.trim();
      return free && words && (chosen || options.length === 0) ? [words] : [];
    },
  };
}
