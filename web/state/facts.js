// Facts about a thread beside its transcript: status, settings, tokens.
import { endItems } from "./items.js";

/** @typedef {import("../types.d.ts").Thread} Thread */

/** @param {Thread} thread @param {any} status */
export function setStatus(thread, status) {
  thread.active = status?.type === "active";
  thread.flags = thread.active ? status.activeFlags ?? [] : [];
  if (status?.type !== "notLoaded") return;
  // Its app-server ended and no `turn/completed` will come: the turn was interrupted.
  const turn = thread.running ? thread.turnById.get(thread.running) : undefined;
  thread.running = null;
  if (!turn) return;
  turn.status = "interrupted";
  endItems(turn);
}

/** @param {any} policy @returns {import("../types.d.ts").SandboxMode | null} */
export function sandboxMode(policy) {
  const modes = /** @type {const} */ ({
    dangerFullAccess: "danger-full-access",
    readOnly: "read-only",
    workspaceWrite: "workspace-write",
    externalSandbox: "external",
  });
  return modes[/** @type {keyof typeof modes} */ (policy?.type)] ?? null;
}

/** @param {Thread} thread @param {any} raw ThreadSettings or the answer to thread/start and thread/resume */
export function setSettings(thread, raw) {
  const settings = thread.settings;
  const sandbox = raw.sandboxPolicy ?? raw.sandbox;
  settings.model = raw.model ?? settings.model;
  settings.effort = raw.effort ?? raw.reasoningEffort ?? null;
  settings.approvalPolicy = typeof raw.approvalPolicy === "object" && raw.approvalPolicy
    ? "granular"
    : raw.approvalPolicy ?? settings.approvalPolicy;
  settings.sandbox = sandboxMode(sandbox) ?? settings.sandbox;
  settings.network = typeof sandbox?.networkAccess === "boolean"
    ? sandbox.networkAccess
    : settings.network;
  settings.cwd = raw.cwd ?? settings.cwd;
}

/** codex keeps so many tokens of every window for its own instructions (its terminal UI counts the same). */
const BASELINE_TOKENS = 12_000;

/** @param {Thread} thread @param {any} raw */
export function setUsage(thread, raw) {
  if (!raw?.last) return;
  const window = raw.modelContextWindow ?? null;
  const used = raw.last.totalTokens ?? 0;
  const left = window > BASELINE_TOKENS
    ? 100 * (1 - Math.max(0, used - BASELINE_TOKENS) / (window - BASELINE_TOKENS))
    : null;
  thread.usage = {
    totalTokens: raw.total?.totalTokens ?? 0,
    contextTokens: used,
    contextWindow: window,
    contextLeftPercent: left === null ? null : Math.max(0, Math.min(100, Math.round(left))),
  };
}
