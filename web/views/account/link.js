// A claim, recovery, invite or device link: says what it is for, takes a name, makes the passkey.
import { canUsePasskeys, lookLink, useLink } from "../../account/account.js";
import { t } from "../../words/words.js";
import { el, fill } from "../dom.js";
import { problemLine } from "../errors.js";
import { icon } from "../icon.js";
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
    const makesAccount = kind === "claim" || kind === "invite";
    const name = el("input", {
      class: "field",
      id: "name",
      type: "text",
      autocomplete: "name",
      maxlength: "64",
      required: true,
      spellcheck: "false",
    });
    const submit = el(
      "button",
      { class: "button main wide", type: "submit" },
      icon("key"),
      t(makesAccount ? "makePasskey" : "addPasskeyHere"),
    );
    const form = el(
      "form",
      {
        class: "accountform",
        onsubmit: async (/** @type {Event} */ event) => {
          event.preventDefault();
          problem.show(null);
          submit.disabled = true;
          try {
            await useLink(link, { name: name.value.trim() });
            // This page stays until the account is there: the next one would ask to sign in.
            await signedIn(store);
            done();
          } catch (error) {
            problem.show(error);
          } finally {
            submit.disabled = false;
          }
        },
      },
      makesAccount ? el("label", { class: "labelled", for: "name" }, t("yourName"), name) : null,
      problem.node,
      canUsePasskeys() ? submit : el("p", { class: "problem" }, icon("warning"), t("noPasskeys")),
    );
    fill(
      node,
      el(
        "h1",
        {},
        t(
          kind === "claim"
            ? "claimTitle"
            : kind === "recover"
            ? "recoverTitle"
            : kind === "invite"
            ? "inviteTitle"
            : "deviceTitle",
        ),
      ),
      el(
        "p",
        {},
        kind === "invite" && by ? t("inviteHint", { by }) : t(
          kind === "claim"
            ? (machine ? "claimMachineHint" : "claimHint")
            : kind === "recover"
            ? "recoverHint"
            : "deviceHint",
        ),
      ),
      machine ? machineCard(machine) : null,
      form,
      el("p", { class: "note" }, t("passkeyHint")),
    );
    if (matchMedia("(pointer: fine)").matches) name.focus();
  };
  void show();
  return { node, title: t("joinTitle") };
}
