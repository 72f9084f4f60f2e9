// Turns and items: the parts that the reducers of a thread share. Changed in place, no I/O, no clock.

/**
 * @typedef {import("../types.d.ts").Thread} Thread
 * @typedef {import("../types.d.ts").Turn} Turn
 * @typedef {import("../types.d.ts").Item} Item
 */

/** Which field of which item type a delta grows. @type {Record<string, [string, "text" | "summary" | "content" | "output"]>} */
export const GROWS = {
  "item/agentMessage/delta": ["agentMessage", "text"],
  "item/plan/delta": ["plan", "text"],
  "item/reasoning/summaryTextDelta": ["reasoning", "summary"],
  "item/reasoning/textDelta": ["reasoning", "content"],
  "item/commandExecution/outputDelta": ["commandExecution", "output"],
  "item/fileChange/outputDelta": ["fileChange", "output"],
};

/** @param {Thread} thread @param {string} id @returns {Turn} */
export function ensureTurn(thread, id) {
  let turn = thread.turnById.get(id);
  if (!turn) {
    turn = createTurn(id);
    turn.live = true;
    thread.turns.push(turn);
    thread.turnById.set(id, turn);
  }
  return turn;
}

/** @param {string} id @returns {Turn} */
export function createTurn(id) {
  return {
    id,
    status: "completed",
    error: null,
    startedAt: null,
    completedAt: null,
    durationMs: null,
    items: [],
    itemById: new Map(),
    plan: null,
    diff: null,
    partial: false,
  };
}

/** codex's times of turns are in seconds. @param {any} value */
const fromSeconds = (value) => typeof value === "number" ? value * 1000 : null;

/** @param {any} raw @param {boolean} [willRetry] @returns {import("../types.d.ts").TurnError | null} */
export function turnError(raw, willRetry = false) {
  if (!raw) return null;
  const info = raw.codexErrorInfo;
  const kind = typeof info === "string"
    ? info
    : info && typeof info === "object"
    ? Object.keys(info)[0] ?? null
    : null;
  return {
    message: String(raw.message ?? ""),
    kind,
    details: raw.additionalDetails ?? null,
    willRetry,
  };
}

/** @param {Turn} turn @param {any} raw */
export function setTurn(turn, raw) {
  turn.status = raw.status ?? turn.status;
  turn.error = turnError(raw.error) ?? (turn.status === "failed" ? turn.error : null);
  turn.startedAt = fromSeconds(raw.startedAt) ?? turn.startedAt;
  turn.completedAt = fromSeconds(raw.completedAt) ?? turn.completedAt;
  turn.durationMs = raw.durationMs ?? turn.durationMs;
}

/** @param {any} raw @returns {Item} */
export function createItem(raw) {
  return {
    id: String(raw.id),
    type: String(raw.type),
    data: raw,
    done: false,
    startedAt: null,
    completedAt: null,
    clientId: raw.clientId ?? null,
    live: false,
  };
}

/** Puts codex's newest form of an item in place, keeping what only the deltas brought. @param {Item} item @param {any} raw */
export function setData(item, raw) {
  const old = item.data;
  item.type = String(raw.type ?? item.type);
  item.data = raw;
  item.clientId = raw.clientId ?? item.clientId;
  if (item.type === "commandExecution" && raw.aggregatedOutput == null && old.aggregatedOutput) {
    raw.aggregatedOutput = old.aggregatedOutput;
  }
  for (const kept of ["output", "progress", "interactions"]) {
    if (old[kept] !== undefined && raw[kept] === undefined) raw[kept] = old[kept];
  }
}

/** @param {any} raw whether codex will say no more about it */
export const isFinal = (raw) => raw.status !== "inProgress";

/** @param {Turn} turn @param {any} raw @param {boolean} done @returns {Item} */
export function putItem(turn, raw, done) {
  let item = turn.itemById.get(raw.id);
  if (!item) {
    item = createItem(raw);
    turn.items.push(item);
    turn.itemById.set(item.id, item);
  } else if (done || !item.done) {
    if (!done && item.flight) raw = grown(item, raw);
    setData(item, raw);
  }
  if (done) item.done = true;
  return item;
}

/** A start that comes after deltas must not take the text away. @param {Item} item @param {any} raw */
export function grown(item, raw) {
  const { text, summary, content, aggregatedOutput } = item.data;
  return {
    ...raw,
    ...(text && { text }),
    ...(summary && { summary }),
    ...(content && { content }),
    ...(aggregatedOutput && { aggregatedOutput }),
  };
}

/** A turn that ended has no item in flight, but for a command that goes on in the background. @param {Turn} turn */
export function endItems(turn) {
  for (const item of turn.items) {
    const goesOn = item.live && turn.status === "completed" && item.data.status === "inProgress" &&
      item.type === "commandExecution";
    if (goesOn) continue;
    item.flight = undefined;
    item.done = true;
  }
}

/** @param {Item} item @param {string} field @param {number} index @returns {string} */
export function readText(item, field, index) {
  if (field === "text") return item.data.text ?? "";
  if (field !== "output") return item.data[field]?.[index] ?? "";
  return (item.type === "fileChange" ? item.data.output : item.data.aggregatedOutput) ?? "";
}

/** @param {Item} item @param {string} field @param {number} index @param {string} text */
export function writeText(item, field, index, text) {
  if (field === "text") item.data.text = text;
  else if (field === "output") {
    if (item.type === "fileChange") item.data.output = text;
    else item.data.aggregatedOutput = text;
  } else {
    const list = item.data[field] ??= [];
    while (list.length < index) list.push("");
    list[index] = text;
  }
}

/** @typedef {NonNullable<Item["flight"]> extends Map<string, infer F> ? F : never} Flight */

/** @param {Item} item @param {string} field @param {number} index @returns {Flight} */
export function flightOf(item, field, index) {
  const flights = item.flight ??= new Map();
  const name = `${field}/${index}`;
  let flight = flights.get(name);
  if (!flight) {
    flight = { own: [], anchor: null, quiet: false, before: "" };
    flights.set(name, flight);
  }
  return flight;
}
