// What the cards, the list and the settling of what waited are made of.
import { pendingOf, unwrapShell } from "../../web/state/pending.js";
import { settleOther, settlePrompt, threadFacts } from "../../web/state/settle.js";
import { applyToRows, putRow, titleOf } from "../../web/state/rows.js";
import {
  selectInbox,
  selectLink,
  selectProjects,
  selectQueue,
  selectRows,
} from "../../web/state/select.js";
import { emptyMachine, emptyState } from "../../web/state/parts.js";
import { createThread } from "../../web/state/thread.js";
import { isMissing, Rpc, RpcError } from "../../web/codex/rpc.js";
import { fromBase64url, parseOptions } from "../../web/account/account.js";
import { toBase64url } from "../../web/account/api.js";
import { equal, ok } from "./support/random.js";

const about = { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 5 };
/** @param {string} method @param {any} params @param {number | string} [id] @returns {any} */
const ask = (method, params, id = 0) =>
  pendingOf("m", "inc", { id, method, params: { ...about, ...params } }, 9);

Deno.test("a command's card has every decision that codex offers, and the rule that would be saved", () => {
  const card = ask("item/commandExecution/requestApproval", {
    command: "/bin/bash -lc 'npm run '\\''x'\\'''",
    reason: "because",
    cwd: "/w",
    availableDecisions: [
      "accept",
      "acceptForSession",
      { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["npm", "run"] } },
      { applyNetworkPolicyAmendment: { network_policy_amendment: { host: "h", action: "allow" } } },
      { applyNetworkPolicyAmendment: { network_policy_amendment: { host: "h", action: "deny" } } },
      "decline",
      "cancel",
      { somethingNew: {} },
      "newer",
    ],
  });
  equal([card.kind, card.command, card.reason, card.at, card.shownAt], [
    "command",
    "npm run 'x'",
    "because",
    5,
    9,
  ]);
  equal(card.decisions.map((/** @type {any} */ one) => [one.kind, one.positive, one.rule]), [
    ["accept", true, null],
    ["acceptForSession", true, null],
    ["acceptAlways", true, ["npm", "run"]],
    ["allowHost", true, ["h"]],
    ["denyHost", false, ["h"]],
    ["decline", false, null],
    ["cancel", false, null],
    ["other", false, ["somethingNew-7"]],
    ["other", false, ["newer"]],
  ]);
  equal(new Set(card.decisions.map((/** @type {any} */ one) => one.id)).size, 9);
  equal(card.decisions[2].result, {
    decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["npm", "run"] } },
  });
});

Deno.test("other requests become cards, those that are not for people do not", () => {
  equal(
    ask("item/fileChange/requestApproval", {}).decisions.map((/** @type {any} */ one) => one.id),
    [
      "accept",
      "acceptForSession",
      "decline",
      "cancel",
    ],
  );
  const permissions = ask("item/permissions/requestApproval", {
    permissions: { network: { enabled: true }, fileSystem: null },
  });
  equal(permissions.decisions.map((/** @type {any} */ one) => one.result), [
    { permissions: { network: { enabled: true } }, scope: "turn" },
    { permissions: { network: { enabled: true } }, scope: "session" },
    { permissions: {}, scope: "turn" },
  ]);
  equal(ask("mcpServer/elicitation/request", { mode: "openai/form", message: "x" }).mode, "other");
  equal(ask("item/never/heard", {}).kind, "unknown");
  equal(ask("attestation/generate", {}), null);
  equal(pendingOf("m", "inc", { id: 1, method: "item/never/heard", params: {} }, 1), null);
  ok(ask("x/y", {}, 1).id !== ask("x/y", {}, "1").id, "a number is not a text");
});

Deno.test("a command is unwrapped only where nothing is lost", () => {
  equal(unwrapShell(`bash -lc "echo \\"a b\\" \\$HOME"`), `echo "a b" $HOME`);
  equal(unwrapShell("/usr/bin/zsh -c ls"), "ls");
  for (
    const command of ["bash -lc 'a' b", "bash -lc 'a", "bash script.sh", "rm -rf /", "bash -lc a;b"]
  ) {
    equal(unwrapShell(command), command);
  }
});

Deno.test("what nobody knows about is settled from codex's turns", () => {
  const thread = createThread("m", "t");
  const sent = { id: "c1", kind: "prompt", body: {} };
  equal(settlePrompt(sent, threadFacts(thread), 0), "wait");
  equal(settlePrompt(sent, threadFacts(thread), 1), "send");
  const turn = { id: "u", items: [{ type: "userMessage", clientId: "c1" }] };
  thread.turns = /** @type {any} */ ([turn]);
  equal(settlePrompt(sent, threadFacts(thread), 0), "taken-up");
  const other = { ...sent, id: "c2" };
  thread.queue = [{ id: "q", clientId: "c2", text: "", own: false }];
  equal(settlePrompt(other, threadFacts(thread), 0), "taken-up");
  thread.queue = [];
  thread.turns.push(/** @type {any} */ ({ id: "v", items: [] }));
  thread.running = "v";
  equal(settlePrompt(other, threadFacts(thread), 9), "wait", "its prompt may still show itself");
  thread.running = "u";
  equal(
    settlePrompt({ ...other, kind: "steer", body: { turnId: "u" } }, threadFacts(thread), 9),
    "wait",
  );
  equal(
    settlePrompt({ ...other, kind: "steer", body: { turnId: "o" } }, threadFacts(thread), 9),
    "send",
  );
});

