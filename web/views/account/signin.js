// Signing in with a passkey: by the button, or where the browser offers it by itself.
import { canAutofill, canUsePasskeys, signIn } from "../../account/account.js";
import { t } from "../../words/words.js";
import { el } from "../dom.js";
import { problemLine } from "../errors.js";
import { icon } from "../icon.js";

/** @import { Store } from "../../types.d.ts" */

/** @param {Store} store */
export function signinPage(store) {
  const problem = problemLine();
  let offered = new AbortController();
  const button = el(
    "button",
    {
      class: "button main wide",
      type: "button",
      onclick: () => void press(),
    },
    icon("key"),
    t("signInPasskey"),
  );
  const press = async () => {
    problem.show(null);
    button.disabled = true;
    // One request at a time: the quiet offer ends before the dialog opens.
    offered.abort();
    try {
      await signIn();
      await store.actions.start();
    } catch (error) {
      problem.show(error);
      void offer();
    } finally {
      button.disabled = false;
    }
  };
  /** Offers the passkeys of this device in the field below, without a dialog. */
  const offer = async () => {
    const mine = offered = new AbortController();
    try {
      if (!await canAutofill() || mine.signal.aborted) return;
      field.hidden = false;
      await signIn({ autofill: true, signal: mine.signal });
      await store.actions.start();
    } catch (error) {
      if (!mine.signal.aborted && /** @type {any} */ (error)?.code !== "passkey-cancelled") {
        problem.show(error);
      }
    }
  };
  const field = el("input", {
    class: "field",
    type: "text",
    autocomplete: "username webauthn",
    placeholder: t("passkeyField"),
    "aria-label": t("passkeyField"),
    hidden: true,
  });
  const node = el(
    "section",
    { class: "accountcard" },
    el("h1", {}, t("signInTitle")),
    el("p", {}, t("signInHint")),
    canUsePasskeys() ? button : el("p", { class: "problem" }, icon("warning"), t("noPasskeys")),
    field,
    problem.node,
    el("p", { class: "note" }, t("noAccountHint")),
  );
  if (canUsePasskeys()) void offer();
  return {
    node,
    title: t("signInTitle"),
    stop: () => offered.abort(),
  };
}
