// The machines of the account, and invites for other people.
import {
  createInvite,
  listInvites,
  renameMachine,
  revokeInvite,
  revokeMachine,
} from "../../account/account.js";
import { t } from "../../words/words.js";
import { date, roughly } from "../clock.js";
import { copyButton } from "../copy.js";
import { el, fill, nextFrame } from "../dom.js";
import { notify } from "../errors.js";
import { openSheet, openText } from "../sheet.js";
import { attempt, confirmFirst, loadedSection, section, thing, way } from "./section.js";

/** @import { Machine, Store } from "../../types.d.ts" */

/** @param {Store} store */
export function machineSection(store) {
  const made = section(t("machines"), { hint: t("machinesHint") });
  const show = () => {
    const machines = [...store.state.machines.values()];
    fill(made.list, ...machines.map(machineRow));
    made.list.appendChild(
      el(
        "li",
        { class: "thing column" },
        el("p", { class: "note" }, t("addMachineHint")),
        el("pre", { class: "command" }, `codex-remote login \\\n  --relay ${location.origin}`),
      ),
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
      machine.seen ? t("seenAgo", { age: roughly(Date.now() - machine.seen) }) : null,
    ];
  const row = thing(
    "laptop",
    machine.name,
    about.filter(Boolean).join(" · "),
    way(
      "pencil",
      t("rename"),
      () =>
        void openText(
          t("rename"),
          { value: machine.name, save: t("save") },
          (name) => attempt(() => renameMachine(machine.id, name)),
        ),
    ),
    way(
      "trash",
      t("remove"),
      () =>
        confirmFirst(
          t("removeMachine"),
          t("removeMachineHint", { name: machine.name }),
          t("remove"),
          () => attempt(() => revokeMachine(machine.id)),
        ),
    ),
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

export function inviteSection() {
  return loadedSection(
    t("invites"),
    async () => (await listInvites()).invites,
    (/** @type {any} */ invite, again) =>
      thing(
        "user",
        t("inviteOpen"),
        t("expiresOn", { date: date(invite.expires) }),
        way("trash", t("remove"), () => attempt(() => revokeInvite(invite.id), again)),
      ),
    {
      hint: t("invitesHint"),
      empty: t("noInvites"),
      action: {
        text: t("invite"),
        run: (again) => {
          createInvite().then((/** @type {any} */ { link }) => {
            void again();
            showLink(link);
          }, notify);
        },
      },
    },
  );
}

/** @param {string} link */
function showLink(link) {
  const address = link.includes("#") ? link : `${location.origin}/#link=${link}`;
  void openSheet(t("inviteLink"), () =>
    el(
      "div",
      { class: "sheetform" },
      el("p", { class: "note" }, t("inviteLinkHint")),
      el("pre", { class: "command" }, address),
      copyButton(() => address, t("copyLink")),
      typeof navigator.share === "function"
        ? el("button", {
          class: "button",
          type: "button",
          onclick: () => void navigator.share({ url: address }).catch(() => {}),
        }, t("share"))
        : null,
    ));
}
