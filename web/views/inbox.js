// Everything that waits for the person, over all threads and machines.
import { selectInbox } from "../state/select.js";
import { t } from "../words/words.js";
import { screen } from "./bar.js";
import { cardView } from "./cards/card.js";
import { cardsMoved } from "./cards/guard.js";
import { el, Keyed, loadStyle, nextFrame } from "./dom.js";
import { icon } from "./icon.js";

/** @import { Pending, Store } from "../types.d.ts" */

/** @param {Store} store @returns {Promise<import("./shell.js").Page>} */
export async function createInboxPage(store) {
  const { state } = store;
  await Promise.all([
    loadStyle("cards.css"),
    loadStyle("prose.css"),
    loadStyle("code.css"),
    loadStyle("thread.css"),
  ]);
  const cards = el("div", { class: "inboxcards column" });
  const empty = el(
    "div",
    { class: "blank" },
    icon("check"),
    el("h2", {}, t("inboxEmpty")),
    el("p", {}, t("inboxEmptyHint")),
  );
  const page = screen(store, t("inbox"), cards, empty);
  // What was there first keeps its place while this page is open: a card that comes is put below.
  /** @type {Map<string, number>} */
  const order = new Map();
  const list = new Keyed(cards, (/** @type {Pending} */ pending) => pending.id, (pending) => {
    const view = cardView(store, pending, { thread: true });
    return { node: view.node, update: view.update, gone: view.gone };
  });
  let shown = "";
  const show = () => {
    const all = selectInbox(state);
    for (const pending of all) if (!order.has(pending.id)) order.set(pending.id, order.size);
    all.sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
    const sign = all.map((pending) => pending.id + pending.status).join();
    if (sign !== shown) cardsMoved();
    shown = sign;
    list.show(all);
    empty.hidden = all.length > 0;
  };
  const stop = store.subscribe((change) => {
    if (["pending", "sent", "row", "thread", "ready", "machine"].includes(change.type)) {
      nextFrame(show);
    }
  });
  show();
  return {
    ...page,
    stop() {
      stop();
      page.stop();
      for (const view of list.views.values()) view.gone?.();
    },
  };
}
