// Signing in: with a passkey, by the button or where the browser offers it in the name's field; or with a code.
import { canAutofill, canUsePasskeys, signIn, signInWithCode } from "../../account/account.js";
import { t } from "../../words/words.js";
import { el } from "../dom.js";
import { problemLine, working } from "../errors.js";
import { icon } from "../icon.js";
import { codeField, inputField } from "./field.js";

/** @import { Store } from "../../types.d.ts" */

/** @param {Store} store */
export function signinPage(store) {
  const [problem, wrong] = [problemLine(), problemLine()];
  let offered = new AbortController();
  /**
   * One request at a time: the quiet offer ends before another way is taken.
   * @param {typeof problem} line @param {() => Promise<unknown>} way
   */
  const enter = (line, way) =>
    working(line, [button, submit], async () => {
      for (const each of [problem, wrong]) each.show(null);
      offered.abort();
      try {
        await way();
        await store.actions.start();
      } catch (error) {
        void offer();
        throw error;
      }
    });
  const button = el(
    "button",
    { class: "button main wide", type: "button", onclick: () => void enter(problem, signIn) },
    icon("key"),
    t("signInPasskey"),
  );
  /** Offers the passkeys of this device in the name's field, without a dialog. */
  const offer = async () => {
    const mine = offered = new AbortController();
    try {
      if (!await canAutofill() || mine.signal.aborted) return;
      await signIn({ autofill: true, signal: mine.signal });
      await store.actions.start();
    } catch (error) {
      if (!mine.signal.aborted && /** @type {any} */ (error)?.code !== "passkey-cancelled") {
        problem.show(error);
      }
    }
  };
  const name = inputField(t("signInName"), { autocomplete: "username webauthn" });
  const code = codeField(t("oneTimeCode"), t("orRecoveryCode"));
  const submit = el("button", { class: "button wide" }, t("signIn"));
  const node = el(
    "section",
    { class: "accountcard" },
    el("h1", {}, t("signInTitle")),
    canUsePasskeys() ? button : el("p", { class: "problem" }, icon("warning"), t("noPasskeys")),
    problem.node,
    el("p", { class: "or" }, t("orWithCode")),
    el(
      "form",
      {
        class: "accountform",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          void enter(wrong, () => signInWithCode(name.input.value, code.input.value));
        },
      },
      name.node,
      code.node,
      wrong.node,
      submit,
    ),
    el("p", { class: "note" }, t("noAccountHint")),
  );
  if (canUsePasskeys()) void offer();
  return {
    node,
    title: t("signInTitle"),
    stop: () => offered.abort(),
  };
}
