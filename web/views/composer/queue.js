// The follow-ups that codex will take up when the turn ends: they live in codex, and can be changed here.
import { t } from "../../words/words.js";
import { el, Keyed, nextFrame, set, write } from "../dom.js";
import { notify } from "../errors.js";
import { icon } from "../icon.js";
import { openActions, openText } from "../sheet.js";
import { isSettledBadly, markText } from "../thread/sent.js";

/** @import { Queued, Store } from "../../types.d.ts" */

/** @param {Store} store @param {string} key */
export function queueView(store, key) {
  const { state, actions } = store;
  const items = el("ol", { class: "queued" });
  const head = el("p", { class: "kicker" });
  const node = el(
    "section",
    { class: "queue", "aria-label": t("queue"), hidden: true },
    head,
    items,
  );
  const queue = () => state.threads.get(key)?.queue ?? [];

  /** @param {Queued} queued */
  const openMenu = (queued) => {
    const ids = queue().map((each) => each.id);
    const at = ids.indexOf(queued.id);
    const move = (/** @type {number} */ to) => {
      ids.splice(to, 0, ...ids.splice(at, 1));
      void actions.queueReorder(key, ids).catch(notify);
    };
    void openActions(t("followUp"), [
      { icon: "pencil", text: t("edit"), run: () => edit(queued) },
      ...(at > 0
        ? [{ icon: /** @type {const} */ ("up"), text: t("moveUp"), run: () => move(at - 1) }]
        : []),
      ...(at < ids.length - 1
        ? [{ icon: /** @type {const} */ ("end"), text: t("moveDown"), run: () => move(at + 1) }]
        : []),
      {
        icon: "trash",
        text: t("delete"),
        danger: true,
        run: () => void actions.queueDelete(key, queued.id).catch(notify),
      },
    ]);
  };
  /** @param {Queued} queued */
  const edit = (queued) =>
    void openText(
      t("editFollowUp"),
      { value: queued.text, save: t("save"), long: true },
      (text) => actions.queueUpdate(key, queued.id, text),
    );

  const list = new Keyed(items, (/** @type {Queued} */ queued) => queued.id, (first) => {
    let queued = first;
    const text = el("span", { class: "queuedtext" });
    const mark = el("span", { class: "note" });
    const now = el("button", {
      class: "round",
      type: "button",
      "aria-label": t("sendNow"),
      title: t("sendNow"),
      onclick: () => void actions.queueNow(key, queued.id).catch(notify),
    }, icon("up"));
    const menu = el("button", {
      class: "round",
      type: "button",
      "aria-haspopup": "dialog",
      onclick: () => openMenu(queued),
    }, icon("more"));
    const item = el("li", {}, el("span", { class: "queuedwords" }, text, mark), now, menu);
    return {
      node: item,
      update(next) {
        queued = next;
        write(text, queued.text);
        set(menu, "aria-label", t("menuFor", { title: queued.text.slice(0, 60) }));
        const sent = queued.own && queued.clientId ? state.sent.get(queued.clientId) : undefined;
        write(
          mark,
          sent && (sent.mark === "waiting" || isSettledBadly(sent)) ? markText(sent) : "",
        );
        mark.hidden = !mark.textContent;
        now.hidden = menu.hidden = queued.own;
      },
    };
  });
  const show = () => {
    const all = queue();
    node.hidden = all.length === 0;
    // After a turn that was stopped codex waits for the person.
    const stopped = state.threads.get(key)?.turns.at(-1)?.status === "interrupted";
    write(head, t(stopped ? "nQueuedStopped" : "nQueued", { n: all.length }));
    list.show(all);
  };
  const stop = store.subscribe((change) => {
    if (
      (change.type === "queue" || change.type === "thread" || change.type === "turn" ||
        change.type === "sent") &&
      change.key === key
    ) nextFrame(show);
  });
  show();
  return { node, stop };
}
