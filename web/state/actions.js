// What the views call.
import { isMissing, RpcError } from "../codex/rpc.js";
import { search } from "../codex/search.js";
import { makeRow, putRow, titleOf } from "./rows.js";

/**
 * @typedef {import("../types.d.ts").Actions} Actions
 * @typedef {import("../types.d.ts").SandboxMode} SandboxMode
 */

const DRAFT_DELAY = 300;

/** codex's policy for a choice. @param {SandboxMode} mode */
export function sandboxPolicy(mode) {
  switch (mode) {
    case "read-only":
      return { type: "readOnly", networkAccess: false };
    case "workspace-write":
      return {
        type: "workspaceWrite",
        writableRoots: [],
        networkAccess: false,
        excludeTmpdirEnvVar: false,
        excludeSlashTmp: false,
      };
    case "danger-full-access":
      return { type: "dangerFullAccess" };
    default:
      return null;
  }
}

/** @param {string} text */
const input = (text) => [{ type: "text", text, text_elements: [] }];

/**
 * Those that send take the id that they shall use as a last argument.
 * @typedef {{
 *  [Name in Exclude<keyof Actions, "start" | "reconnect" | "refresh" | "signOut" | "startThread">]: Actions[Name] extends
 *    (...args: infer Args) => string ? (...args: [...Args, id?: string]) => string : Actions[Name]
 * } & {startThread(task: import("../types.d.ts").StartTask, id?: string): Promise<string>}} LoadedActions
 */

