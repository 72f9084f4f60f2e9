// What becomes of a thing that was to be sent when nobody knows whether it arrived: docs/protocol.md, section 6.

/** A decision, an answer or a command that was not sent for so long is not sent any more (ms). */
export const EXPIRES = 10 * 60_000;
/** Kinds that make a user message in the transcript, found again by their id. */
export const PROMPTS = new Set(["start", "prompt", "steer", "queue"]);
/** How often codex's history is looked at, a second apart, before a prompt counts as not arrived. */
const LOOKS = 2;

/**
 * @typedef {{
 *  clientIds: Set<string>,
 *  queued: Set<string>,
 *  running: string | null,
 *  runningHasPrompt: boolean,
 * }} ThreadFacts what codex's newest turns and queue say
 */

/**
 * @param {import("../types.d.ts").Thread} thread
 * @returns {ThreadFacts}
 */
export function threadFacts(thread) {
  /** @type {Set<string>} */
  const clientIds = new Set();
  let runningHasPrompt = false;
  for (const turn of thread.turns) {
    for (const item of turn.items) {
      if (item.type !== "userMessage") continue;
      if (item.clientId) clientIds.add(item.clientId);
      if (turn.id === thread.running) runningHasPrompt = true;
    }
  }
  const queued = new Set(
    thread.queue.flatMap((entry) => !entry.own && entry.clientId ? [entry.clientId] : []),
  );
  return { clientIds, queued, running: thread.running, runningHasPrompt };
}

/**
 * A prompt, steer or queue entry that was perhaps delivered by a session that has ended.
 * @param {{id: string, kind: string, body: any}} sent
 * @param {ThreadFacts} facts
 * @param {number} looks how often it was looked for before
 * @returns {"taken-up" | "send" | "wait"}
 */
export function settlePrompt(sent, facts, looks) {
  if (facts.clientIds.has(sent.id)) return "taken-up";
  if (facts.queued.has(sent.id)) return "taken-up";
  // A turn that has just begun shows its prompt some milliseconds later.
  if (facts.running !== null && !facts.runningHasPrompt) return "wait";
  // A steer that codex accepted becomes visible only when the model's next step takes it.
  if (sent.kind === "steer" && facts.running !== null && facts.running === sent.body.turnId) {
    return "wait";
  }
  return looks + 1 < LOOKS ? "wait" : "send";
}

/**
 * What is not a prompt.
 * @param {{kind: string, at: number, body: any}} sent
 * @param {boolean} handed whether it may have been delivered
 * @param {string} incarnation of the app-server now
 * @param {number} now
 * @returns {"send" | "expired" | "too-late" | "unknown"}
 */
export function settleOther(sent, handed, incarnation, now) {
  if (sent.kind === "decision" || sent.kind === "answer") {
    if (sent.body.incarnation !== incarnation) return "too-late";
    // The anchor gives it only to the request that is still pending.
    return now - sent.at > EXPIRES ? "expired" : "send";
  }
  if (handed) return "unknown";
  return now - sent.at > EXPIRES ? "expired" : "send";
}
