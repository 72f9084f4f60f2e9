// Fields of the account's forms: a line of text, a one-time or recovery code and what goes with it to the relay.
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

/**
 * A line to fill in, under its label.
 * @param {string} label @param {import("../dom.js").Attributes} [attributes] @param {string} [note] below it
 */
export function inputField(label, attributes = {}, note = "") {
  const input = el("input", {
    class: "field",
    id: `field${++fields}`,
    type: "text",
    spellcheck: "false",
    maxlength: "64",
    required: true,
    ...attributes,
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

/** @param {string} label @param {string} [note] */
export const codeField = (label, note) =>
  inputField(label, {
    class: "field codefield mono",
    autocomplete: "one-time-code",
    autocapitalize: "characters",
    maxlength: "32",
  }, note);
