// What needs a fresh proof that it is the person: asks for the passkey or a code, then does it, and nothing typed is lost.
import { canUsePasskeys, verify } from "../../account/account.js";
import { ApiError, call } from "../../account/api.js";
import { t } from "../../words/words.js";
import { el } from "../dom.js";
import { CANCELLED, problemLine, working } from "../errors.js";
import { icon } from "../icon.js";
import { openSheet } from "../sheet.js";
import { callWithCode, codeField } from "./field.js";

/** @type {Promise<void> | null} */
let proving = null;

/**
 * Does it; where the relay asks for a proof first, again after that. Rejects with `CANCELLED` when the person lets it be.
 * @template T @param {() => Promise<T>} ask @returns {Promise<T>}
 */
export async function withFresh(ask) {
  try {
    return await ask();
  } catch (error) {
    if (/** @type {any} */ (error)?.code !== "verify-first") throw error;
  }
  await (proving ??= prove().finally(() => proving = null));
  return await ask();
}

async function prove() {
  const [{ on }, { passkeys }] = await Promise.all([
    call("/api/totp/look"),
    call("/api/passkeys/list"),
  ]);
  const { promise, resolve, reject } = Promise.withResolvers();
  const asking = new AbortController();
  const closed = () => {
    asking.abort();
    reject(new ApiError(CANCELLED, "", 0));
  };
  await openSheet(t("proveTitle"), (close) => {
    const problem = problemLine();
    const done = () => {
      resolve(undefined);
      close();
    };
    const byPasskey = async () => {
      await verify(asking.signal);
      done();
    };
    const key = el(
      "button",
      {
        class: "button main wide",
        type: "button",
        onclick: () => void working(problem, [key], byPasskey),
      },
      icon("key"),
      t("usePasskey"),
    );
    const field = codeField(t("oneTimeCode"), t("orRecoveryCode"));
    const submit = el("button", { class: "button wide" }, t("continue"));
    const hasKey = passkeys.length > 0 && canUsePasskeys();
    // The tap that led here lets the browser ask at once; where it does not, the button stands there.
    if (hasKey && navigator.userActivation?.isActive) {
      key.disabled = true;
      byPasskey().catch((error) => {
        if (error.code !== "passkey-cancelled") problem.show(error);
      }).finally(() => key.disabled = false);
    }
    return el(
      "div",
      { class: "sheetform" },
      el("p", {}, t("proveHint")),
      hasKey ? key : null,
      on
        ? el(
          "form",
          {
            class: "accountform",
            onsubmit: (/** @type {Event} */ event) => {
              event.preventDefault();
              void working(problem, [submit], async () => {
                await callWithCode("/api/verify/code", { code: field.input.value });
                done();
              });
            },
          },
          field.node,
          submit,
        )
        : null,
      problem.node,
    );
  }, { closed });
  await promise;
}
