// What the anchor kept of the running turn, put into the thread.
import { joinStreams } from "./flight.js";
import {
  createItem,
  ensureTurn,
  flightOf,
  grown,
  GROWS,
  readText,
  setData,
  writeText,
} from "./items.js";

/**
 * @typedef {import("../types.d.ts").Thread} Thread
 * @typedef {import("../types.d.ts").Item} Item
 * @typedef {(change: import("../types.d.ts").Change) => void} Emit
 * @typedef {import("./items.js").Flight} Flight
 */

/**
 * Writes what both sides have of one text.
 * @param {Item} item @param {string} field @param {number} index @param {Flight} flight
 * @returns {boolean} whether it is certain, now or with what the page is still to get
 */
export function rejoin(item, field, index, flight) {
  const { text, ahead, sure } = joinStreams(flight.anchor ?? [], flight.own, flight.quiet);
  const { before } = flight;
  const whole = !before || text.startsWith(before.slice(0, 64)) || before.startsWith(text);
  // The anchor was restarted too and has only what came since: there is a hole, and one sees it.
  const joined = whole
    ? (text.length < before.length ? before : text)
    : `${before}\n\n…\n\n${text}`;
  writeText(item, field, index, joined);
  if (sure && !ahead) item.flight?.delete(`${field}/${index}`);
  return sure;
}

/** @typedef {{method: string, index: number, text: import("./flight.js").Stream}} KeptDeltas */

/**
 * Takes the answer to `anchor/turn/running`.
 * @param {Thread} thread @param {any} answer
 * @param {boolean} again whether the anchor was asked once more, 100 ms or longer after it was found unsure
 * @param {Emit} emit
 * @returns {boolean} false: ask once more
 */
export function applyRunning(thread, answer, again, emit) {
  if (!answer?.turnId || !Array.isArray(answer.items) || thread.active === false) return true;
  const known = thread.turnById.get(answer.turnId);
  if (known && known.status !== "inProgress" && thread.running !== known.id) return true;
  const turn = ensureTurn(thread, answer.turnId);
  turn.status = "inProgress";
  thread.running = turn.id;
  if (answer.truncated) turn.partial = true;
  let sure = true;
  for (const entry of answer.items) {
    const id = String(entry.itemId);
    const deltas = /** @type {KeptDeltas[]} */ (Array.isArray(entry.deltas) ? entry.deltas : []);
    let item = turn.itemById.get(id);
    if (item?.done || item?.live) continue;
    if (!item) {
      const type = entry.item?.type ?? GROWS[deltas[0]?.method]?.[0];
      if (!type) continue;
      item = createItem(entry.item ?? { type, id });
      item.flight = new Map();
      const at = turn.items.findIndex((other) => other.live);
      turn.items.splice(at < 0 ? turn.items.length : at, 0, item);
      turn.itemById.set(id, item);
    } else if (entry.item) {
      setData(item, grown(item, entry.item));
    }
    item.startedAt ??= entry.startedAtMs ?? null;
    for (const kept of deltas) {
      const grows = GROWS[kept.method];
      if (!grows || !Array.isArray(kept.text)) continue;
      const flight = flightOf(item, grows[1], kept.index ?? 0);
      flight.anchor = kept.text;
      flight.quiet = again && flight.own.length > 0;
      sure = rejoin(item, grows[1], kept.index ?? 0, flight) && sure;
    }
    emit({ type: "item", key: thread.key, turn: turn.id, item: id });
  }
  return sure;
}

/**
 * The session that brought the deltas is gone: what is in flight has a hole now, which the anchor's text fills.
 * @param {Thread} thread
 */
export function loseFlight(thread) {
  for (const turn of thread.turns) {
    turn.live = false;
    for (const item of turn.items) item.live = false;
  }
  const turn = thread.running ? thread.turnById.get(thread.running) : undefined;
  for (const item of turn?.items ?? []) {
    if (item.done) continue;
    item.flight = new Map();
    const fields = item.type === "reasoning" ? ["summary", "content"] : ["text", "output"];
    for (const field of fields) {
      const count = item.type === "reasoning" ? item.data[field]?.length ?? 0 : 1;
      for (let index = 0; index < count; index++) {
        const text = readText(item, field, index);
        if (text) flightOf(item, field, index).before = text;
      }
    }
  }
}
