// The card for a command, a file change or permissions: all that one needs to judge it, and every way to decide.
import { t } from "../../words/words.js";
import { copyButton } from "../copy.js";
import { changesNode } from "../diffs.js";
import { el, fill } from "../dom.js";
import { icon } from "../icon.js";
import { sandboxName } from "../names.js";
import { visibleText } from "../visible.js";
import { deliberate } from "./guard.js";
import { permissionLines } from "./permissions.js";

/** @import { Approval, Decision, Store } from "../../types.d.ts" */
/** @import { Parts } from "./card.js" */

/** The kinds of decisions that say no. */
const NEGATIVE = new Set(["decline", "cancel", "denyHost", "other"]);

/** @param {Approval} approval */
function titleOf(approval) {
  if (approval.kind === "fileChange") return t("askFiles");
  if (approval.kind === "permissions") return t("askPermissions");
  if (approval.params?.kind === "writeStdin") return t("askInput");
  if (approval.network) return t("askNetwork");
  return t("askCommand");
}

/** @param {Store} store @param {Approval} approval @returns {Parts} */
export function approvalParts(store, approval) {
  const body = el("div", { class: "approval" });
  const foot = el("div");
  let bodySign = "";
  let footSign = "";
  return {
    icon: approval.kind === "fileChange"
      ? "pencil"
      : approval.kind === "permissions"
      ? "shield"
      : approval.network
      ? "globe"
      : "terminal",
    title: titleOf(approval),
    body,
    foot,
    update(/** @type {Approval} */ now) {
      const thread = store.state.threads.get(now.key);
      const { sandbox, network } = thread?.settings ?? {};
      const body_ = JSON.stringify([
        now.reason,
        now.command,
        now.cwd,
        now.changes,
        sandbox,
        network,
      ]);
      if (body_ !== bodySign) fill(body, ...bodyOf(store, now));
      bodySign = body_;
      const foot_ = JSON.stringify(now.decisions);
      if (foot_ !== footSign) fill(foot, ...footOf(store, now));
      footSign = foot_;
    },
    answer: (sent) => t(NEGATIVE.has(sent.text) ? "youDenied" : "youApproved"),
  };
}

/** @param {Store} store @param {Approval} approval */
function bodyOf(store, approval) {
  const thread = store.state.threads.get(approval.key);
  const row = store.state.rows.get(approval.key);
  const parts = [];
  if (approval.reason) parts.push(el("p", { class: "why" }, ...visibleText(approval.reason)));
  if (approval.command) {
    const command = approval.command;
    parts.push(
      el(
        "div",
        { class: "withcopy" },
        el("pre", { class: "wholecommand", tabindex: "0" }, ...visibleText(command)),
        copyButton(() => command),
      ),
    );
  }
  if (approval.kind === "fileChange") {
    if (approval.changes.length) {
      parts.push(
        changesNode(approval.changes, {
          cwd: row?.cwd ?? null,
          open: approval.changes.length <= 3,
        }),
      );
    } else parts.push(el("p", { class: "note" }, t("changesUnknown")));
  }
  const facts = el("dl", { class: "facts" });
  /** @param {string} name @param {string | null | undefined} value @param {boolean} [mono] */
  const fact = (name, value, mono = true) => {
    if (value) {
      facts.append(
        el("dt", {}, name),
        el("dd", { class: mono ? "mono" : null }, ...visibleText(value)),
      );
    }
  };
  if (approval.network) {
    fact(t("factHost"), `${approval.network.protocol}://${approval.network.host}`);
  }
  const asked = approval.permissions ?? approval.params?.additionalPermissions;
  for (const line of permissionLines(asked)) fact(line.name, line.value, line.mono);
  fact(t("factWrites"), approval.grantRoot);
  fact(t("factFolder"), approval.cwd ?? (approval.kind === "fileChange" ? row?.cwd : null));
  // "local" is the machine itself, which the page names already.
  const { environmentId } = approval.params;
  if (typeof environmentId === "string" && environmentId !== "local") {
    fact(t("factEnvironment"), environmentId);
  }
  if (thread?.settings.sandbox && approval.kind === "command") {
    fact(t("factSandbox"), sandboxName(thread.settings.sandbox, thread.settings.network), false);
  }
  if (facts.childElementCount) parts.push(facts);
  return parts;
}

