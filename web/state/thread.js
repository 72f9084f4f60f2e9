// One opened thread: turns and items in order, changed in place by what codex tells. No I/O, no clock.
import { setSettings, setStatus, setUsage } from "./facts.js";
import { pushDelta } from "./flight.js";
import {
  createItem,
  endItems,
  ensureTurn,
  flightOf,
  GROWS,
  putItem,
  readText,
  setTurn,
  turnError,
  writeText,
} from "./items.js";
import { rejoin } from "./running.js";

/**
 * @typedef {import("../types.d.ts").Thread} Thread
 * @typedef {(change: import("../types.d.ts").Change) => void} Emit
 */

/** @param {string} machine @param {string} id @returns {Thread} */
export function createThread(machine, id) {
  return {
    key: `${machine}/${id}`,
    machine,
    id,
    status: "loading",
    problem: null,
    turns: [],
    turnById: new Map(),
    older: "none",
    running: null,
    flags: [],
    settings: {
      model: null,
      effort: null,
      approvalPolicy: null,
      sandbox: null,
      network: null,
      cwd: null,
    },
    usage: null,
    queue: [],
    notices: [],
    readRevision: null,
    asOf: 0,
  };
}

/**
 * Takes one notification about this thread. Unknown ones and unknown items change nothing that is shown wrongly.
 * @param {Thread} thread @param {string} method @param {any} params
 * @param {number} ms `emittedAtMs` @param {Emit} emit
 * @returns {boolean} whether it was one of those known here
 */
export function applyNotification(thread, method, params, ms, emit) {
  const key = thread.key;
  const grows = GROWS[method];
  if (grows) {
    if (typeof params.delta === "string") applyDelta(thread, grows, params, ms, emit);
    return true;
  }
  switch (method) {
    case "item/started":
    case "item/completed": {
      if (!params.item || typeof params.item.id !== "string") return true;
      const turn = ensureTurn(thread, String(params.turnId));
      const done = method === "item/completed";
      const item = putItem(turn, params.item, done);
      if (done) {
        item.live = true;
        item.completedAt = params.completedAtMs ?? (ms || null);
        item.flight = undefined;
      } else {
        item.startedAt = params.startedAtMs ?? (ms || null);
        if (!item.done && !item.flight) item.live = true;
      }
      emit({ type: "item", key, turn: turn.id, item: item.id });
      return true;
    }
    case "turn/started": {
      if (!params.turn?.id) return true;
      const turn = ensureTurn(thread, params.turn.id);
      setTurn(turn, { ...params.turn, status: "inProgress" });
      thread.running = turn.id;
      thread.active = true;
      emit({ type: "turn", key, turn: turn.id });
      return true;
    }
    case "turn/completed": {
      if (!params.turn?.id) return true;
      const turn = ensureTurn(thread, params.turn.id);
      for (const raw of params.turn.items ?? []) if (raw?.id) putItem(turn, raw, true);
      setTurn(turn, params.turn);
      turn.completedAt ??= ms;
      endItems(turn);
      if (thread.running === turn.id) thread.running = null;
      emit({ type: "turn", key, turn: turn.id });
      return true;
    }
    case "turn/plan/updated": {
      const turn = ensureTurn(thread, String(params.turnId));
      turn.plan = { explanation: params.explanation ?? null, steps: params.plan ?? [] };
      emit({ type: "turn", key, turn: turn.id });
      return true;
    }
    case "turn/diff/updated": {
      const turn = ensureTurn(thread, String(params.turnId));
      turn.diff = params.diff ?? null;
      emit({ type: "turn", key, turn: turn.id });
      return true;
    }
    case "error": {
      const turn = params.turnId ? thread.turnById.get(params.turnId) : undefined;
      if (!turn) return true;
      turn.error = turnError(params.error, params.willRetry === true);
      emit({ type: "turn", key, turn: turn.id });
      return true;
    }
    case "item/reasoning/summaryPartAdded":
      return true;
    case "item/fileChange/patchUpdated": {
      const found = find(thread, params);
      if (!found || found.item.done) return true;
      found.item.data.changes = params.changes ?? found.item.data.changes;
      emit({ type: "item", key, turn: found.turn.id, item: found.item.id });
      return true;
    }
    case "item/mcpToolCall/progress": {
      const found = find(thread, params);
      if (!found) return true;
      (found.item.data.progress ??= []).push(String(params.message ?? ""));
      emit({ type: "item", key, turn: found.turn.id, item: found.item.id });
      return true;
    }
    case "item/commandExecution/terminalInteraction": {
      const found = find(thread, params);
      if (!found) return true;
      (found.item.data.interactions ??= []).push(String(params.stdin ?? ""));
      emit({ type: "item", key, turn: found.turn.id, item: found.item.id });
      return true;
    }
    case "thread/status/changed":
      setStatus(thread, params.status);
      emit({ type: "thread", key });
      return true;
    case "thread/settings/updated":
      setSettings(thread, params.threadSettings ?? {});
      emit({ type: "thread", key });
      return true;
    case "thread/tokenUsage/updated":
      setUsage(thread, params.tokenUsage);
      emit({ type: "thread", key });
      return true;
    case "thread/readState/changed":
      thread.readRevision = params.readState?.revision ?? thread.readRevision;
      return true;
    case "model/rerouted":
      return note(thread, ms, "rerouted", `${params.fromModel} → ${params.toModel}`, emit);
    case "thread/compacted":
      return note(thread, ms, "compacted", "", emit);
    case "warning":
    case "guardianWarning":
      return note(thread, ms, "warning", String(params.message ?? ""), emit);
    default:
      return false;
  }
}

