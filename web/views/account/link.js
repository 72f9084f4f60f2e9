// A claim, recovery, invite or device link: says what it is for, takes a name, makes the passkey.
import { canUsePasskeys, deviceName, lookLink, useLink } from "../../account/account.js";
import { t } from "../../words/words.js";
import { el, fill, write } from "../dom.js";
import { problemLine, working } from "../errors.js";
import { icon } from "../icon.js";
import { inputField } from "./field.js";
import { machineCard } from "./machine.js";

/** @import { Store } from "../../types.d.ts" */

/** Starts with the new sign-in; ends when the relay has confirmed it. @param {Store} store */
async function signedIn(store) {
  const { promise, resolve } = Promise.withResolvers();
  const look = () => {
    if (store.state.account.status === "signed-in") resolve(null);
  };
  const stop = store.subscribe((change) => change.type === "account" && look());
  const late = setTimeout(resolve, 10_000);
  try {
    await store.actions.start();
    look();
    await promise;
  } finally {
    clearTimeout(late);
    stop();
  }
}

/** @param {Store} store @param {string} link @param {() => void} done */
export function linkPage(store, link, done) {
  const node = el(
    "section",
    { class: "accountcard", "aria-live": "polite" },
    el("p", { class: "note" }, t("readingLink")),
  );
  const leave = () =>
    el("button", { class: "button quiet wide", type: "button", onclick: done }, t("toApp"));
  // Whoever is signed in here is told what becomes of that, and above all that the link opens somebody else's account.
  const replaces = el("p", { role: "status" });
  const away = leave();
  const tell = () => {
    const { user } = store.state.account;
    const other = /^(device|recover)\./.test(link) && user?.id !== link.split(".")[1];
    replaces.className = other ? "problem" : "note";
    write(replaces, user ? t(other ? "otherAccount" : "replacesSignin", { name: user.name }) : "");
    replaces.hidden = !user;
    // Who has no account yet has nowhere to go, and would lose the link.
    away.hidden = !user && /^(claim|invite)\./.test(link);
  };
  const stop = store.subscribe((change) => change.type === "account" && tell());
  tell();
  const show = async () => {
    try {
      ready(await lookLink(link));
    } catch (error) {
      const problem = problemLine();
      problem.show(error);
      const known = /** @type {any} */ (error)?.code === "bad-link";
      fill(
        node,
        el("h1", {}, t(known ? "linkBad" : "linkFailed")),
        known ? el("p", {}, t("linkBadHint")) : problem.node,
        known ? null : el(
          "button",
          {
            class: "button main wide",
            type: "button",
            onclick: () => void show(),
          },
          icon("retry"),
          t("tryAgain"),
        ),
        leave(),
      );
    }
  };
  /** @param {any} about */
  const ready = ({ kind, machine, by }) => {
    const problem = problemLine();
    const [title, hint, act] = texts(kind, machine !== null, by);
    const makesAccount = kind === "claim" || kind === "invite";
    const name = inputField(t("yourName"), { autocomplete: "name" });
    const submit = el("button", { class: "button main wide" }, icon("key"), act);
    const use = async () => {
      await useLink(link, makesAccount ? name.input.value.trim() : by ?? deviceName());
      // This page stays until the account is there: the next one would ask to sign in.
      await signedIn(store);
      done();
    };
    const form = el(
      "form",
      {
        class: "accountform",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          void working(problem, [submit], use);
        },
      },
      makesAccount ? name.node : null,
      problem.node,
      canUsePasskeys() ? submit : el("p", { class: "problem" }, icon("warning"), t("noPasskeys")),
    );
    fill(
      node,
      el("h1", {}, title),
      el("p", {}, hint),
      machine ? machineCard(machine) : null,
      replaces,
      form,
      away,
      el("p", { class: "note" }, t("passkeyHint")),
    );
    if (makesAccount && matchMedia("(pointer: fine)").matches) name.input.focus();
  };
  void show();
  return { node, title: t("joinTitle"), stop };
}

/** @param {string} kind @param {boolean} machine comes with it @param {string | null} by whose it is @returns {string[]} */
function texts(kind, machine, by) {
  const name = by ?? "";
  if (kind === "claim") {
    return [t("claimTitle"), t(machine ? "claimMachineHint" : "claimHint"), t("makePasskey")];
  }
  if (kind === "invite") return [t("inviteTitle"), t("inviteHint", { by: name }), t("makePasskey")];
  if (kind === "recover") {
    return [t("recoverTitle"), t("recoverHint", { name }), t("addPasskeyHere")];
  }
  return [t("deviceTitle"), t("deviceHint", { name }), t("addPasskeyHere")];
}
