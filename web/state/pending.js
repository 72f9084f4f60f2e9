// What codex asks: approvals, questions, elicitations. From its server requests to what the cards need.
import { unwrapShell } from "../text/command.js";
import { threadKey } from "./rows.js";

/**
 * @typedef {import("../types.d.ts").Pending} Pending
 * @typedef {import("../types.d.ts").Decision} Decision
 */

/** Requests that are for programs, not for a person: another client of the thread answers them, or nobody. */
const NOT_FOR_PEOPLE = new Set([
  "account/chatgptAuthTokens/refresh",
  "attestation/generate",
  "currentTime/read",
  "item/tool/call",
]);

/**
 * @param {string} machine @param {string} incarnation
 * @param {import("../codex/rpc.js").ServerRequest} request @param {number} now
 * @returns {Pending | null} null if it is not for a person
 */
export function pendingOf(machine, incarnation, request, now) {
  const { id, method, params } = request;
  if (NOT_FOR_PEOPLE.has(method)) return null;
  const threadId = params.threadId ?? params.conversationId;
  if (typeof threadId !== "string") return null;
  const base = {
    id: `${machine}/${incarnation}/${JSON.stringify(id)}`,
    key: threadKey(machine, threadId),
    machine,
    threadId,
    turnId: params.turnId ?? null,
    itemId: params.itemId ?? null,
    requestId: id,
    incarnation,
    method,
    at: params.startedAtMs ?? now,
    shownAt: now,
    status: /** @type {const} */ ("open"),
    sentId: null,
    goneReason: null,
    goneAt: null,
    params,
  };
  const approval = {
    ...base,
    reason: params.reason ?? null,
    command: null,
    rawCommand: null,
    cwd: params.cwd ?? null,
    network: null,
    changes: [],
    grantRoot: null,
    permissions: null,
  };
  switch (method) {
    case "item/commandExecution/requestApproval":
      return {
        ...approval,
        kind: "command",
        command: params.command == null ? null : unwrapShell(params.command),
        rawCommand: params.command ?? null,
        network: params.networkApprovalContext ?? null,
        permissions: params.additionalPermissions ?? null,
        decisions: commandDecisions(params),
      };
    case "item/fileChange/requestApproval":
      return {
        ...approval,
        kind: "fileChange",
        grantRoot: params.grantRoot ?? null,
        decisions: ["accept", "acceptForSession", "decline", "cancel"].map(decisionOf),
      };
    case "item/permissions/requestApproval":
      return {
        ...approval,
        kind: "permissions",
        permissions: params.permissions,
        decisions: permissionDecisions(params),
      };
    case "item/tool/requestUserInput":
      return {
        ...base,
        kind: "question",
        questions: (Array.isArray(params.questions) ? params.questions : []).map((
          /** @type {any} */ question,
        ) => ({
          id: String(question.id),
          header: question.header ?? "",
          question: question.question ?? "",
          other: question.isOther === true || !question.options?.length,
          secret: question.isSecret === true,
          options: question.options ?? [],
        })),
      };
    case "mcpServer/elicitation/request":
      return {
        ...base,
        kind: "elicitation",
        server: params.serverName ?? "",
        mode: params.mode === "url" ? "url" : params.mode === "form" ? "form" : "other",
        message: params.message ?? params.description ?? "",
        url: params.url ?? null,
        schema: params.requestedSchema ?? null,
      };
    default:
      return { ...base, kind: "unknown" };
  }
}

/** @param {any} params @returns {Decision[]} */
function commandDecisions(params) {
  const { availableDecisions } = params;
  const offered = Array.isArray(availableDecisions) ? availableDecisions : [
    "accept",
    "acceptForSession",
    ...(params.proposedExecpolicyAmendment
      ? [{
        acceptWithExecpolicyAmendment: { execpolicy_amendment: params.proposedExecpolicyAmendment },
      }]
      : []),
    "decline",
    "cancel",
  ];
  return offered.map(decisionOf);
}

/** @param {any} decision codex's form @param {number} index @returns {Decision} */
function decisionOf(decision, index) {
  const result = { decision };
  const id = typeof decision === "string" ? decision : `${Object.keys(decision ?? {})[0]}-${index}`;
  const plain = { accept: true, acceptForSession: true, decline: false, cancel: false };
  if (typeof decision === "string" && decision in plain) {
    const kind = /** @type {keyof typeof plain} */ (decision);
    return { id, kind, positive: plain[kind], rule: null, result };
  }
  const always = decision?.acceptWithExecpolicyAmendment;
  if (always) {
    return {
      id,
      kind: "acceptAlways",
      positive: true,
      rule: always.execpolicy_amendment ?? [],
      result,
    };
  }
  const host = decision?.applyNetworkPolicyAmendment?.network_policy_amendment;
  if (host) {
    const allow = host.action === "allow";
    return {
      id,
      kind: allow ? "allowHost" : "denyHost",
      positive: allow,
      rule: [host.host],
      result,
    };
  }
  return { id, kind: "other", positive: false, rule: [id], result };
}

/** @param {any} params @returns {Decision[]} */
function permissionDecisions(params) {
  /** @type {Record<string, unknown>} */
  const granted = {};
  for (const [name, value] of Object.entries(params.permissions ?? {})) {
    if (value !== null) granted[name] = value;
  }
  const decision = (
    /** @type {"accept" | "acceptForSession" | "decline"} */ kind,
    /** @type {any} */ result,
  ) => ({
    id: kind,
    kind,
    positive: kind !== "decline",
    rule: null,
    result,
  });
  return [
    decision("accept", { permissions: granted, scope: "turn" }),
    decision("acceptForSession", { permissions: granted, scope: "session" }),
    decision("decline", { permissions: {}, scope: "turn" }),
  ];
}

export { unwrapShell };
