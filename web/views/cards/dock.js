// What a thread asks, between its transcript and the composer: whatever streams in above, the buttons stay where they
// are. One card is shown; with several one can go through them.
import { selectInbox } from "../../state/select.js";
import { t } from "../../words/words.js";
import { announce, el, nextFrame, set, write } from "../dom.js";
import { icon } from "../icon.js";
import { cardView } from "./card.js";
import { cardsMoved } from "./guard.js";

/** @import { Pending, Store } from "../../types.d.ts" */

/** @param {Store} store @param {string} key */
export function createDock(store, key) {
  /** @type {{id: string, view: ReturnType<typeof cardView>} | null} */
  let current = null;
  let folded = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let leaving;
  const hold = el("div", { class: "dockcard" });
  const position = el("span", { class: "position figures", "aria-live": "polite" });
  const step = (/** @type {number} */ by) => () => {
    const all = pendings();
    const at = all.findIndex((each) => each.id === current?.id);
    showCard(all[(at + by + all.length) % all.length]);
    show();
  };
  const before = el("button", {
    class: "round",
    type: "button",
    "aria-label": t("previous"),
    onclick: step(-1),
  }, icon("back"));
  const after = el("button", {
    class: "round",
    type: "button",
    "aria-label": t("next"),
    onclick: step(1),
  }, icon("forward"));
  const foldButton = el("button", {
    class: "round",
    type: "button",
    onclick: () => {
      folded = !folded;
      cardsMoved();
      show();
    },
  }, icon("down"));
  const pager = el("div", { class: "pager" }, before, position, after, foldButton);
  const unfold = el("button", {
    class: "asked",
    type: "button",
    onclick: () => {
      folded = false;
      cardsMoved();
      show();
    },
  });
  const node = el(
    "section",
    { class: "dock", "aria-label": t("waitsForYou"), hidden: true },
    unfold,
    hold,
  );

  // By age, so that none changes its place because it was answered.
  const pendings = () =>
    selectInbox(store.state).filter((pending) => pending.key === key).sort((a, b) => a.at - b.at);

  /** @param {Pending} pending */
  const showCard = (pending) => {
    if (current?.id === pending.id) return;
    const focused = node.contains(document.activeElement);
    current?.view.gone();
    current = { id: pending.id, view: cardView(store, pending) };
    current.view.extra.replaceChildren(pager);
    hold.replaceChildren(current.view.node);
    cardsMoved();
    // Focus stays in the dock, but never on a button that the next press would decide with.
    if (focused) current.view.focus();
  };

  let known = 0;
  const show = () => {
    const all = pendings();
    node.hidden = all.length === 0;
    if (all.length === 0) {
      current?.view.gone();
      current = null;
      hold.replaceChildren();
      known = 0;
      return;
    }
    const open = all.filter((pending) => pending.status === "open").length;
    if (open > known) announce(t("nWaitForYou", { n: open }));
    known = open;
    const mine = all.find((pending) => pending.id === current?.id);
    if (!mine) showCard(all.find((each) => each.status === "open") ?? all[0]);
    else if (mine.status === "sent" && !leaving) {
      // What was answered makes room for the next that is open, once one has seen what became of it.
      const id = mine.id;
      leaving = setTimeout(() => {
        leaving = undefined;
        const next = pendings().find((each) => each.status === "open");
        if (current?.id !== id || !next) return;
        showCard(next);
        show();
      }, 1200);
    }
    const shown = all.find((pending) => pending.id === current?.id);
    if (shown) current?.view.update(shown);
    const many = all.length > 1;
    before.hidden = after.hidden = position.hidden = !many;
    const at = all.findIndex((each) => each.id === current?.id) + 1;
    write(position, `${at}/${all.length}`);
    set(position, "aria-label", t("nOfM", { n: at, m: all.length }));
    hold.hidden = folded;
    unfold.hidden = !folded;
    unfold.replaceChildren(
      el("span", { class: "dot", "data-kind": "asked" }),
      t("nWaitForYou", { n: Math.max(open, 1) }),
      icon("up"),
    );
    set(foldButton, "aria-label", t("foldCard"));
  };

  const stop = store.subscribe((change) => {
    if (
      change.type === "pending" || change.type === "sent" || change.type === "ready" ||
      (change.type === "thread" && change.key === key)
    ) nextFrame(show);
  });
  show();
  return {
    node,
    stop() {
      stop();
      clearTimeout(leaving);
      current?.view.gone();
    },
  };
}