/** @param {Store} store @param {Approval} approval */
function footOf(store, approval) {
  const decide = (/** @type {Decision} */ decision, /** @type {string} */ note = "") =>
    store.actions.decide(approval.id, decision.id, note.trim() || undefined);
  const yes = approval.decisions.find((each) => each.kind === "accept") ??
    approval.decisions.find((each) => each.positive);
  const no = approval.decisions.find((each) => each.kind === "decline") ??
    approval.decisions.find((each) => !each.positive);
  const others = approval.decisions.filter((each) => each !== yes && each !== no);
  const extras = others.map((each) =>
    el(
      "button",
      {
        class: each.positive ? "button extra" : "button extra no",
        type: "button",
        onclick: deliberate(() => decide(each)),
      },
      el("span", {}, ...visibleText(labelOf(each, approval))),
      each.rule && each.kind === "acceptAlways"
        ? el("code", { class: "rule" }, ...visibleText(ruleText(each.rule)))
        : null,
    )
  );
  if (!no) return [...extras, yes ? mainButton(yes, "main", () => decide(yes), approval) : null];
  const reason = el("textarea", {
    class: "field",
    rows: "2",
    placeholder: t("denyWhy"),
    "aria-label": t("denyWhy"),
  });
  const reasonBox = el(
    "div",
    { class: "reason", hidden: true },
    reason,
    el("button", {
      class: "button danger wide",
      type: "button",
      onclick: deliberate(() => decide(no, reason.value)),
    }, t("denyWithReason")),
  );
  const why = el("button", {
    class: "button why",
    type: "button",
    "aria-label": t("denyWithReason"),
    "aria-expanded": "false",
    onclick: () => {
      reasonBox.hidden = !reasonBox.hidden;
      why.setAttribute("aria-expanded", String(!reasonBox.hidden));
      if (!reasonBox.hidden) reason.focus();
    },
  }, icon("pencil"));
  return [
    reasonBox,
    extrasNode(extras),
    el(
      "div",
      { class: "mainways" },
      mainButton(no, "deny", () => decide(no), approval),
      why,
      yes ? mainButton(yes, "main", () => decide(yes), approval) : null,
    ),
  ];
}

/**
 * The other ways to decide: where there is little room they open above the main ones, which stay where they are.
 * @param {HTMLElement[]} extras
 */
function extrasNode(extras) {
  if (extras.length === 0) return null;
  const node = el(
    "details",
    { class: "extras" },
    el("summary", {}, icon("forward"), t("otherWays", { n: extras.length })),
    ...extras,
  );
  node.open = extras.length === 1 ||
    matchMedia("(min-width: 900px) and (min-height: 760px)").matches;
  return node;
}

/** @param {Decision} decision @param {string} kind @param {() => void} decide @param {Approval} approval */
function mainButton(decision, kind, decide, approval) {
  return el(
    "button",
    { class: `button ${kind}`, type: "button", onclick: deliberate(decide) },
    icon(decision.positive ? "check" : "cross"),
    el("span", {}, ...visibleText(labelOf(decision, approval))),
  );
}

/** @param {Decision} decision @param {Approval} approval */
function labelOf(decision, approval) {
  const host = decision.rule?.[0] ?? approval.network?.host ?? "";
  if (decision.kind === "accept") {
    return t(approval.kind === "permissions" ? "allowTurn" : "approve");
  }
  if (decision.kind === "acceptForSession") {
    return t(approval.kind === "fileChange" ? "applySession" : "approveSession");
  }
  if (decision.kind === "acceptAlways") return t("approveAlways");
  if (decision.kind === "allowHost") return t("allowHost", { host });
  if (decision.kind === "denyHost") return t("denyHost", { host });
  if (decision.kind === "decline") return t("deny");
  if (decision.kind === "cancel") return t("denyAndStop");
  return decision.id;
}

/** The words of a rule as one would type them. @param {string[]} rule */
function ruleText(rule) {
  return rule.map((word) =>
    /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
  ).join(" ");
}