/** @param {Thread} thread @param {number} at @param {import("../types.d.ts").Notice["kind"]} kind @param {string} message @param {Emit} emit */
function note(thread, at, kind, message, emit) {
  thread.notices.push({ at, kind, message });
  if (thread.notices.length > 20) thread.notices.shift();
  emit({ type: "thread", key: thread.key });
  return true;
}

/** @param {Thread} thread @param {any} params */
function find(thread, params) {
  const turn = thread.turnById.get(params.turnId);
  const item = turn?.itemById.get(params.itemId);
  return turn && item ? { turn, item } : null;
}

/**
 * @param {Thread} thread @param {[string, "text" | "summary" | "content" | "output"]} grows @param {any} params
 * @param {number} ms @param {Emit} emit
 */
function applyDelta(thread, [type, field], params, ms, emit) {
  const turn = ensureTurn(thread, String(params.turnId));
  let item = turn.itemById.get(params.itemId);
  if (!item) {
    // Its start was before this page listened: the anchor has the beginning.
    item = createItem({ type, id: String(params.itemId) });
    item.flight = new Map();
    turn.items.push(item);
    turn.itemById.set(item.id, item);
    emit({ type: "item", key: thread.key, turn: turn.id, item: item.id });
  }
  if (item.done) return;
  const index = Number(params.summaryIndex ?? params.contentIndex ?? 0);
  if (!Number.isSafeInteger(index) || index < 0 || index > 10_000) return;
  if (item.flight) {
    const flight = flightOf(item, field, index);
    pushDelta(flight.own, ms, params.delta);
    if (flight.anchor) {
      if (!rejoin(item, field, index, flight)) thread.unsure = true;
      emit({ type: "item", key: thread.key, turn: turn.id, item: item.id });
      return;
    }
  }
  if (field === "text") item.data.text = (item.data.text ?? "") + params.delta;
  else writeText(item, field, index, readText(item, field, index) + params.delta);
  emit({
    type: "delta",
    key: thread.key,
    turn: turn.id,
    item: item.id,
    field,
    index,
    text: params.delta,
  });
}
