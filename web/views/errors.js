// One sentence for an error of the relay, of codex, of the browser or of the network.
import { known, t } from "../words/words.js";
import { announce, el } from "./dom.js";
import { icon } from "./icon.js";

/** @param {any} error */
export function sentence(error) {
  const [code, message] = [String(error?.code), error?.message || t("error_unknown")];
  return error?.name === "RpcError"
    ? known("codexError", code, message)
    : known("error", code, message);
}

/** A place for the error of a form or a page. */
export function problemLine() {
  const words = el("span");
  const node = el("p", { class: "problem", role: "alert", hidden: true }, icon("warning"), words);
  return {
    node,
    /** @param {unknown} error null takes it away */
    show(error) {
      node.hidden = !error;
      words.textContent = error ? sentence(error) : "";
    },
  };
}

/** For what fails beside the page that asked for it: said, and shown for a while at the lower edge. @param {unknown} error */
export function notify(error) {
  const text = typeof error === "string" ? error : sentence(error);
  announce(text);
  const node = el(
    "div",
    { class: "toast" },
    el("span", {}, text),
    el("button", {
      class: "round",
      type: "button",
      "aria-label": t("close"),
      onclick: () => node.remove(),
    }, icon("cross")),
  );
  document.querySelector(".toast")?.remove();
  document.body.appendChild(node);
  setTimeout(() => node.remove(), 8000);
}

/** Does what a person asked for; what goes wrong is said. @param {() => unknown} work */
export function trying(work) {
  try {
    const made = work();
    if (made instanceof Promise) made.catch(notify);
  } catch (error) {
    notify(error);
  }
}
