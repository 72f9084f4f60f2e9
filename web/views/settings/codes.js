// One-time codes (TOTP) and the recovery codes that come with them.
import { call } from "../../account/api.js";
import { t } from "../../words/words.js";
import { callWithCode, codeField, inputField } from "../account/field.js";
import { withFresh } from "../account/fresh.js";
import { copyButton } from "../copy.js";
import { announce, el } from "../dom.js";
import { icon } from "../icon.js";
import { qrPicture } from "../qr.js";
import { confirmFirst, openForm, openSheet } from "../sheet.js";
import { loadedSection, rowButton, thing } from "./section.js";

/** Fewer than this many are called few. */
const FEW = 4;

export function codesSection() {
  return loadedSection(t("codes"), async (again) => {
    const { on, login, recovery } = await call("/api/totp/look");
    if (!on) {
      return { rows: [rowButton("clock", t("setUpCodes"), () => setUp(again))] };
    }
    const left = thing("shield", t("recoveryCodes"), t("nCodesLeft", { n: recovery }));
    if (recovery < FEW) left.classList.add("warns");
    return {
      rows: [
        thing("clock", t("codesOn"), t("signsInAs", { name: login })),
        left,
        rowButton(
          "retry",
          t("renewRecovery"),
          () =>
            confirmFirst(
              t("renewRecovery"),
              t("renewRecoveryHint"),
              t("renew"),
              async () => {
                const made = await withFresh(() => call("/api/recovery/renew"));
                await showRecovery(made.recovery, again);
              },
            ),
        ),
        rowButton(
          "trash",
          t("turnOffCodes"),
          () =>
            confirmFirst(t("turnOffCodes"), t("turnOffCodesHint"), t("turnOff"), async () => {
              await withFresh(() => call("/api/totp/remove"));
              await again();
            }),
          "danger",
        ),
      ],
    };
  }, { hint: t("codesHint") });
}

/** @param {() => Promise<void>} again */
async function setUp(again) {
  const { secret, uri, name } = await withFresh(() => call("/api/totp/options"));
  const login = inputField(
    t("signInName"),
    { autocomplete: "username", value: name },
    t("signInNameHint"),
  );
  const code = codeField(t("codeOfApp"));
  code.input.inputMode = "numeric";
  code.input.maxLength = 7;
  await openForm(
    t("setUpCodes"),
    [
      el("p", {}, t("scanSecret")),
      qrPicture(uri, t("qrOfSecret")),
      el(
        "div",
        { class: "secret" },
        el("code", { class: "command" }, secret.replace(/(.{4})(?=.)/g, "$1 ")),
        copyButton(() => secret),
      ),
      code.node,
      login.node,
    ],
    {
      yes: t("turnOn"),
      run: async () => {
        const made = await withFresh(() =>
          callWithCode("/api/totp/add", { code: code.input.value, name: login.input.value })
        ).catch((error) => {
          // It may be that only the answer was lost: then the page behind says that they are on.
          void again();
          throw error;
        });
        await showRecovery(made.recovery, again);
      },
    },
  );
}

/**
 * The relay gives them once, so this stays until the person says that they are kept.
 * @param {string[]} codes @param {() => Promise<void>} again
 */
function showRecovery(codes, again) {
  const text = () =>
    `${t("recoveryCodes")}, codex-remote, ${location.host}\n\n${codes.join("\n")}\n`;
  const hold = (/** @type {Event} */ event) => event.preventDefault();
  addEventListener("beforeunload", hold);
  return openSheet(t("recoveryCodes"), (close) => {
    const done = el(
      "button",
      { class: "button main wide", type: "button", disabled: true, onclick: close },
      t("done"),
    );
    const kept = el("input", {
      type: "checkbox",
      id: "kept",
      onchange: () => done.disabled = !kept.checked,
    });
    return el(
      "div",
      { class: "sheetform" },
      el("p", {}, t("recoveryHint")),
      el("ol", { class: "recovery mono" }, ...codes.map((code) => el("li", {}, code))),
      el(
        "div",
        { class: "buttons" },
        copyButton(text, t("copy")),
        el(
          "button",
          { class: "button", type: "button", onclick: () => saveFile(text()) },
          icon("file"),
          t("saveFile"),
        ),
      ),
      el("label", { class: "kept", for: kept.id }, kept, t("codesKept")),
      done,
    );
  }, {
    locked: true,
    closed: () => {
      removeEventListener("beforeunload", hold);
      void again();
    },
  });
}

/** @param {string} text */
function saveFile(text) {
  const href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  el("a", { href, download: "codex-remote-recovery-codes.txt" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
  announce(t("saved"));
}
