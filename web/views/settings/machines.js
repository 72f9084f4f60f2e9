// The machines of the account.
import { call } from "../../account/api.js";
import { t } from "../../words/words.js";
import { withFresh } from "../account/fresh.js";
import { el, fill, nextFrame } from "../dom.js";
import { hashOf } from "../route.js";
import { confirmFirst, openText } from "../sheet.js";
import { ago, onlyHere, rowLink, section, thing, way } from "./section.js";

/** @import { Machine, Store } from "../../types.d.ts" */

/** @param {Store} store */
export function machineSection(store) {
  const made = section(t("machines"), { hint: t("machinesHint") });
  const show = () => {
    const machines = [...store.state.machines.values()];
    fill(made.list, ...machines.map(machineRow));
    made.list.append(
      el(
        "li",
        { class: "thing column" },
        el("p", { class: "note" }, t("addMachineHint")),
        el("pre", { class: "command" }, `codex-remote anchor --relay \\\n  ${location.origin}`),
        onlyHere(),
      ),
      rowLink("shield", t("codeTitle"), hashOf({ page: "code" }), t("codeRowHint")),
    );
  };
  const stop = store.subscribe((change) => {
    if (change.type === "machines" || change.type === "machine") nextFrame(show);
  });
  show();
  return { node: made.node, stop };
}

/** @param {Machine} machine */
function machineRow(machine) {
  const about = machine.online
    ? [
      t("isOnline"),
      machine.info?.platform,
      machine.info ? `codex ${machine.info.codex.version}` : null,
    ]
    : [
      t("isOffline"),
      machine.seen ? ago("seenAgo", machine.seen) : null,
    ];
  const row = thing(
    "laptop",
    machine.name,
    about.filter(Boolean).join(" · "),
    way("pencil", t("renameOf", { name: machine.name }), () =>
      openText(
        t("rename"),
        { value: machine.name, save: t("save") },
        (name) => call("/api/machines/rename", { id: machine.id, name }),
      )),
    way("trash", t("removeOf", { name: machine.name }), () =>
      confirmFirst(
        t("removeMachine"),
        t("removeMachineHint", { name: machine.name }),
        t("remove"),
        () => withFresh(() => call("/api/machines/revoke", { id: machine.id })),
      )),
  );
  const words = row.querySelector(".thingwords");
  words?.appendChild(el("span", { class: "fingerprint mono" }, machine.fingerprint));
  const { codexAccount } = machine;
  if (codexAccount.status === "ok") {
    const who = [codexAccount.email ?? codexAccount.type, codexAccount.plan].filter(Boolean).join(
      " · ",
    );
    if (who) words?.appendChild(el("span", { class: "note" }, t("codexAccountOf", { who })));
  } else if (codexAccount.status === "needed") {
    words?.appendChild(
      el("span", { class: "note" }, t("codexSignedOut", { machine: machine.name })),
    );
  }
  for (const window of [machine.limits?.primary, machine.limits?.secondary]) {
    if (!window) continue;
    const span = window.windowMinutes
      ? window.windowMinutes >= 1440
        ? t("nDays", { n: Math.round(window.windowMinutes / 1440) })
        : t("nHours", { n: Math.round(window.windowMinutes / 60) })
      : t("limit");
    const bar = el("progress", {
      max: 100,
      value: window.usedPercent,
      "aria-label": t("limitUsed", { span }),
    });
    words?.appendChild(
      el(
        "span",
        { class: "limit note figures" },
        span,
        bar,
        t("percentUsed", { percent: Math.round(window.usedPercent) }),
      ),
    );
  }
  for (const warning of machine.warnings.slice(-3)) {
    words?.appendChild(el("span", { class: "note" }, warning.message));
  }
  return row;
}
