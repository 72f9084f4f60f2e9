// The pages of the account: claim or invite, sign in, approve a machine. They stand alone.
import { t } from "../../words/words.js";
import { el, loadStyle } from "../dom.js";
import { icon } from "../icon.js";
import { closeSheets } from "../sheet.js";
import { codePage } from "./code.js";
import { linkPage } from "./link.js";
import { signinPage } from "./signin.js";

/** @import { Store } from "../../types.d.ts" */

/**
 * @param {Store} store
 * @param {string} name `link`, `code` or `signin`
 * @param {string} secret
 * @param {() => void} done the page is not needed any more
 * @returns {Promise<import("../shell.js").Page>}
 */
export async function createAccountPage(store, name, secret, done) {
  await loadStyle("account.css");
  // Whoever was signed out has no use for what was asked there.
  closeSheets();
  /** @type {{node: HTMLElement, title: string, stop?: () => void, focus?: () => void}} */
  const made = name === "link"
    ? linkPage(store, secret, done)
    : name === "code"
    ? codePage(secret, done)
    : signinPage(store);
  const node = el(
    "div",
    { class: "scroll" },
    el(
      "div",
      { class: "account" },
      el("p", { class: "brand" }, icon("mark"), "codex-remote"),
      made.node,
      el("p", { class: "note origin" }, icon("shield"), t("originLine", { host: location.host })),
    ),
  );
  return { node, title: () => made.title, stop: made.stop ?? (() => {}), focus: made.focus };
}