Deno.test("a decision goes to its own app-server, within ten minutes, and a command is not guessed at", () => {
  const decision = { kind: "decision", at: 0, body: { incarnation: "a" } };
  equal(settleOther(decision, true, "a", 1000), "send");
  equal(settleOther(decision, true, "b", 1000), "too-late");
  equal(settleOther(decision, false, "a", 600_001), "expired");
  equal(settleOther({ kind: "shell", at: 0, body: {} }, true, "a", 1), "unknown");
  equal(settleOther({ kind: "shell", at: 0, body: {} }, false, "a", 1), "send");
  equal(settleOther({ kind: "interrupt", at: 0, body: {} }, false, "a", 600_001), "expired");
});

Deno.test("the list is right for every thread of several machines", () => {
  const state = emptyState();
  const raw = (/** @type {string} */ id, /** @type {any} */ more) => ({
    id,
    cwd: "/home/me/project",
    preview: "# Fix the bug\nplease",
    status: { type: "notLoaded" },
    createdAt: 1,
    recencyAt: 10,
    ...more,
  });
  putRow(state, "m1", raw("a", {}), { readState: { firstUnread: null, revision: "1" } });
  putRow(
    state,
    "m2",
    raw("a", { recencyAt: 20, name: "Named", status: { type: "active", activeFlags: [] } }),
  );
  putRow(
    state,
    "m1",
    raw("b", { recencyAt: 30, status: { type: "active", activeFlags: ["waitingOnApproval"] } }),
  );
  putRow(state, "m1", raw("child", { parentThreadId: "a" }));
  equal(selectRows(state).map((row) => [row.key, row.title, row.status, row.waiting]), [
    ["m1/b", "Fix the bug", "waiting", 1],
    ["m2/a", "Named", "working", 0],
    ["m1/a", "Fix the bug", "idle", 0],
  ]);
  equal(
    selectProjects(state).map((
      one,
    ) => [one.machine, one.name, one.rows.length, one.waiting, one.working]),
    [
      ["m1", "project", 2, 1, 0],
      ["m2", "project", 1, 0, 1],
    ],
  );
  const tell = (/** @type {string} */ method, /** @type {any} */ params) =>
    applyToRows(state, "m1", method, { threadId: "a", ...params }, 50_000).change;
  equal(tell("thread/status/changed", { status: { type: "active", activeFlags: [] } }), "row");
  equal([selectRows(state)[0].key, selectRows(state)[0].since], ["m1/a", 50_000]);
  tell("turn/completed", { turn: { status: "failed" } });
  tell("thread/status/changed", { status: { type: "idle" } });
  equal(state.rows.get("m1/a")?.status, "failed");
  tell("thread/status/changed", { status: { type: "active", activeFlags: [] } });
  tell("thread/readState/changed", {
    readState: { firstUnread: { type: "threadStart" }, revision: "2" },
  });
  tell("thread/status/changed", { status: { type: "idle" } });
  equal(state.rows.get("m1/a")?.status, "done");
  equal(tell("thread/archived", {}), "rows");
  equal(selectRows(state, { archived: true }).map((row) => row.key), ["m1/a"]);
  equal(selectRows(state, { text: "named" }).length, 1);
  equal(selectRows(state, { status: ["waiting"] }).length, 1);
  equal(applyToRows(state, "m1", "thread/unheard/of", {}, 1).change, null);
  equal(titleOf("\n\n  - do it\n"), "do it");
});

Deno.test("the link's summary is true for relay and machine", () => {
  const state = emptyState();
  const machine = emptyMachine({ id: "m", name: "n" });
  state.machines.set("m", machine);
  const status = (now = 1000) => selectLink(state, "m", now).status;
  equal(status(), "connecting");
  state.link.status = "connected";
  equal(status(), "machine-offline");
  machine.status = "ready";
  machine.lastHeard = 900;
  equal([status(), selectLink(state, "m", 1000).age], ["connected", 100]);
  equal(status(20_000), "silent");
  machine.status = "resuming";
  equal(status(), "reconnecting");
  state.link.status = "offline";
  equal(status(), "offline");
});

