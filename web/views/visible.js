// Text whose hidden characters are shown by their names.
import { reveal } from "../text/visible.js";
import { t } from "../words/words.js";
import { el } from "./dom.js";

/** @param {string} text */
export function visibleText(text) {
  return reveal(text).map((part) =>
    part.hidden
      ? el("span", { class: "hiddenchar", title: t("hiddenCharacter") }, part.text)
      : new Text(part.text)
  );
}
