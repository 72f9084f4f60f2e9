// A card for one thing that waits: what it is, since when, and how far an answer came.
import { known, t } from "../../words/words.js";
import { age, roughly, tick, timeOfDay } from "../clock.js";
import { el, fill, set, toggle, write } from "../dom.js";
import { icon } from "../icon.js";
import { hashOf } from "../route.js";
import { markText } from "../thread/sent.js";
import { approvalParts } from "./approval.js";
import { elicitationParts, unknownParts } from "./elicitation.js";
import { questionParts } from "./question.js";

/** @import { Pending, Sent, Store } from "../../types.d.ts" */
/** @import { IconName } from "../icon.js" */

/**
 * What one kind of card is made of. `foot` holds what answers, the main ways last; `update` is called when codex or the
 * state said more.
 * @typedef {{icon: IconName, title: string, body: HTMLElement, foot: HTMLElement,
 *   update?: (pending: any) => void, answer?: (sent: Sent) => string}} Parts
 */

/** @param {Store} store @param {Pending} pending @returns {Parts} */
function partsOf(store, pending) {
  if (pending.kind === "question") return questionParts(store, pending);
  if (pending.kind === "elicitation") return elicitationParts(store, pending);
  if (pending.kind === "unknown") return unknownParts(store, pending);
  return approvalParts(store, pending);
}

/**
 * @param {Store} store
 * @param {Pending} first
 * @param {{thread?: boolean}} [options] `thread`: name the thread and lead there
 */
export function cardView(store, first, { thread = false } = {}) {
  const { state } = store;
  const parts = partsOf(store, first);
  const title = el("h2", { tabindex: "-1" }, icon(parts.icon), parts.title);
  const since = el("span", { class: "since figures" });
  const link = thread ? el("a", { class: "tothread" }) : null;
  const again = el("p", { class: "note again", hidden: true });
  const state_ = el("div", { class: "cardstate", role: "status" });
  const extra = el("div", { class: "cardextra" });
  const node = el(
    "article",
    { class: "ask", "aria-label": parts.title },
    el("header", { class: "askhead" }, title, since, extra),
    link,
    el("div", { class: "askbody" }, parts.body),
    again,
    state_,
    parts.foot,
  );
  parts.foot.classList.add("askfoot");
  let sign = "";

  /** @param {Pending} pending */
  const update = (pending) => {
    tick(since, pending.status === "gone" ? null : () => roughly(Date.now() - pending.at));
    if (pending.status === "gone") write(since, "");
    if (link) {
      const row = state.rows.get(pending.key);
      const machine = state.machines.get(pending.machine)?.name ?? "";
      set(link, "href", hashOf({ page: "thread", key: pending.key }));
      const project = row?.cwd.split(/[/\\]/).filter(Boolean).pop();
      fill(
        link,
        el("span", {}, row?.title || t("untitled")),
        el("span", { class: "note" }, [project, machine].filter(Boolean).join(" · ")),
      );
    }
    parts.update?.(pending);
    const sent = pending.sentId ? state.sent.get(pending.sentId) : null;
    const next = JSON.stringify([pending.status, pending.goneReason, sent?.mark, sent?.reason]);
    if (next === sign) return;
    sign = next;
    node.dataset.status = pending.status;
    parts.foot.hidden = pending.status !== "open";
    state_.hidden = pending.status === "open";
    again.hidden = !(pending.status === "open" && sent?.mark === "expired");
    if (!again.hidden && sent) write(again, t("askedAgain", { time: timeOfDay(sent.at) }));
    if (pending.status === "sent") {
      const words = sent ? parts.answer?.(sent) ?? "" : "";
      fill(
        state_,
        el("span", { class: "dot", "data-kind": "busy" }),
        el("span", {}, words ? `${words} · ` : "", sent ? markText(sent) : t("markWaiting")),
      );
    } else if (pending.status === "gone") {
      const at = pending.goneAt ?? Date.now();
      fill(
        state_,
        icon("warning"),
        el(
          "span",
          {},
          known("gone", pending.goneReason, t("gone_too_late")),
          " ",
          // What was decided here is not passed over in silence.
          sent?.mark === "too-late"
            ? t("decidedTooLate", {
              answer: parts.answer?.(sent) ?? "",
              time: timeOfDay(sent.at),
            }) + " "
            : null,
          el("span", { class: "note" }, `${timeOfDay(at)} (${age(at)})`),
        ),
        el("button", {
          class: "button",
          type: "button",
          onclick: () => store.actions.dismiss(pending.id),
        }, t("dismiss")),
      );
    }
    toggle(node, "asks", pending.status === "open");
  };
  update(first);
  return {
    node,
    update,
    extra,
    focus: () => title.focus({ preventScroll: true }),
    gone: () => tick(since, null),
  };
}
