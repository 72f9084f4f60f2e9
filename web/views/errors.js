// One sentence for an error of the relay, of codex, of the browser or of the network.
import { known, t } from "../words/words.js";
import { roughly } from "./clock.js";
import { announce, el } from "./dom.js";
import { icon } from "./icon.js";

/** Says that the person let it be: nothing to report. */
export const CANCELLED = "cancelled";

/** @param {any} error */
export function sentence(error) {
  if (error?.retryAfter) return t("error_wait", { age: roughly(1000 * error.retryAfter) });
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
      const said = error && /** @type {any} */ (error).code !== CANCELLED;
      node.hidden = !said;
      words.textContent = said ? sentence(error) : "";
      // In a sheet on a phone it may stand below what is seen.
      if (said) node.scrollIntoView?.({ block: "nearest" });
    },
  };
}

/** For what fails beside the page that asked for it: said, and shown for a while at the lower edge. @param {unknown} error */
export function notify(error) {
  if (/** @type {any} */ (error)?.code === CANCELLED) return;
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

/**
 * Does what a form or a button asks for, once at a time: the buttons are held meanwhile, and what goes wrong stands at
 * `problem`, beside what was typed.
 * @param {ReturnType<typeof problemLine>} problem @param {HTMLButtonElement[]} buttons
 * @param {() => unknown} work
 */
export async function working(problem, buttons, work) {
  if (buttons.some((button) => button.disabled)) return;
  problem.show(null);
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (error) {
    problem.show(error);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}