Deno.test("the inbox is oldest first, what cannot be answered last; the queue has one's own behind codex's", () => {
  const state = emptyState();
  for (
    const [id, at, status]
      of /** @type {const} */ ([["a", 3, "open"], ["b", 1, "gone"], ["c", 2, "open"], [
        "d",
        1,
        "sent",
      ]])
  ) {
    state.pending.set(id, /** @type {any} */ ({ id, at, status }));
  }
  equal(selectInbox(state).map((one) => one.id), ["c", "a", "d", "b"]);
  const thread = createThread("m", "t");
  thread.queue = [{ id: "q", clientId: "x", text: "codex's", own: false }];
  state.threads.set(thread.key, thread);
  for (const id of ["x", "y"]) {
    state.sent.set(
      id,
      /** @type {any} */ ({ id, kind: "queue", key: thread.key, text: id, mark: "waiting" }),
    );
  }
  equal(selectQueue(state, thread.key).map((one) => [one.id, one.own]), [["q", false], [
    "y",
    true,
  ]]);
});

Deno.test("answers find their questions; nonsense and unknown answers are ignored", async () => {
  /** @type {any[]} */
  const sent = [];
  /** @type {any[]} */
  const told = [];
  const rpc = new Rpc({
    send: (text) => sent.push(JSON.parse(text)),
    notification: (method, params, ms) => told.push([method, params, ms]),
    request: (request) => told.push(request),
  });
  const first = rpc.request("a", {});
  const second = rpc.request("b", {});
  const third = rpc.request("c", {});
  for (const text of ["", "nonsense", "null", "3", '{"id":99,"result":1}', "{}"]) rpc.receive(text);
  rpc.receive('{"id":2,"error":{"code":-32601,"message":"no"}}');
  rpc.receive('{"id":1,"result":{"x":1}}');
  rpc.receive('{"method":"n/o","params":{"a":1},"emittedAtMs":7}');
  rpc.receive('{"method":"r/q","id":"s"}');
  equal(await first, { x: 1 });
  const refused = await second.catch((error) => error);
  ok(isMissing(refused, "b"));
  rpc.close("test");
  equal((await third.catch((error) => error)).code, "reset");
  equal(told, [["n/o", { a: 1 }, 7], { id: "s", method: "r/q", params: {} }]);
  ok(isMissing(new RpcError(-32600, "Invalid request: unknown variant `x/y`, expected …"), "x/y"));
  ok(!isMissing(new RpcError(-32600, "thread not found"), "x/y"));
});

Deno.test("what codex was too busy for is asked again, and a session's end ends that", async () => {
  /** @type {any[]} */
  const sent = [];
  const busy = '"error":{"code":-32001,"message":"Server overloaded; retry later."}';
  const nothing = () => {};
  /** Resolves once so many were sent. @param {number} count */
  const all = async (count) => {
    while (sent.length < count) await new Promise((resolve) => setTimeout(resolve));
  };
  const host = {
    send: (/** @type {string} */ text, /** @type {unknown} */ token) => {
      sent.push([JSON.parse(text), token]);
    },
    notification: nothing,
    request: nothing,
  };
  const rpc = new Rpc(host, () => 0);
  const first = rpc.request("turn/start", { x: 1 }, { token: "t" });
  rpc.receive(`{"id":1,${busy}}`);
  await all(2);
  equal(sent[1], [{ id: 1, method: "turn/start", params: { x: 1 } }, "t"]);
  rpc.receive('{"id":1,"result":7}');
  equal(await first, 7);
  const second = rpc.request("turn/start", {}).catch((error) => error);
  for (let count = 3; count < 9; count++) {
    rpc.receive(`{"id":2,${busy}}`);
    await all(count + 1);
  }
  rpc.receive(`{"id":2,${busy}}`);
  equal((await second).code, -32001);
  // What a later request may have overtaken is not.
  const late = rpc.request("thread/unsubscribe", {}, { once: true }).catch((error) => error);
  rpc.receive(`{"id":3,${busy}}`);
  equal((await late).code, -32001);
  const third = rpc.request("turn/start", {}).catch((error) => error);
  rpc.receive(`{"id":4,${busy}}`);
  rpc.close("test");
  equal((await third).code, "reset");
  await new Promise((resolve) => setTimeout(resolve, 5));
  equal(sent.length, 11);
});

Deno.test("WebAuthn's JSON is read", () => {
  const bytes = crypto.getRandomValues(new Uint8Array(57));
  equal([...fromBase64url(toBase64url(bytes.buffer))], [...bytes]);
  ok(/^[\w-]+$/.test(toBase64url(bytes.buffer)));
  const options = parseOptions({
    challenge: "AQID",
    user: { id: "BAU", name: "n" },
    allowCredentials: [{ id: "Bg", type: "public-key" }],
    userVerification: "required",
  });
  equal([[...options.challenge], [...options.user.id], [...options.allowCredentials[0].id]], [
    [1, 2, 3],
    [4, 5],
    [6],
  ]);
  equal(options.userVerification, "required");
});
