// Settings: the account and what may use it, machines, invites, how the page looks and speaks.
import { t } from "../../words/words.js";
import { el, loadStyle } from "../dom.js";
import { icon } from "../icon.js";
import { linkLine } from "../link.js";
import { back } from "../route.js";
import { accountSection, passkeySection, signinSection } from "./account.js";
import { lookSection } from "./look.js";
import { inviteSection, machineSection } from "./machines.js";

/** @import { Store } from "../../types.d.ts" */

/** @param {Store} store @returns {Promise<import("../shell.js").Page>} */
export async function createSettingsPage(store) {
  await loadStyle("settings.css");
  const link = linkLine(store, () => null);
  /** @type {{node: HTMLElement, stop?: () => void}[]} */
  const sections = [
    accountSection(store),
    machineSection(store),
    ...(store.state.account.user?.owner ? [inviteSection()] : []),
    passkeySection(),
    signinSection(),
    lookSection(store),
  ];
  const node = el(
    "div",
    { class: "settingspage" },
    el(
      "header",
      { class: "bar" },
      el(
        "button",
        { class: "round leave", type: "button", "aria-label": t("back"), onclick: back },
        icon("back"),
      ),
      el(
        "div",
        { class: "titles" },
        el("h1", {}, t("settings")),
        el("div", { class: "below" }, link.node),
      ),
    ),
    el(
      "div",
      { class: "scroll" },
      el("div", { class: "column settings" }, ...sections.map((section) => section.node)),
    ),
  );
  return {
    node,
    title: () => t("settings"),
    stop() {
      link.stop();
      for (const section of sections) section.stop?.();
    },
  };
}
