// The relay serves another build of this page: a reload is offered, never forced.
import { lookForUpdate, registerWorker, reloadPage } from "../keep/offline.js";
import { t } from "../words/words.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";

let offered = false;

/** Keeps the client for the time without a network; call it once the page is at rest. */
export function keepOffline() {
  void registerWorker(offerReload);
}

/** The relay named another build than this page's. */
export function newBuildSeen() {
  void lookForUpdate();
  offerReload();
}

function offerReload() {
  if (offered) return;
  offered = true;
  const reload = el("button", {
    class: "button main",
    type: "button",
    onclick: () => {
      reload.disabled = true;
      void reloadPage();
    },
  }, t("reload"));
  const node = el(
    "div",
    { class: "toast", role: "status" },
    el("span", {}, t("newVersion")),
    reload,
    el("button", {
      class: "round",
      type: "button",
      "aria-label": t("close"),
      onclick: () => node.remove(),
    }, icon("cross")),
  );
  document.body.appendChild(node);
}
