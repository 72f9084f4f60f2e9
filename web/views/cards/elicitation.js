// What an MCP server asks: a form from its schema, or a page to open. And requests that this page does not know.
import { safeLink } from "../../text/links.js";
import { t } from "../../words/words.js";
import { el } from "../dom.js";
import { icon } from "../icon.js";
import { visibleText } from "../visible.js";
import { schemaForm } from "./form.js";
import { deliberate } from "./guard.js";

/** @import { Elicitation, Store, UnknownRequest } from "../../types.d.ts" */
/** @import { Parts } from "./card.js" */

/** @param {Store} store @param {Elicitation} pending @returns {Parts} */
export function elicitationParts(store, pending) {
  const form = pending.mode === "form" ? schemaForm(pending.schema) : null;
  const link = pending.mode === "url" && pending.url ? safeLink(pending.url) : null;
  const canAccept = pending.mode === "form" ? !!form : !!link;
  const body = el(
    "div",
    { class: "questions" },
    el("p", { class: "kicker" }, ...visibleText(pending.server)),
    el("p", {}, ...visibleText(pending.message)),
    form?.node,
    link
      ? el(
        "a",
        { class: "button wide", href: link.href, target: "_blank", rel: "noopener noreferrer" },
        icon("external"),
        t("openHost", { host: link.host }),
      )
      : null,
    canAccept ? null : el("p", { class: "note" }, t("cannotShow")),
  );
  const respond = (/** @type {"accept" | "decline" | "cancel"} */ action) => () => {
    if (action !== "accept" || !form) return void store.actions.respond(pending.id, action);
    const content = form.value();
    if (content) store.actions.respond(pending.id, action, content);
  };
  return {
    icon: "question",
    title: t("askServer"),
    body,
    foot: el(
      "div",
      {},
      el(
        "div",
        { class: "extras" },
        el("button", {
          class: "button extra no",
          type: "button",
          onclick: deliberate(respond("cancel")),
        }, t("cancelRequest")),
      ),
      el(
        "div",
        { class: "mainways" },
        el(
          "button",
          { class: "button deny", type: "button", onclick: deliberate(respond("decline")) },
          icon("cross"),
          t("decline"),
        ),
        canAccept
          ? el(
            "button",
            { class: "button main", type: "button", onclick: deliberate(respond("accept")) },
            icon("check"),
            pending.mode === "url" ? t("doneThere") : t("send"),
          )
          : null,
      ),
    ),
    answer: () => t("youAnswered"),
  };
}

/** @param {Store} store @param {UnknownRequest} pending @returns {Parts} */
export function unknownParts(store, pending) {
  return {
    icon: "question",
    title: t("askUnknown"),
    body: el(
      "div",
      { class: "questions" },
      el("p", {}, t("unknownHint")),
      el("p", { class: "mono" }, ...visibleText(pending.method)),
      el(
        "pre",
        { class: "output" },
        ...visibleText(JSON.stringify(pending.params, null, 2)?.slice(0, 20_000) ?? ""),
      ),
    ),
    foot: el(
      "div",
      {},
      el(
        "button",
        {
          class: "button deny wide",
          type: "button",
          onclick: deliberate(() => void store.actions.respond(pending.id, "decline")),
        },
        icon("cross"),
        t("refuse"),
      ),
    ),
    answer: () => t("youDenied"),
  };
}
