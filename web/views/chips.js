// Model, effort, approval policy and sandbox as chips; each opens its own sheet.
import { known, t } from "../words/words.js";
import { el, set, write } from "./dom.js";
import { icon } from "./icon.js";
import { effortName, policyName, sandboxName } from "./names.js";
import { openChoice } from "./sheet.js";

/** @import { Choices, Machine } from "../types.d.ts" */

/**
 * @param {object} options
 * @param {() => Machine | undefined} options.machine
 * @param {() => Choices} options.current
 * @param {(choice: Partial<Choices>) => void} options.choose
 * @param {string} [options.note] said in every sheet
 */
export function choiceChips({ machine, current, choose, note }) {
  const chip = (/** @type {string} */ name, /** @type {() => void} */ open) => {
    const words = el("span");
    const button = el(
      "button",
      { class: "chip", type: "button", "aria-haspopup": "dialog", onclick: open },
      words,
      icon("down"),
    );
    return {
      button,
      /** @param {string} text @param {boolean} [danger] */
      show(text, danger = false) {
        write(words, text);
        set(button, "aria-label", `${name}: ${text}`);
        set(button, "data-danger", danger || null);
      },
    };
  };
  const modelOf = () => {
    const models = machine()?.models ?? [];
    const { model } = current();
    return models.find((each) => each.model === model) ??
      (model ? undefined : models.find((each) => each.isDefault));
  };
  const model = chip(t("model"), () => {
    const models = (machine()?.models ?? []).filter((each) => !each.hidden);
    void openChoice(
      t("model"),
      models.map((each) => ({
        value: each.model,
        label: each.displayName || each.model,
        hint: each.description,
      })),
      modelOf()?.model ?? current().model,
      (value) => {
        const chosen = models.find((each) => each.model === value);
        const { effort } = current();
        const keeps = !effort || chosen?.efforts.some((each) => each.effort === effort);
        choose(keeps ? { model: value } : { model: value, effort: null });
      },
      note,
    );
  });
  const effort = chip(t("effort"), () => {
    const chosen = modelOf();
    void openChoice(
      t("effort"),
      (chosen?.efforts ?? []).map((each) => ({
        value: each.effort,
        label: effortName(each.effort),
        hint: each.description,
      })),
      current().effort ?? chosen?.defaultEffort ?? null,
      (value) => choose({ effort: value }),
      note,
    );
  });
  const policy = chip(t("approvals"), () =>
    void openChoice(
      t("approvals"),
      ["untrusted", "on-request", "never"].map((value) => ({
        value,
        label: policyName(value),
        hint: known("policyHint", value, ""),
        danger: value === "never",
      })),
      current().approvalPolicy,
      (value) => choose({ approvalPolicy: /** @type {Choices["approvalPolicy"]} */ (value) }),
      note,
    ));
  const sandbox = chip(t("sandbox"), () =>
    void openChoice(
      t("sandbox"),
      ["read-only", "workspace-write", "danger-full-access"].map((value) => ({
        value,
        label: sandboxName(value),
        hint: known("sandboxHint", value, ""),
        danger: value === "danger-full-access",
      })),
      current().sandbox,
      (value) => choose({ sandbox: /** @type {Choices["sandbox"]} */ (value) }),
      note,
    ));
  const node = el(
    "div",
    { class: "chips", role: "group", "aria-label": t("settingsOfTask") },
    model.button,
    effort.button,
    policy.button,
    sandbox.button,
  );
  const show = () => {
    const now = current();
    const chosen = modelOf();
    model.show(chosen?.displayName || now.model || t("defaultModel"));
    model.button.hidden = (machine()?.models.length ?? 0) === 0 && !now.model;
    const force = now.effort ?? chosen?.defaultEffort;
    effort.button.hidden = !force || (chosen?.efforts.length ?? 0) < 2;
    effort.show(force ? effortName(force) : "");
    policy.show(
      now.approvalPolicy ? policyName(now.approvalPolicy) : t("defaultPolicy"),
      now.approvalPolicy === "never",
    );
    sandbox.show(
      now.sandbox ? sandboxName(now.sandbox) : t("defaultSandbox"),
      now.sandbox === "danger-full-access",
    );
  };
  show();
  return { node, show };
}
