// The transcript of a thread: opened at its end, older parts made when one scrolls to them, growing below.
import { t } from "../../words/words.js";
import { announce, el, Keyed, nextFrame, set, toggle, write } from "../dom.js";
import { icon } from "../icon.js";
import { createDeltas } from "./deltas.js";
import { follow } from "./follow.js";
import { noticeLines } from "./notices.js";
import { sentViews } from "./sent.js";
import { turnView } from "./turn.js";

/** @import { Change, Store, Turn } from "../../types.d.ts" */

/** So many items are made at first, and with each step back. */
const FIRST = 60;
const STEP = 120;

/**
 * Where the shown part begins: the turn and, in it, the item.
 * @typedef {{turn: string, item: string | null}} Start
 */
/** Where one was in a thread, for coming back. @type {Map<string, {start: Start | null, top: number | null}>} */
const places = new Map();

/** Brings a prompt to the screen. @type {{key: string, go: (turn: string, item: string) => void} | null} */
let open = null;

/** @param {string} key @param {string} turn @param {string} item */
export function jumpTo(key, turn, item) {
  if (open?.key === key) open.go(turn, item);
}

/** @param {Store} store @param {string} key */
export function createTranscript(store, key) {
  const { state, actions } = store;
  /** @type {Start | null} */
  let start = places.get(key)?.start ?? null;
  const top = el("div", { class: "older" });
  const turns = el("div", { class: "turns" });
  const sent = sentViews(store, key);
  const notices = noticeLines(store, key);
  const content = el("div", { class: "content column" }, top, turns, notices.node, sent.node);
  const scroller = el("div", { class: "scroll transcript", tabindex: "-1" }, content);
  const jump = el("button", {
    class: "jump",
    type: "button",
    hidden: true,
    onclick: () => {
      ends.toEnd(true);
      markRead();
    },
  });
  const node = el("div", { class: "transcriptbox" }, scroller, jump);
  let news = false;

  const showJump = () => {
    jump.hidden = ends.atEnd;
    jump.replaceChildren(icon("end"), news ? t("newBelow") : "");
    set(jump, "aria-label", news ? t("newBelow") : t("toEnd"));
    toggle(jump, "news", news);
  };
  const ends = follow(scroller, content, {
    moved(atEnd) {
      if (atEnd) news = false;
      showJump();
      if (atEnd) markRead();
    },
    nearTop: () => older(),
  });

  const list = new Keyed(turns, (/** @type {Turn} */ turn) => turn.id, () => {
    const view = turnView(() =>
      state.threads.get(key)?.settings.cwd ?? state.rows.get(key)?.cwd ?? null
    );
    return {
      ...view,
      update: (/** @type {Turn} */ turn) =>
        view.update(turn, turn.id === start?.turn ? start.item : null),
    };
  });
  /** @param {string} id */
  const viewOf = (
    id,
  ) => /** @type {ReturnType<typeof turnView> | undefined} */ (/** @type {unknown} */ (list.views
    .get(id)));

  const deltas = createDeltas((turn, id, room) => {
    const item = state.threads.get(key)?.turnById.get(turn)?.itemById.get(id);
    return item ? viewOf(turn)?.grow(item, room) ?? 0 : 0;
  }, () => grew());

  const grew = () => {
    if (ends.atEnd) nextFrame(pin);
    else if (!news) {
      news = true;
      showJump();
    }
  };
  const pin = () => {
    if (ends.atEnd) scroller.scrollTop = scroller.scrollHeight;
  };

  const show = () => {
    const thread = state.threads.get(key);
    if (!thread) return;
    if (!start && thread.turns.length) start = stepBack(thread.turns, null, FIRST);
    const first = start ? thread.turns.findIndex((turn) => turn.id === start?.turn) : 0;
    list.show(thread.turns.slice(Math.max(0, first)));
    notices.update();
    const before = first > 0 || !!start?.item;
    write(
      top,
      thread.older === "failed"
        ? t("olderFailed")
        : before || thread.older !== "none"
        ? t("readingOlder")
        : "",
    );
    top.hidden = !top.textContent;
  };

  let reading = false;
  const older = () => {
    const thread = state.threads.get(key);
    if (!thread || !start || reading) return;
    const next = stepBack(thread.turns, start, STEP);
    if (next && (next.turn !== start.turn || next.item !== start.item)) {
      ends.keep(() => {
        start = next;
        show();
      });
    } else if (thread.older === "more" || thread.older === "failed") {
      reading = true;
      void actions.loadOlder(key).catch(reportError).finally(() => {
        reading = false;
        const now = state.threads.get(key);
        if (now && now.turns[0]?.id !== start?.turn) older();
      });
    }
  };

  const markRead = () => {
    if (document.hidden || !ends.atEnd || !state.rows.get(key)?.unread) return;
    void actions.markRead(key).catch(() => {});
  };

  /** @param {Change} change */
  const onChange = (change) => {
    if (!("key" in change) || change.key !== key) return;
    if (change.type === "delta") deltas.take(change);
    else if (change.type === "item") {
      const item = state.threads.get(key)?.turnById.get(change.turn)?.itemById.get(change.item);
      if (item?.done) {
        deltas.drop(item.id);
        if (item.type === "agentMessage") announce(item.data.text.slice(0, 600));
      }
      nextFrame(() => showTurn(change.turn));
    } else if (change.type === "turn") nextFrame(() => showTurn(change.turn));
    else if (change.type === "thread" || change.type === "turns") nextFrame(show);
    else if (change.type === "row") markRead();
    else if (change.type === "sent") nextFrame(sent.update);
    else return;
    if (change.type === "item" || change.type === "turn" || change.type === "sent") grew();
  };
  /** @param {string} id */
  const showTurn = (id) => {
    const turn = state.threads.get(key)?.turnById.get(id);
    const view = list.views.get(id);
    if (turn && view) view.update(turn);
    else show();
  };

  /** @param {string} turn @param {string} item */
  const goTo = (turn, item) => {
    const thread = state.threads.get(key);
    if (!thread || !start) return;
    const at = thread.turns.findIndex((each) => each.id === turn);
    const first = thread.turns.findIndex((each) => each.id === start?.turn);
    const within = start.item
      ? thread.turns[first]?.items.findIndex((each) => each.id === start?.item)
      : 0;
    const wanted = thread.turns[at]?.items.findIndex((each) => each.id === item) ?? -1;
    if (at < first || (at === first && wanted < within)) {
      start = stepBack(thread.turns, { turn, item }, 4) ?? { turn, item: null };
      show();
    }
    const node = viewOf(turn)?.find(item);
    node?.scrollIntoView({ block: "start" });
    ends.restore(scroller.scrollTop);
  };
  open = { key, go: goTo };

  const stop = store.subscribe(onChange);
  document.addEventListener("visibilitychange", markRead);
  show();
  sent.update();
  return {
    node,
    /** Call once it is in the document. */
    shown() {
      const place = places.get(key);
      if (place?.top !== null && place?.top !== undefined) ends.restore(place.top);
      else ends.toEnd();
      markRead();
    },
    toEnd: () => ends.toEnd(),
    scroller,
    stop() {
      const { atEnd, top } = ends.position();
      if (open?.key === key) open = null;
      places.set(key, atEnd ? { start: null, top: null } : { start, top });
      stop();
      deltas.stop();
      ends.stop();
      document.removeEventListener("visibilitychange", markRead);
    },
  };
}

/**
 * The beginning of a part that has so many items more than the one that begins at `from`.
 * @param {Turn[]} turns @param {Start | null} from @param {number} count
 * @returns {Start | null}
 */
export function stepBack(turns, from, count) {
  if (turns.length === 0) return null;
  let turn = from ? turns.findIndex((each) => each.id === from.turn) : turns.length - 1;
  if (turn < 0) turn = turns.length - 1;
  const within = from?.item ? turns[turn].items.findIndex((item) => item.id === from.item) : -1;
  let item = from ? Math.max(0, within) : turns[turn].items.length;
  while (count > 0) {
    if (item >= count) {
      item -= count;
      count = 0;
    } else {
      count -= item;
      item = 0;
      if (turn === 0) break;
      turn--;
      item = turns[turn].items.length;
    }
  }
  return { turn: turns[turn].id, item: item > 0 ? turns[turn].items[item]?.id ?? null : null };
}
