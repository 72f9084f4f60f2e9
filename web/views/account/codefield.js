// A one-time or a recovery code: its field, and what goes with it to the relay.
import { call } from "../../account/api.js";
import { t } from "../../words/words.js";
import { el } from "../dom.js";

let fields = 0;

/**
 * Asks with a code of the person who is signed in: it can only be the code that is wrong.
 * @param {string} path @param {Record<string, string>} body
 */
export function callWithCode(path, body) {
  return call(path, body).catch((error) => {
    throw error.code === "bad-signin" ? new Error(t("wrongCode")) : error;
  });
}

/** @param {string} [label] @param {string} [note] */
export function codeField(label = t("oneTimeCode"), note = "") {
  const input = el("input", {
    class: "field codefield mono",
    id: `code${++fields}`,
    type: "text",
    autocomplete: "one-time-code",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: "32",
    required: true,
  });
  const node = el(
    "label",
    { class: "labelled", for: input.id },
    label,
    input,
    note ? el("span", { class: "note" }, note) : null,
  );
  return { node, input };
}
