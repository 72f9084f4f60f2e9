// New tasks that wait for the link, or could not be started: above the list, since they have no thread yet.
import { t } from "../words/words.js";
import { el, fill, Keyed, nextFrame, set, write } from "./dom.js";
import { trying } from "./errors.js";
import { isSettledBadly, markText } from "./thread/sent.js";

/** @import { Sent, Store } from "../types.d.ts" */

/** @param {Store} store @param {HTMLElement} node */
export function waitingStarts(store, node) {
  const { state, actions } = store;
  set(node, "aria-label", t("startsWaiting"));
  const list = new Keyed(node, (/** @type {Sent} */ sent) => sent.id, () => {
    const text = el("p", { class: "starttext" });
    const mark = el("span", { class: "markwords" });
    const buttons = el("span", { class: "markbuttons" });
    return {
      node: el(
        "section",
        { class: "card waitingstart" },
        text,
        el("p", { class: "sentmark" }, mark, buttons),
      ),
      update(sent) {
        write(text, sent.text);
        const machine = state.machines.get(sent.machine)?.name;
        write(mark, [machine, markText(sent)].filter(Boolean).join(" · "));
        const again = isSettledBadly(sent);
        fill(
          buttons,
          again &&
            el("button", {
              class: "link",
              type: "button",
              onclick: () => trying(() => actions.retry(sent.id)),
            }, t("sendAgain")),
          (again || sent.mark === "waiting") &&
            el("button", {
              class: "link",
              type: "button",
              onclick: () => trying(() => takeBack(store, sent)),
            }, t(again ? "discard" : "takeBack")),
        );
      },
    };
  });
  const show = () => list.show(startsOf(store));
  const stop = store.subscribe((change) => {
    if (change.type === "sent" || change.type === "ready") nextFrame(show);
  });
  show();
  return { stop };
}

/** @param {Store} store */
export function startsOf(store) {
  return [...store.state.sent.values()].filter((sent) =>
    sent.kind === "start" && sent.key === null && sent.mark !== "taken-up"
  );
}

/** The text goes back to where it was written. @param {Store} store @param {Sent} sent */
async function takeBack(store, sent) {
  const text = await store.actions.discard(sent.id);
  if (text && sent.body?.cwd) store.actions.setDraft(`new:${sent.machine}:${sent.body.cwd}`, text);
}
