// How the page looks and speaks, and what it is.
import { chooseLanguage, LANGUAGES, stored, t } from "../../words/words.js";
import { el } from "../dom.js";
import { icon } from "../icon.js";
import { hashOf } from "../route.js";
import { showShortcuts } from "../shortcuts.js";
import { chooseTheme, theme } from "../theme.js";
import { rowLink, section } from "./section.js";

/** @import { Store } from "../../types.d.ts" */

/** @param {Store} store */
export function lookSection(store) {
  const made = section(t("thisBrowser"));
  made.list.append(
    el(
      "li",
      { class: "thing" },
      icon("sun"),
      el("label", { class: "thingwords", for: "theme" }, t("appearance")),
      select(
        "theme",
        [["system", t("theme_system")], ["light", t("theme_light")], ["dark", t("theme_dark")]],
        theme(),
        (value) => chooseTheme(/** @type {any} */ (value)),
      ),
    ),
    el(
      "li",
      { class: "thing" },
      icon("globe"),
      el("label", { class: "thingwords", for: "language" }, t("language")),
      select(
        "language",
        [["", t("theme_system")], ...Object.entries(LANGUAGES)],
        stored() ?? "",
        (value) => {
          chooseLanguage(value || null);
          location.reload();
        },
      ),
    ),
    rowLink("archive", t("archivedThreads"), hashOf({ page: "archived" })),
    el(
      "li",
      { class: "keysrow" },
      el(
        "button",
        { class: "thing action", type: "button", onclick: showShortcuts },
        icon("mark"),
        t("shortcuts"),
      ),
    ),
  );
  const versions = [...store.state.machines.values()].flatMap((machine) =>
    machine.info ? [`${machine.name}: codex-remote ${machine.info.version}`] : []
  );
  made.node.appendChild(el("p", { class: "note" }, versions.join(" · ")));
  return { node: made.node };
}

/** @param {string} id @param {[string, string][]} options @param {string} current @param {(value: string) => void} choose */
function select(id, options, current, choose) {
  const node = el(
    "select",
    { class: "field small", id, onchange: () => choose(node.value) },
    ...options.map(([value, text]) => el("option", { value }, text)),
  );
  node.value = current;
  return node;
}
