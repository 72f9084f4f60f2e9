// What keeps codex itself from working, said plainly: not signed in, a usage limit. Signing in goes on from here.
import { t } from "../words/words.js";
import { roughly, timeOfDay } from "./clock.js";
import { el, Keyed, nextFrame } from "./dom.js";
import { notify } from "./errors.js";
import { icon } from "./icon.js";

/** @import { Machine, RateWindow, Store } from "../types.d.ts" */
/** @import { View } from "./dom.js" */

/** @param {Store} store @param {HTMLElement} node */
export function codexCards(store, node) {
  const list = new Keyed(
    node,
    (/** @type {Machine} */ machine) => machine.id,
    () => machineCard(store),
  );
  const show = () =>
    list.show(
      [...store.state.machines.values()].filter((machine) =>
        machine.status === "ready" &&
        (machine.codexAccount.status === "needed" || machine.limits?.reached)
      ),
    );
  const stop = store.subscribe((change) => {
    if (change.type === "machine" || change.type === "machines") nextFrame(show);
  });
  show();
  return { stop };
}

/** @param {Store} store @returns {View<Machine>} */
function machineCard(store) {
  const node = el("section", { class: "card" });
  let last = "";
  return {
    node,
    update(machine) {
      const sign = JSON.stringify([machine.name, machine.codexAccount, machine.limits]);
      if (sign === last) return;
      last = sign;
      node.replaceChildren(
        ...(machine.codexAccount.status === "needed"
          ? loginCard(store, machine)
          : limitCard(machine)),
      );
    },
  };
}

/** @param {Store} store @param {Machine} machine */
function loginCard(store, machine) {
  const login = machine.codexAccount.login;
  const begin = () => void store.actions.accountLogin(machine.id).catch(notify);
  const head = el("h2", {}, icon("key"), t("codexSignedOut", { machine: machine.name }));
  if (!login || login.status === "failed") {
    return [
      head,
      el("p", { class: "note" }, login?.problem ?? t("codexSignedOutHint")),
      el(
        "button",
        { class: "button main wide", type: "button", onclick: begin },
        login ? t("tryAgain") : t("codexSignIn"),
      ),
    ];
  }
  if (login.status === "starting" || !login.url) {
    return [head, el("p", { class: "note" }, t("codexSigningIn"))];
  }
  const code = login.code ?? "";
  const open = el(
    "a",
    { class: "button main", target: "_blank", rel: "noopener noreferrer" },
    icon("external"),
    t("codexOpen"),
  );
  const url = URL.parse(login.url);
  if (url?.protocol === "https:") open.href = url.href;
  return [
    head,
    el("p", { class: "note" }, t("codexEnterCode", { host: url?.host ?? "" })),
    el("p", { class: "usercode", "aria-label": code.split("").join(" ") }, code),
    el(
      "div",
      { class: "buttons" },
      el(
        "button",
        {
          class: "button",
          type: "button",
          onclick: () => void navigator.clipboard?.writeText(code),
        },
        icon("copy"),
        t("copyCode"),
      ),
      open,
    ),
    el("button", {
      class: "button quiet wide",
      type: "button",
      onclick: () => void store.actions.accountLoginCancel(machine.id).catch(notify),
    }, t("cancel")),
  ];
}

/** @param {Machine} machine */
function limitCard(machine) {
  const windows = [machine.limits?.primary, machine.limits?.secondary].filter((each) => !!each);
  const full =
    windows.filter((each) => each.usedPercent >= 100).sort((a, b) =>
      (b.resetsAt ?? 0) - (a.resetsAt ?? 0)
    )[0];
  return [
    el("h2", {}, icon("clock"), t("limitReached", { machine: machine.name })),
    el("p", { class: "note" }, full?.resetsAt ? resets(full) : t("limitHint")),
  ];
}

/** @param {RateWindow} window */
function resets(window) {
  const at = window.resetsAt ?? 0;
  return t("limitResets", { time: timeOfDay(at), age: roughly(at - Date.now()) });
}
