// What the views ask of the state. Pure.

/**
 * @typedef {import("../types.d.ts").State} State
 * @typedef {import("../types.d.ts").Row} Row
 */

/** Silence after which the far end is not called connected any more, ms: two pings and a bit. */
const SILENT_AFTER = 11_000;

/** Newest first. @param {State} state @param {import("../types.d.ts").RowFilter} [filter] @returns {Row[]} */
export function selectRows(state, filter = {}) {
  const text = filter.text?.trim().toLowerCase() ?? "";
  /** @type {Row[]} */
  const rows = [];
  for (const row of state.rows.values()) {
    if (row.archived !== (filter.archived ?? false) || row.parent !== null) continue;
    if (filter.machine !== undefined && row.machine !== filter.machine) continue;
    if (filter.status && !filter.status.includes(row.status)) continue;
    if (filter.unread && !row.unread) continue;
    if (text && !`${row.title}\n${row.preview}\n${row.cwd}`.toLowerCase().includes(text)) continue;
    rows.push(row);
  }
  return rows.sort((a, b) => b.updatedAt - a.updatedAt || (a.key < b.key ? 1 : -1));
}

/** Rows by directory, the newest first. @param {State} state @param {import("../types.d.ts").RowFilter} [filter] */
export function selectProjects(state, filter = {}) {
  /** @type {Map<string, import("../types.d.ts").Project>} */
  const projects = new Map();
  for (const row of selectRows(state, filter)) {
    const id = `${row.machine} ${row.cwd}`;
    let project = projects.get(id);
    if (!project) {
      const name = row.cwd.split(/[\\/]/).filter(Boolean).pop() ?? row.cwd;
      project = {
        machine: row.machine,
        cwd: row.cwd,
        name,
        rows: [],
        newest: row.updatedAt,
        waiting: 0,
        working: 0,
      };
      projects.set(id, project);
    }
    project.rows.push(row);
    project.waiting += row.waiting;
    if (row.status === "working") project.working++;
  }
  return [...projects.values()];
}

/** Oldest first, those that can no longer be answered last. @param {State} state */
export function selectInbox(state) {
  const order = { open: 0, sent: 1, gone: 2 };
  return [...state.pending.values()].sort((a, b) =>
    order[a.status] - order[b.status] || a.at - b.at
  );
}

/** What was sent in a thread and is not taken up, oldest first. @param {State} state @param {string} key */
export function selectSent(state, key) {
  return [...state.sent.values()].filter((sent) => sent.key === key && sent.mark !== "taken-up");
}

/** The follow-ups of a thread: codex's queue, then those that are still on their way to it. @param {State} state @param {string} key */
export function selectQueue(state, key) {
  const queue = state.threads.get(key)?.queue ?? [];
  const own = [...state.sent.values()].filter((sent) =>
    sent.key === key && sent.kind === "queue" && sent.mark !== "taken-up" &&
    !queue.some((entry) => entry.clientId === sent.id)
  );
  return [
    ...queue,
    ...own.map((sent) => ({ id: sent.id, clientId: sent.id, text: sent.text, own: true })),
  ];
}

/**
 * The facts of the status line, for one machine or for the relay.
 * @param {State} state @param {string | null} [machineId] @param {number} [now]
 * @returns {import("../types.d.ts").LinkSummary}
 */
export function selectLink(state, machineId = null, now = Date.now()) {
  const { link } = state;
  const machine = machineId === null ? undefined : state.machines.get(machineId);
  const heard = machine ? machine.lastHeard : link.lastHeard;
  const age = heard === null ? null : Math.max(0, now - heard);
  const of = (
    /** @type {import("../types.d.ts").LinkSummary["status"]} */ status,
    reason = link.reason,
  ) => ({
    status,
    machine: machineId,
    age,
    since: link.since,
    reason,
  });
  if (link.status !== "connected") return of(link.status);
  if (!machine) return of(machineId === null ? "connected" : "machine-offline");
  switch (machine.status) {
    case "off":
      return of("machine-offline");
    case "failed":
      return of("machine-offline", machine.problem);
    case "opening":
      return of("connecting");
    case "resuming":
      return of("reconnecting");
    default:
      return of(age !== null && age > SILENT_AFTER ? "silent" : "connected");
  }
}
