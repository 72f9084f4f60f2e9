// Pages of codex's history, put into the thread.
import { createItem, createTurn, endItems, isFinal, setData, setTurn } from "./items.js";

/**
 * @typedef {import("../types.d.ts").Thread} Thread
 * @typedef {import("../types.d.ts").Turn} Turn
 * @typedef {import("../types.d.ts").Item} Item
 * @typedef {(change: import("../types.d.ts").Change) => void} Emit
 */

/**
 * One turn of a page, oldest first: codex's turn (null if only items are known) and its items.
 * @typedef {{id: string, meta: any, items: {raw: any, startedAt: number | null, completedAt: number | null}[]}} PageTurn
 */

/**
 * A page of thread/items/list as page turns.
 * @param {any[]} entries newest first @param {any[]} metas turns of thread/turns/list without items, newest first
 * @param {boolean} newest whether the page is the end of the thread: turns without items belong to it too
 * @returns {PageTurn[]}
 */
export function pageOfItems(entries, metas, newest) {
  /** @type {Map<string, PageTurn>} */
  const turns = new Map();
  for (let i = entries.length - 1; i >= 0; i--) {
    const { turnId, item, startedAtMs, completedAtMs } = entries[i];
    if (!item?.id) continue;
    let turn = turns.get(turnId);
    if (!turn) turns.set(turnId, turn = { id: turnId, meta: null, items: [] });
    turn.items.push({
      raw: item,
      startedAt: startedAtMs ?? null,
      completedAt: completedAtMs ?? null,
    });
  }
  const byId = new Map(metas.map((meta) => [meta.id, meta]));
  for (const turn of turns.values()) turn.meta = byId.get(turn.id) ?? null;
  if (!newest) return [...turns.values()];
  const oldest = entries.length > 0
    ? metas.findIndex((meta) => meta.id === entries.at(-1).turnId)
    : -1;
  const listed = (oldest < 0 ? metas : metas.slice(0, oldest + 1)).toReversed();
  // A turn without facts is older than all that were asked for, or began after that: its items tell where it stands.
  const page = [...turns.values()];
  let at = Math.max(0, page.findIndex((turn) => turn.meta));
  for (const meta of listed) {
    const turn = turns.get(meta.id);
    if (turn) at = page.indexOf(turn) + 1;
    else page.splice(at++, 0, { id: meta.id, meta, items: [] });
  }
  return page;
}

/** A page of thread/turns/list with items (newest first) as page turns. @param {any[]} turns @returns {PageTurn[]} */
export function pageOfTurns(turns) {
  return turns.toReversed().map((turn) => ({
    id: turn.id,
    meta: turn,
    items: (turn.items ?? []).filter((/** @type {any} */ raw) => raw?.id).map((
      /** @type {any} */ raw,
    ) => ({
      raw,
      startedAt: null,
      completedAt: null,
    })),
  }));
}

/** codex names items of unpaginated history anew (`item-7`): then the content tells which is which. */
const SYNTHETIC = /^item-\d+$/;

/** @param {any} raw */
function contentOf(raw) {
  if (raw.clientId) return `${raw.type} ${raw.clientId}`;
  return `${raw.type} ${
    JSON.stringify(raw.text ?? raw.content ?? raw.command ?? raw.changes ?? null)
  }`;
}

/** @param {Turn} turn @param {any} raw @param {Set<Item>} taken @returns {Item | undefined} */
function known(turn, raw, taken) {
  const item = turn.itemById.get(raw.id);
  if (item) return taken.has(item) ? undefined : item;
  const synthetic = SYNTHETIC.test(raw.id);
  return turn.items.find((other) => {
    if (taken.has(other) || other.type !== raw.type) return false;
    if (!synthetic && !SYNTHETIC.test(other.id)) return false;
    if (contentOf(other.data) === contentOf(raw)) return true;
    // It was in flight when the page lost sight of it.
    return !other.done && typeof raw.text === "string" &&
      raw.text.startsWith(other.data.text ?? "");
  });
}