/** @param {import("./store.js").Core} core @param {import("../codex/sender.js").Sender} sender @returns {LoadedActions} */
export function createActions(core, sender) {
  const { state } = core;
  const { emit } = core;

  /** @param {string} key @returns {[string, string]} machine and thread id */
  const split = (key) => {
    const at = key.indexOf("/");
    return [key.slice(0, at), key.slice(at + 1)];
  };

  /** @param {string} machine */
  const client = (machine) => {
    const found = core.clients.get(machine);
    if (!found) {
      throw new RpcError("offline", "The machine is not connected; try again when it is.");
    }
    return found;
  };

  /** @param {string} key @param {string} method @param {any} [params] */
  const askThread = (key, method, params = {}) => {
    const [machine, threadId] = split(key);
    return client(machine).ask(method, { threadId, ...params });
  };

  /** @param {string} key */
  const changedRow = (key) => emit({ type: "row", key });

  /** @param {import("../types.d.ts").Pending} pending @param {"decision" | "answer"} kind @param {string} text @param {any} result @param {boolean} [secret] */
  const reply = (pending, kind, text, result, secret = false) => {
    const { id, key, machine, incarnation, requestId, threadId, turnId, itemId } = pending;
    const body = { pending: id, incarnation, requestId, threadId, turnId, itemId, result };
    if (pending.status !== "open") {
      throw new RpcError("too-late", "This can no longer be answered.");
    }
    sender.replace(id);
    pending.status = "sent";
    const sent = sender.add(kind, machine, key, text, body, { secret });
    if (pending.status === "sent") pending.sentId = sent.id;
    emit({ type: "pending", key, id });
    core.clients.get(machine)?.rowOf(key);
    return sent.id;
  };

  /** @param {string} id */
  const pendingOf = (id) => {
    const pending = state.pending.get(id);
    if (!pending) throw new RpcError("too-late", "This can no longer be answered.");
    return pending;
  };

  /** Drafts that are not written yet. @type {Map<string, string>} */
  const unwritten = new Map();
  /** Threads that are just being marked as read, and up to where. @type {Map<string, string>} */
  const marked = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let draftTimer;
  const writeDrafts = () => {
    clearTimeout(draftTimer);
    draftTimer = undefined;
    for (const [id, text] of unwritten) {
      (text === "" ? core.keep.remove("drafts", id) : core.keep.put("drafts", id, text)).catch(
        () => {},
      );
      sender.host.post({ type: "draft", id, text });
    }
    unwritten.clear();
  };
  core.endings.add(writeDrafts);

  /**
   * @param {string} key @param {string} text @param {"prompt" | "steer" | "queue"} kind @param {string} [id]
   * @param {string | null} [after] the turn whose end is awaited first
   */
  const say = (key, text, kind, id, after) => {
    const [machine] = split(key);
    const running = state.threads.get(key)?.running ?? null;
    const overrides = core.overrides.get(key);
    core.overrides.delete(key);
    const body = { turnId: running, ...(overrides && { overrides }), ...(after && { after }) };
    return sender.add(
      kind === "steer" && running === null ? "prompt" : kind,
      machine,
      key,
      text,
      body,
      { id },
    ).id;
  };

  /** @type {LoadedActions} */
  const actions = {
    loadMore: (machine) => client(machine).loadList(false),
    refreshList: (machine) => client(machine).loadList(true),
    search: (term) => search(core, term),
    async loadArchived(machine) {
      const result = await client(machine).ask("thread/list", {
        archived: true,
        limit: 100,
        sortKey: "recency_at",
        sortDirection: "desc",
      });
      return (result?.data ?? []).map((/** @type {any} */ raw) =>
        makeRow(state, machine, raw, { archived: true })
      );
    },
    async rename(key, name) {
      await askThread(key, "thread/name/set", { name });
      const row = state.rows.get(key);
      if (!row) return;
      row.named = name !== "";
      row.title = name || titleOf(row.preview);
      changedRow(key);
    },
    async archive(key) {
      await askThread(key, "thread/archive");
      const row = state.rows.get(key);
      if (row) row.archived = true;
      emit({ type: "rows" });
    },
    async unarchive(key) {
      const result = await askThread(key, "thread/unarchive");
      const [machine] = split(key);
      const row = state.rows.get(key);
      if (row) row.archived = false;
      else if (result?.thread) putRow(state, machine, result.thread, { archived: false });
      emit({ type: "rows" });
    },

    async openThread(key) {
      const [machine, id] = split(key);
      core.wanted.add(key);
      const threads = core.clients.get(machine)?.threads;
      await (threads ? threads.openThread(id) : core.openLater(key));
    },
    closeThread(key) {
      const [machine, id] = split(key);
      core.wanted.delete(key);
      core.clients.get(machine)?.threads?.closeThread(id);
    },
    async loadOlder(key) {
      const [machine, id] = split(key);
      await client(machine).threads?.pages.loadOlder(id);
    },
    async markRead(key) {
      const row = state.rows.get(key);
      if (!row?.unread || !row.revision || marked.get(key) === row.revision) return;
      marked.set(key, row.revision);
      const result = await askThread(key, "thread/readState/update", {
        operation: { type: "read" },
        expectedRevision: row.revision,
      }).finally(() => marked.delete(key));
      row.unread = (result?.readState?.firstUnread ?? null) !== null;
      row.revision = result?.readState?.revision ?? row.revision;
      row.failed = false;
      core.clients.get(row.machine)?.rowOf(key);
    },
    async setSettings(key, choices) {
      const thread = state.threads.get(key);
      const patch = {
        ...(choices.model && { model: choices.model }),
        ...(choices.effort && { effort: choices.effort }),
        ...(choices.approvalPolicy && { approvalPolicy: choices.approvalPolicy }),
        ...(choices.sandbox && { sandboxPolicy: sandboxPolicy(choices.sandbox) }),
      };
      const [machine, id] = split(key);
      try {
        await client(machine).threads?.subscribe(id);
        await askThread(key, "thread/settings/update", patch);
      } catch (error) {
        if (!isMissing(error, "thread/settings/update")) throw error;
        core.overrides.set(key, { ...core.overrides.get(key), ...patch });
      }
      if (thread) Object.assign(thread.settings, choices);
      emit({ type: "thread", key });
    },
    setChoices(machine, choices) {
      const record = state.machines.get(machine);
      if (!record) return;
      record.choices = { ...record.choices, ...choices };
      core.choices.set(machine, record.choices);
      core.keep.put("settings", `choices/${machine}`, record.choices).catch(() => {});
      emit({ type: "machine", machine });
    },

    startThread(task, id) {
      actions.setChoices(task.machine, task.choices);
      const key = /** @type {PromiseWithResolvers<string>} */ (Promise.withResolvers());
      const body = { cwd: task.cwd, choices: task.choices };
      const sent = sender.add("start", task.machine, null, task.text, body, { id });
      if (sent.key === null) sender.way(sent.id).key = key;
      else key.resolve(sent.key);
      return key.promise;
    },
    sendPrompt: (key, text, id) => say(key, text, "prompt", id),
    steer: (key, text, id) => say(key, text, "steer", id),
    queueAdd: (key, text, id) => say(key, text, "queue", id),
    interrupt(key) {
      const turnId = state.threads.get(key)?.running;
      if (!turnId) throw new RpcError("idle", "Nothing runs in this thread.");
      const known = [...state.sent.values()].find((sent) =>
        sent.kind === "interrupt" && sent.body.turnId === turnId && sent.mark === "waiting"
      );
      return known?.id ?? sender.add("interrupt", split(key)[0], key, "", { turnId }).id;
    },
    shellCommand: (key, command, id) =>
      sender.add("shell", split(key)[0], key, command, {}, { id }).id,
    decide(id, decision, note = "") {
      const pending = pendingOf(id);
      const chosen = "decisions" in pending
        ? pending.decisions.find((one) => one.id === decision)
        : undefined;
      if (!chosen) throw new RpcError("bad-decision", "Codex does not offer this decision.");
      const sent = reply(pending, "decision", chosen.kind, chosen.result);
      if (note.trim() !== "") {
        // A decision that ends the turn: what codex is to do instead begins the next one.
        if (chosen.kind === "cancel") {
          say(pending.key, note.trim(), "prompt", undefined, pending.turnId);
        } else say(pending.key, note.trim(), "steer");
      }
      return sent;
    },
    answer(id, answers) {
      const pending = pendingOf(id);
      const secret = pending.kind === "question" &&
        pending.questions.some((question) => question.secret);
      const result = {
        answers: Object.fromEntries(
          Object.entries(answers).map(([name, texts]) => [name, { answers: texts }]),
        ),
      };
      return reply(
        pending,
        "answer",
        secret ? "" : Object.values(answers).flat().join(", "),
        result,
        secret,
      );
    },
    respond(id, action, content = null) {
      const pending = pendingOf(id);
      // What is filled into another program's form may be a secret: it is not kept on disk.
      return reply(pending, "answer", action, { action, content, _meta: null }, content !== null);
    },
    retry: (id) => sender.retry(id),
    discard: (id) => sender.discard(id),
    dismiss(id) {
      const pending = state.pending.get(id);
      if (!pending || pending.status !== "gone") return;
      state.pending.delete(id);
      emit({ type: "pending", key: pending.key, id });
    },

    async queueUpdate(key, queued, text) {
      await askThread(key, "thread/queue/update", {
        queuedSubmissionId: queued,
        input: input(text),
      });
    },
    async queueDelete(key, queued) {
      await askThread(key, "thread/queue/delete", { queuedSubmissionId: queued });
    },
    async queueReorder(key, ids) {
      await askThread(key, "thread/queue/reorder", { queuedSubmissionIds: ids });
    },
    async queueNow(key, queued) {
      const thread = state.threads.get(key);
      const entry = thread?.queue.find((one) => one.id === queued);
      if (!thread || !entry) return;
      if (thread.running === null) {
        await askThread(key, "thread/queue/start", { queuedSubmissionId: queued });
        return;
      }
      const { deleted } = await askThread(key, "thread/queue/delete", {
        queuedSubmissionId: queued,
      }).catch((error) => {
        // Nobody knows whether codex's queue still has it: a copy too many is seen, one too few is not.
        const draft = state.drafts.get(key) ?? "";
        if (error.code === "reset" && !draft.includes(entry.text)) {
          actions.setDraft(key, draft ? `${draft}\n\n${entry.text}` : entry.text);
          core.emit({ type: "draft", id: key });
        }
        throw error;
      });
      // Not deleted: codex has just started it.
      if (deleted) say(key, entry.text, "steer");
    },

    setDraft(id, text) {
      if (text === "") state.drafts.delete(id);
      else state.drafts.set(id, text);
      unwritten.set(id, text);
      // What was sent is gone from here at once: a page that dies now shall not offer it a second time.
      if (text === "") writeDrafts();
      else draftTimer ??= setTimeout(writeDrafts, DRAFT_DELAY);
    },

    async listDirectory(machine, path) {
      const result = await client(machine).ask("fs/readDirectory", { path });
      return (result?.entries ?? []).map((/** @type {any} */ entry) => ({
        name: String(entry.fileName),
        directory: entry.isDirectory === true,
      }));
    },
    async accountLogin(machine) {
      const one = client(machine);
      const account = one.machine.codexAccount;
      account.login = { id: null, url: null, code: null, status: "starting", problem: null };
      emit({ type: "machine", machine });
      try {
        const result = await one.ask("account/login/start", { type: "chatgptDeviceCode" });
        account.login = {
          id: result?.loginId ?? null,
          url: result?.verificationUrl ?? result?.authUrl ?? null,
          code: result?.userCode ?? null,
          status: "waiting",
          problem: null,
        };
      } catch (error) {
        account.login = {
          id: null,
          url: null,
          code: null,
          status: "failed",
          problem: String(/** @type {Error} */ (error).message),
        };
      }
      one.machine.codexAccount = { ...one.machine.codexAccount, login: account.login };
      emit({ type: "machine", machine });
    },
    async accountLoginCancel(machine) {
      const one = client(machine);
      const login = one.machine.codexAccount.login;
      one.machine.codexAccount.login = null;
      emit({ type: "machine", machine });
      if (login?.id) await one.ask("account/login/cancel", { loginId: login.id });
    },
    async accountLogout(machine) {
      await client(machine).ask("account/logout", {});
      await client(machine).facts?.readAccount();
    },
    request: (machine, method, params) => client(machine).ask(method, params),
  };
  return actions;
}
