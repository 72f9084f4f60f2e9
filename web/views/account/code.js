// Approving a machine that asks to be signed in: its name and its key are compared, then it is let in.
import { call } from "../../account/api.js";
import { readUserCode } from "../../text/usercode.js";
import { t } from "../../words/words.js";
import { el, fill } from "../dom.js";
import { problemLine, working } from "../errors.js";
import { icon } from "../icon.js";
import { withFresh } from "./fresh.js";
import { machineCard } from "./machine.js";

/** @param {string} secret the code of the address, or "" where it is to be typed @param {() => void} done */
export function codePage(secret, done) {
  const node = el("section", { class: "accountcard", "aria-live": "polite" });

  /** @param {string} code @param {unknown} [error] */
  const ask = (code, error) => {
    const problem = problemLine();
    problem.show(error);
    const field = el("input", {
      class: "field codefield mono",
      id: "usercode",
      type: "text",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: "false",
      maxlength: "32",
      placeholder: "XXXX-XXXX",
      required: true,
    });
    field.value = code;
    fill(
      node,
      el("h1", {}, t("codeTitle")),
      el(
        "form",
        {
          class: "accountform",
          onsubmit: (/** @type {Event} */ event) => {
            event.preventDefault();
            const typed = readUserCode(field.value);
            if (typed) void look(typed);
            else problem.show(new Error(t("codeForm")));
          },
        },
        el(
          "label",
          { class: "labelled", for: "usercode" },
          t("codeLabel"),
          field,
          el("span", { class: "note" }, t("codeLabelHint")),
        ),
        problem.node,
        el("button", { class: "button main wide", type: "submit" }, t("continue")),
      ),
      el("button", { class: "button quiet wide", type: "button", onclick: done }, t("toApp")),
    );
    if (error) focus();
  };

  const focus = () => node.querySelector("input")?.focus();

  /** @param {string} code */
  const look = async (code) => {
    fill(node, el("p", { class: "note" }, t("readingCode")));
    try {
      confirm(code, await call("/api/code/look", { code }));
    } catch (error) {
      ask(code, error);
    }
  };

  /** @param {string} code @param {{name: string, fingerprint: string}} machine */
  const confirm = (code, machine) => {
    const problem = problemLine();
    /** @param {"deny" | "approve"} way @param {() => void} after */
    const act = (way, after) => () =>
      void working(problem, [deny, approve], async () => {
        await withFresh(() => call(`/api/code/${way}`, { code }));
        after();
      });
    const deny = el(
      "button",
      {
        class: "button danger",
        type: "button",
        onclick: act("deny", () => over("machineDenied", machine.name, "cross")),
      },
      icon("cross"),
      t("deny"),
    );
    const approve = el(
      "button",
      {
        class: "button main",
        type: "button",
        onclick: act("approve", () => over("machineApproved", machine.name, "check")),
      },
      icon("check"),
      t("approveMachine"),
    );
    fill(
      node,
      el("h1", {}, t("codeConfirm")),
      el("p", {}, t("codeConfirmHint")),
      machineCard(machine),
      problem.node,
      el("div", { class: "buttons" }, deny, approve),
      el("p", { class: "note" }, t("codeWarning")),
    );
  };

  /** @param {"machineDenied" | "machineApproved"} word @param {string} machine @param {import("../icon.js").IconName} mark */
  const over = (word, machine, mark) => {
    fill(
      node,
      el("p", { class: "bigmark" }, icon(mark)),
      el("h1", {}, t(word, { machine })),
      el("p", {}, t(word === "machineApproved" ? "machineApprovedHint" : "machineDeniedHint")),
      el("button", { class: "button main wide", type: "button", onclick: done }, t("toApp")),
    );
  };

  if (secret) void look(secret.toUpperCase());
  else ask("");
  return { node, title: t("codeTitle"), focus };
}