/**
 * Puts a page into the thread. What is already there stays the same object. Behind a newest page stays what came live
 * on this session; what an earlier session brought and codex does not have any more goes (its app-server was killed
 * before it wrote that down).
 * @param {Thread} thread
 * @param {PageTurn[]} page oldest first
 * @param {boolean} newest whether it is the end of the thread (else it comes before all that is there)
 * @param {boolean} more whether history goes on before it
 * @param {Emit} emit
 * @param {boolean} [whole] whether codex keeps every item; unpaginated history leaves commands out
 * @returns {boolean} whether the page's beginning is now the thread's (so its cursor is the one to go on with)
 */
export function mergePage(thread, page, newest, more, emit, whole = true) {
  /** @type {Turn[]} */
  const turns = [];
  let overlap = false;
  for (const entry of page) {
    let turn = thread.turnById.get(entry.id);
    if (turn) overlap ||= turn.items.length > 0;
    else {
      turn = createTurn(entry.id);
      thread.turnById.set(turn.id, turn);
    }
    mergeTurn(turn, entry, newest, whole);
    turns.push(turn);
  }
  const inPage = new Set(turns);
  const rest = thread.turns.filter((turn) => !inPage.has(turn));
  let begins = true;
  if (!newest) thread.turns = [...turns, ...rest];
  else if (rest.length === 0) thread.turns = turns;
  else {
    const firstKnown = thread.turns.findIndex((turn) => inPage.has(turn));
    const older = firstKnown < 0 ? thread.turns : thread.turns.slice(0, firstKnown);
    const tail = rest.filter((turn) => turn.live);
    const head = overlap ? older.filter((turn) => !tail.includes(turn)) : [];
    thread.turns = [...head, ...turns, ...tail];
    thread.turnById = new Map(thread.turns.map((turn) => [turn.id, turn]));
    begins = head.length === 0;
  }
  if (begins) {
    thread.older = more ? "more" : "none";
    const first = thread.turns[0];
    if (first) first.partial = more;
  }
  const last = thread.turns[thread.turns.length - 1];
  if (newest) {
    thread.running = last?.status === "inProgress" ? last.id : null;
    for (const turn of thread.turns) {
      if (turn !== last && turn.status === "inProgress") turn.status = "interrupted";
      if (turn.status !== "inProgress") endItems(turn);
    }
  }
  emit({ type: "turns", key: thread.key });
  return begins;
}

/** @param {Turn} turn @param {PageTurn} entry @param {boolean} newest @param {boolean} whole */
function mergeTurn(turn, entry, newest, whole) {
  // A turn that was seen to end does not run again: the page may be older than the news.
  const stale = entry.meta?.status === "inProgress" && turn.completedAt !== null;
  if (entry.meta && !stale) setTurn(turn, entry.meta);
  /** @type {Set<Item>} */
  const taken = new Set();
  let firstKnown = -1;
  const items = entry.items.map(({ raw, startedAt, completedAt }) => {
    let item = turn.items.length > 0 ? known(turn, raw, taken) : undefined;
    if (item) {
      if (firstKnown < 0) firstKnown = turn.items.indexOf(item);
      if (!item.done && isFinal(raw)) {
        setData(item, { ...raw, id: item.id });
        item.flight = undefined;
      }
    } else {
      item = createItem(raw);
    }
    if (isFinal(raw)) item.done = true;
    item.startedAt ??= startedAt;
    item.completedAt ??= completedAt;
    taken.add(item);
    return item;
  });
  const rest = turn.items;
  if (rest.length > 0) {
    const isRest = (/** @type {Item} */ item) => !taken.has(item);
    if (!newest) items.push(...rest.filter(isRest));
    else {
      const cut = firstKnown < 0 ? 0 : firstKnown;
      items.unshift(...rest.slice(0, cut).filter(isRest));
      const inFlight = turn.status === "inProgress";
      items.push(
        ...rest.slice(cut).filter((item) =>
          isRest(item) && (item.live || (item.done ? !whole : inFlight))
        ),
      );
    }
  }
  turn.items = items;
  turn.itemById = new Map(items.map((item) => [item.id, item]));
}
