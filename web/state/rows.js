// The list of threads: one row each, kept right by what codex tells about every thread of a machine.

/**
 * @typedef {import("../types.d.ts").Row} Row
 * @typedef {import("../types.d.ts").State} State
 */

/** @param {string} machine @param {string} id */
export const threadKey = (machine, id) => `${machine}/${id}`;

/** First line of a prompt, without leading markup, at most 200 characters. @param {string} text */
export function titleOf(text) {
  const line = text.split("\n").map((part) => part.trim()).find((part) => part !== "") ?? "";
  return line.replace(/^(#{1,6}|[-*>])\s+/, "").slice(0, 200);
}

/** @param {any} source codex's SessionSource */
function sourceOf(source) {
  if (typeof source === "string") return source;
  return source && typeof source === "object" ? Object.keys(source)[0] ?? "unknown" : "unknown";
}

/**
 * Puts codex's thread into the list, new or known.
 * @param {State} state @param {string} machine @param {any} raw Thread
 * @param {{archived?: boolean, readState?: any}} [more]
 * @returns {Row}
 */
export function putRow(state, machine, raw, more = {}) {
  const key = threadKey(machine, raw.id);
  const old = state.rows.get(key);
  const row = makeRow(state, machine, raw, more, old);
  state.rows.set(key, row);
  return row;
}

/**
 * @param {State} state @param {string} machine @param {any} raw
 * @param {{archived?: boolean, readState?: any}} more @param {Row} [old]
 * @returns {Row}
 */
export function makeRow(state, machine, raw, more, old) {
  const preview = String(raw.preview || old?.preview || "");
  const named = typeof raw.name === "string" && raw.name !== "";
  /** @type {Row} */
  const row = old ?? /** @type {Row} */
    ({
      key: threadKey(machine, raw.id),
      since: null,
      failed: false,
      unread: false,
      revision: null,
    });
  Object.assign(row, {
    machine,
    id: raw.id,
    title: named ? raw.name : titleOf(preview),
    named,
    preview,
    cwd: raw.cwd ?? row.cwd ?? "",
    branch: raw.gitInfo?.branch ?? row.branch ?? null,
    model: raw.model ?? row.model ?? null,
    archived: more.archived ?? row.archived ?? false,
    createdAt: (raw.createdAt ?? 0) * 1000,
    updatedAt: Math.max(
      (raw.recencyAt ?? raw.updatedAt ?? raw.createdAt ?? 0) * 1000,
      row.updatedAt ?? 0,
    ),
    source: sourceOf(raw.source),
    parent: raw.parentThreadId ?? null,
  });
  if (more.readState !== undefined) setReadState(row, more.readState);
  setRowStatus(state, row, raw.status);
  return row;
}

/** @param {Row} row @param {any} readState */
export function setReadState(row, readState) {
  if (!readState) return;
  row.unread = readState.firstUnread !== null;
  row.revision = readState.revision ?? null;
}

/** @param {State} state @param {Row} row @param {any} status codex's ThreadStatus @param {number} [now] */
export function setRowStatus(state, row, status, now) {
  const was = row.active;
  row.active = status?.type === "active";
  row.flags = row.active ? status.activeFlags ?? [] : [];
  if (row.active && !was) {
    row.failed = false;
    if (now !== undefined) row.since = now;
  }
  if (status?.type === "systemError") row.failed = true;
  deriveRow(state, row);
}

/** Works out what the list shows of a row. @param {State} state @param {Row} row */
export function deriveRow(state, row) {
  let waiting = 0;
  for (const pending of state.pending.values()) {
    if (pending.key === row.key && pending.status === "open") waiting++;
  }
  const flagged = (row.flags ?? []).some((flag) => flag.startsWith("waitingOn"));
  row.waiting = waiting || (flagged && !answered(state, row.key) ? 1 : 0);
  row.status = row.waiting > 0
    ? "waiting"
    : row.active
    ? "working"
    : row.failed
    ? "failed"
    : row.unread
    ? "done"
    : "idle";
}

/** Whether all that codex waits for in it has an answer on its way. @param {State} state @param {string} key */
function answered(state, key) {
  for (const pending of state.pending.values()) {
    if (pending.key === key && pending.status === "sent") return true;
  }
  return false;
}

/**
 * Takes a notification about a thread for the list.
 * @param {State} state @param {string} machine @param {string} method @param {any} params @param {number} now
 * @returns {{row: Row | null, change: "row" | "rows" | null}} what changed
 */
export function applyToRows(state, machine, method, params, now) {
  const id = params.threadId ?? params.thread?.id;
  const row = typeof id === "string" ? state.rows.get(threadKey(machine, id)) ?? null : null;
  switch (method) {
    case "thread/started":
      if (!params.thread?.id || params.thread.ephemeral) return { row: null, change: null };
      return { row: putRow(state, machine, params.thread), change: row ? "row" : "rows" };
    case "thread/status/changed":
      if (!row) return { row: null, change: null };
      if (params.status?.type === "active" && !row.active) {
        row.updatedAt = Math.max(row.updatedAt, now);
      }
      setRowStatus(state, row, params.status, now);
      return { row, change: "row" };
    case "thread/name/updated":
      if (!row) return { row: null, change: null };
      row.named = !!params.threadName;
      row.title = params.threadName || titleOf(row.preview);
      return { row, change: "row" };
    case "thread/readState/changed":
      if (!row) return { row: null, change: null };
      setReadState(row, params.readState);
      deriveRow(state, row);
      return { row, change: "row" };
    case "thread/archived":
    case "thread/unarchived":
      if (!row) return { row: null, change: null };
      row.archived = method === "thread/archived";
      return { row, change: "rows" };
    case "thread/deleted":
      if (!row) return { row: null, change: null };
      state.rows.delete(row.key);
      return { row: null, change: "rows" };
    case "turn/completed":
      if (!row) return { row: null, change: null };
      row.failed = params.turn?.status === "failed";
      row.updatedAt = Math.max(row.updatedAt, now);
      deriveRow(state, row);
      return { row, change: "row" };
    case "item/started":
      // The first prompt names a thread that has no title yet.
      if (!row || row.preview || params.item?.type !== "userMessage") {
        return { row: null, change: null };
      }
      row.preview = textOfInput(params.item.content);
      if (!row.named) row.title = titleOf(row.preview);
      return { row, change: "row" };
    default:
      return { row: null, change: null };
  }
}

/** The text of codex's UserInput list. @param {any} input */
export function textOfInput(input) {
  if (!Array.isArray(input)) return "";
  return input.filter((part) => part?.type === "text").map((part) => part.text).join("\n");
}
