// A button that copies.
import { t } from "../words/words.js";
import { announce, el } from "./dom.js";
import { icon } from "./icon.js";

/**
 * @param {() => string} text
 * @param {string} [label] words beside the icon
 */
export function copyButton(text, label) {
  const button = el("button", {
    class: label ? "button" : "tiny",
    type: "button",
    onclick: () => void copy(),
  });
  const show = (/** @type {boolean} */ done) => {
    button.replaceChildren(icon(done ? "check" : "copy"));
    if (label) button.append(done ? t("copied") : label);
    else button.setAttribute("aria-label", done ? t("copied") : t("copy"));
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      return announce(t("notCopied"));
    }
    show(true);
    announce(t("copied"));
    clearTimeout(timer);
    timer = setTimeout(() => show(false), 1500);
  };
  show(false);
  return button;
}
