// The settings: what one is and has, and below it pages of their own for what opens the account, for people, for the log.
import { t } from "../../words/words.js";
import { screen } from "../bar.js";
import { el, loadStyle } from "../dom.js";

/** @import { Store } from "../../types.d.ts" */
/** @import { Section } from "./section.js" */

/** @type {Record<string, () => Promise<{title: import("../../words/words.js").Word, sections(store: Store): Section[]}>>} */
const PARTS = {
  "": () => import("./home.js"),
  security: () => import("./security.js"),
  people: () => import("./people.js"),
  log: () => import("./log.js"),
};

/** @param {Store} store @param {string} [part] @returns {Promise<import("../shell.js").Page>} */
export async function createSettingsPage(store, part = "") {
  const known = Object.hasOwn(PARTS, part) ? part : "";
  const [made] = await Promise.all([
    PARTS[known](),
    loadStyle("settings.css"),
    loadStyle("account.css"),
  ]);
  const sections = made.sections(store);
  const page = screen(
    store,
    t(made.title),
    el("div", { class: "column settings" }, ...sections.map((section) => section.node)),
  );
  if (known) page.node.classList.add("deep");
  const stop = store.subscribe((change) => {
    if (!/^(link|heard)$/.test(change.type) || store.state.link.status !== "connected") return;
    for (const section of sections) section.retry?.();
  });
  return {
    ...page,
    stop() {
      stop();
      page.stop();
      for (const section of sections) section.stop?.();
    },
  };
}
