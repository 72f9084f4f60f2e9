// The shape of the client's state and the interface of the store: what the views may rely on.
// Values from codex keep codex's own names and forms (`codex app-server generate-ts --experimental`); only what
// the client reads is declared, everything else passes through. Times are milliseconds since 1970 unless said.

/** `machine id + "/" + codex's thread id`: the same thread may be seen through two anchors. */
export type ThreadKey = string;
// deno-lint-ignore no-explicit-any
export type Json = any;

// ------------------------------------------------------------------------------------------------ state

export interface State {
  /** Set once the first answer (from the relay or from what was kept) is known; before that show nothing final. */
  ready: boolean;
  account: AccountState;
  link: LinkState;
  machines: Map<string, Machine>;
  /** The list: every thread known of every machine. Use `selectProjects`, `selectRows`. */
  rows: Map<ThreadKey, Row>;
  /** Opened threads: full structure. Absent until `openThread`. */
  threads: Map<ThreadKey, Thread>;
  /** Everything that waits for the person, over all threads and machines. Use `selectInbox`. */
  pending: Map<string, Pending>;
  /** What this browser sent or still has to send, by its id, oldest first. */
  sent: Map<string, Sent>;
  drafts: Map<string, string>;
  search: SearchState;
  /** Build of the relay when it differs from this page's: offer a reload. */
  newBuild: string | null;
}

export interface AccountState {
  /** `unknown` until asked; `signed-out` shows the sign-in page; `offline` = not asked yet, last known user shown. */
  status: "unknown" | "signed-out" | "signed-in" | "offline";
  user: { id: string; name: string; owner: boolean } | null;
  signin: { id: string; fresh: number; created: number } | null;
}

/**
 * The page's hop to the relay. `connected` is said only after the relay's `hello`.
 * `refused` does not dial by itself: `reason` is `revoked`, `update` or `limit`.
 */
export interface LinkState {
  status: "connecting" | "connected" | "reconnecting" | "offline" | "refused";
  reason: string | null;
  /** When anything was last heard from the relay; null before the first time. */
  lastHeard: number | null;
  /** When the status last changed. */
  since: number;
  /** When the next dial is due, if one waits. */
  retryAt: number | null;
}

export interface Machine {
  id: string;
  name: string;
  fingerprint: string;
  /** What the relay says. */
  online: boolean;
  seen: number | null;
  created: number;
  /**
   * The path to codex on it, end to end:
   * `off` (the link is down or the relay says it is not here), `opening`, `ready`, `resuming` (cut, being repaired),
   * `failed` (see `problem`).
   */
  status: "off" | "opening" | "ready" | "resuming" | "failed";
  problem: string | null;
  /** When the anchor was last heard end to end (session layer), and the round trip of the last ping in ms. */
  lastHeard: number | null;
  roundTrip: number | null;
  info: AnchorInfo | null;
  /** Incarnation of the app-server: changes when it was started anew. */
  incarnation: string | null;
  models: Model[];
  codexAccount: CodexAccount;
  /** Usage windows of the codex account as last reported, null if unknown. */
  limits: RateLimits | null;
  /** Methods that answered -32601: hide what needs them. */
  missing: Set<string>;
  list: { status: "none" | "loading" | "ready" | "failed"; more: boolean; problem: string | null };
  /** Warnings of the machine's codex (configuration, deprecation), newest last, at most 20. */
  warnings: { at: number; message: string; details: string | null }[];
  /** What was chosen last on this machine: the default of the next task. */
  choices: Choices;
}

export interface AnchorInfo {
  name: string;
  version: string;
  platform: string;
  home: string;
  cwd: string;
  codex: { version: string; path: string };
  incarnation: string;
  startedAt: number;
  attached: boolean;
}

export interface Model {
  /** What goes into requests. */
  model: string;
  displayName: string;
  description: string;
  isDefault: boolean;
  hidden: boolean;
  efforts: { effort: string; description: string }[];
  defaultEffort: string | null;
}

export interface CodexAccount {
  /** `needed`: codex has no sign-in and its provider asks for one. */
  status: "unknown" | "ok" | "needed";
  type: string | null;
  email: string | null;
  plan: string | null;
  login: CodexLogin | null;
}

/** A sign-in of codex itself on the machine that goes on (device code). */
export interface CodexLogin {
  id: string | null;
  url: string | null;
  code: string | null;
  status: "starting" | "waiting" | "failed";
  problem: string | null;
}

export interface RateWindow {
  usedPercent: number;
  windowMinutes: number | null;
  resetsAt: number | null;
}
export interface RateLimits {
  primary: RateWindow | null;
  secondary: RateWindow | null;
  /** Set when a limit is reached: say it plainly. */
  reached: string | null;
  plan: string | null;
}

/** Null means: codex's own default. */
export interface Choices {
  model: string | null;
  effort: string | null;
  approvalPolicy: ApprovalPolicy | null;
  sandbox: SandboxMode | null;
}
export type ApprovalPolicy = "untrusted" | "on-request" | "never" | "granular";
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access" | "external";

export type RowStatus = "working" | "waiting" | "done" | "failed" | "idle";

export interface Row {
  key: ThreadKey;
  machine: string;
  id: string;
  /** Name, else the first line of the first prompt, else "". */
  title: string;
  named: boolean;
  preview: string;
  cwd: string;
  branch: string | null;
  model: string | null;
  /** `done` is: finished and not read yet. */
  status: RowStatus;
  /** Number of things that wait for the person (at least 1 while status is `waiting`). */
  waiting: number;
  unread: boolean;
  archived: boolean;
  createdAt: number;
  updatedAt: number;
  /** Since when it works or waits, where it is known. */
  since: number | null;
  /** Where it was begun: cli, vscode, exec, appServer, … */
  source: string;
  /** Set on a thread that another thread's agent made. */
  parent: string | null;
  /** For the reducers. */
  active?: boolean;
  flags?: string[];
  failed?: boolean;
  revision?: string | null;
}

export interface Project {
  machine: string;
  cwd: string;
  /** Last part of the path. */
  name: string;
  rows: Row[];
  newest: number;
  waiting: number;
  working: number;
}

export interface SearchState {
  term: string;
  busy: boolean;
  results: { row: Row; snippet: string | null }[];
  problem: string | null;
}

// ------------------------------------------------------------------------------------------------ a thread

export interface Thread {
  key: ThreadKey;
  machine: string;
  id: string;
  /** `ready` may be shown; `stale` = shown from before while it is read again (no spinner over it). */
  status: "loading" | "ready" | "stale" | "failed";
  problem: string | null;
  /** Oldest first. */
  turns: Turn[];
  turnById: Map<string, Turn>;
  older: "more" | "loading" | "none" | "failed";
  /** The running turn's id. */
  running: string | null;
  /** What it waits for, from codex. */
  flags: string[];
  settings: ThreadSettings;
  usage: Usage | null;
  queue: Queued[];
  /** Short-lived notices of this thread: model rerouted, warnings, retries. Newest last, at most 20. */
  notices: Notice[];
  readRevision: string | null;
  /** When its content was last known to be right. */
  asOf: number;
  /** For the reducers: whether codex calls it active, undefined until it said so. */
  active?: boolean;
  /** For the reducers: a text in flight was joined by guess, ask the anchor once more. */
  unsure?: boolean;
}

export interface Turn {
  id: string;
  status: "inProgress" | "completed" | "interrupted" | "failed";
  error: TurnError | null;
  startedAt: number | null;
  completedAt: number | null;
  durationMs: number | null;
  /** In order of appearance. */
  items: Item[];
  itemById: Map<string, Item>;
  /** Latest plan (todo list) of the turn. */
  plan: { explanation: string | null; steps: { step: string; status: string }[] } | null;
  /** Latest unified diff over all file changes of the turn. */
  diff: string | null;
  /** Items of the turn may be incomplete: begun before this page saw it, or not paged in. */
  partial: boolean;
  /** For the reducers: this page saw it begin. */
  live?: boolean;
}

export interface TurnError {
  message: string;
  /** codex's class: usageLimitExceeded, unauthorized, contextWindowExceeded, … or null. */
  kind: string | null;
  details: string | null;
  willRetry: boolean;
}

/**
 * One entry of the transcript. `data` is codex's own item with its text growing in place while it streams:
 * agentMessage/plan `text`; reasoning `summary[i]`, `content[i]`; commandExecution `aggregatedOutput`;
 * fileChange `changes` and `output`; mcpToolCall `progress` (list of messages).
 * An unknown `type` has at least `id` and `type`: show its type as a quiet line.
 */
export interface Item {
  id: string;
  type: string;
  data: Json;
  done: boolean;
  startedAt: number | null;
  completedAt: number | null;
  /** For a userMessage: the `Sent.id` it came from, if this browser sent it. */
  clientId: string | null;
  /** For the reducers: this page saw it start, so its own deltas are the whole text. */
  live?: boolean;
  /** For the reducers: deltas of an item whose start was not seen, by field and index, until they are joined. */
  flight?: Map<string, {
    own: [number, string][];
    anchor: [number, string][] | null;
    quiet: boolean;
    before: string;
  }>;
}

export interface ThreadSettings {
  model: string | null;
  effort: string | null;
  approvalPolicy: ApprovalPolicy | null;
  sandbox: SandboxMode | null;
  /** Network allowed inside the sandbox. */
  network: boolean | null;
  cwd: string | null;
}

export interface Usage {
  totalTokens: number;
  /** Tokens in the context after the last response. */
  contextTokens: number;
  contextWindow: number | null;
  /** 0 to 100, null when the window is unknown. */
  contextLeftPercent: number | null;
}

/** A follow-up that codex will start when the turn ends. `own` = not yet confirmed by codex (see its `Sent`). */
export interface Queued {
  id: string;
  clientId: string | null;
  text: string;
  /** Then `id` is the `Sent.id`, and its mark tells how far it is. */
  own: boolean;
}

export interface Notice {
  at: number;
  kind: "warning" | "error" | "rerouted" | "compacted" | "info";
  message: string;
}

// ------------------------------------------------------------------------------------------------ what waits

export type Pending = Approval | Question | Elicitation | UnknownRequest;

export interface PendingBase {
  /** Unique over everything; pass it to `decide` and `answer`. */
  id: string;
  key: ThreadKey;
  machine: string;
  threadId: string;
  turnId: string | null;
  itemId: string | null;
  requestId: string | number;
  incarnation: string;
  method: string;
  /** When codex began to wait. */
  at: number;
  /** When this page first had it: nothing is approved by a tap in the first 300 ms. */
  shownAt: number;
  /**
   * `open` can be answered; `sent` an answer is on its way (`sentId` names it); `gone` can no longer be answered:
   * `goneReason` is `app-server-ended`, `resolved-elsewhere`, `too-late`. Gone ones leave after `dismiss`;
   * `resolved-elsewhere` leaves by itself.
   */
  status: "open" | "sent" | "gone";
  sentId: string | null;
  goneReason: string | null;
  goneAt: number | null;
  params: Json;
}

export interface Approval extends PendingBase {
  kind: "command" | "fileChange" | "permissions";
  /** codex's or the model's own justification. */
  reason: string | null;
  /** The whole command, unwrapped from its shell (`bash -lc '…'`). */
  command: string | null;
  /** As codex reported it. */
  rawCommand: string | null;
  cwd: string | null;
  network: { host: string; protocol: string } | null;
  /** fileChange: the proposed changes, from the item (empty until it is known). */
  changes: { path: string; kind: Json; diff: string }[];
  grantRoot: string | null;
  permissions: Json;
  decisions: Decision[];
}

/** One button. `label` keys are translated by the views. */
export interface Decision {
  /** Stable within the request; pass it to `decide`. */
  id: string;
  kind:
    | "accept"
    | "acceptForSession"
    | "acceptAlways"
    | "allowHost"
    | "denyHost"
    | "decline"
    | "cancel"
    | "other";
  positive: boolean;
  /** acceptAlways: the words of the rule that is saved; allowHost/denyHost: the host. */
  rule: string[] | null;
  /** What is sent to codex as `result`. */
  result: Json;
}

export interface Question extends PendingBase {
  kind: "question";
  questions: {
    id: string;
    header: string;
    question: string;
    other: boolean;
    secret: boolean;
    options: { label: string; description: string }[];
  }[];
}

export interface Elicitation extends PendingBase {
  kind: "elicitation";
  server: string;
  mode: "form" | "url" | "other";
  message: string;
  url: string | null;
  schema: Json;
}

/** A request of the server that this client does not know: can be refused, nothing else. */
export interface UnknownRequest extends PendingBase {
  kind: "unknown";
}

export type Mark = "waiting" | "delivered" | "taken-up" | "too-late" | "failed" | "expired";

/**
 * One thing sent. `waiting` for the link; `delivered` to the machine's codex; `taken-up` by codex; `too-late`
 * (reason says why); `failed` (reason; `retry` sends again); `expired`: a decision not sent within 10 minutes:
 * it is not sent any more, its card asks again.
 */
export interface Sent {
  /** Also codex's clientUserMessageId for prompts. */
  id: string;
  kind: "start" | "prompt" | "steer" | "queue" | "decision" | "answer" | "interrupt" | "shell";
  /** Null for a `start` whose thread does not exist yet. */
  key: ThreadKey | null;
  machine: string;
  text: string;
  at: number;
  mark: Mark;
  reason: string | null;
  /** Whether another tab of this browser owns the sending. */
  elsewhere: boolean;
  body: Json;
}

// ------------------------------------------------------------------------------------------------ changes

/** Told synchronously, once for each message that changed something: a lone token may go straight into the DOM. */
export type Change =
  | { type: "ready" }
  | { type: "account" }
  | { type: "link" }
  | { type: "heard"; machine: string | null }
  | { type: "machine"; machine: string }
  | { type: "machines" }
  | { type: "rows" }
  | { type: "row"; key: ThreadKey }
  | { type: "thread"; key: ThreadKey }
  | { type: "turns"; key: ThreadKey }
  | { type: "turn"; key: ThreadKey; turn: string }
  | { type: "item"; key: ThreadKey; turn: string; item: string }
  | {
    type: "delta";
    key: ThreadKey;
    turn: string;
    item: string;
    field: "text" | "summary" | "content" | "output" | "progress";
    /** summary/content index, else 0. */
    index: number;
    /** The text that was appended. */
    text: string;
  }
  | { type: "pending"; key: ThreadKey; id: string }
  | { type: "queue"; key: ThreadKey }
  | { type: "sent"; key: ThreadKey | null; id: string }
  | { type: "draft"; id: string }
  | { type: "search" }
  | { type: "build" };

// ------------------------------------------------------------------------------------------------ the store

export interface Store {
  readonly state: State;
  /** Called synchronously for every change; an exception in a listener is reported, never propagated. */
  subscribe(listener: (change: Change) => void): () => void;
  readonly actions: Actions;
  /** Closes the sessions and the socket (pagehide, tests). */
  close(): void;
}

export interface StoreOptions {
  /** Defaults: the page's own. Tests pass others. */
  origin?: string;
  fetch?: typeof fetch;
  WebSocket?: typeof WebSocket;
  now?: () => number;
  keep?: Keep;
  build?: string;
}

export interface StartTask {
  machine: string;
  cwd: string;
  text: string;
  choices: Choices;
}

/**
 * What views call. Those that send something return the `Sent.id` at once; watch its mark. Those that read return
 * a promise that ends when the state has it; they reject with an `Error` whose `code` the views translate.
 */
export interface Actions {
  /** Asks `/api/me` (when `user` is not given) and dials. Call once at start and after a sign-in. */
  start(): Promise<void>;
  /** Dials at once, also from `refused`. */
  reconnect(): void;
  /** Asks `/api/me` again: the name or the owner has changed. */
  refresh(): Promise<unknown>;
  /** Ends this sign-in and erases what this browser keeps; `path` names another call that ends it. */
  signOut(path?: string): Promise<void>;

  // the list
  loadMore(machine: string): Promise<void>;
  refreshList(machine: string): Promise<void>;
  /** "" ends the search. */
  search(term: string): Promise<void>;
  loadArchived(machine: string): Promise<Row[]>;
  rename(key: ThreadKey, name: string): Promise<void>;
  archive(key: ThreadKey): Promise<void>;
  unarchive(key: ThreadKey): Promise<void>;

  // a thread
  /** Subscribes and loads the newest page; again after it was closed it is `stale` until it is right. */
  openThread(key: ThreadKey): Promise<void>;
  /** Not looked at any more: unsubscribes when nothing is pending in it. */
  closeThread(key: ThreadKey): void;
  loadOlder(key: ThreadKey): Promise<void>;
  markRead(key: ThreadKey): Promise<void>;
  /** For an existing thread: takes effect from the next turn. */
  setSettings(key: ThreadKey, choices: Partial<Choices>): Promise<void>;
  setChoices(machine: string, choices: Partial<Choices>): void;

  // sending: each returns the Sent id
  /** Resolves with the thread's key as soon as it exists; `Sent` shows the rest. */
  startThread(task: StartTask): { sent: string; key: Promise<ThreadKey> };
  /** A prompt for an idle thread. */
  sendPrompt(key: ThreadKey, text: string): string;
  /** Into the running turn. */
  steer(key: ThreadKey, text: string): string;
  queueAdd(key: ThreadKey, text: string): string;
  interrupt(key: ThreadKey): string;
  /** Runs outside of the sandbox with full access: the views say so. */
  shellCommand(key: ThreadKey, command: string): string;
  /** `decision` is a `Decision.id`. `note`: a word of why, sent as a prompt or steer after a decline. */
  decide(pending: string, decision: string, note?: string): string;
  /** `answers`: question id -> texts. */
  answer(pending: string, answers: Record<string, string[]>): string;
  /** For elicitations. */
  respond(pending: string, action: "accept" | "decline" | "cancel", content?: Json): string;
  /** Sends a `failed`, `too-late` or `expired` prompt again under a new id; returns it. */
  retry(sent: string): string;
  /** Removes a mark that is settled, or takes back one that still waits. Resolves with its text. */
  discard(sent: string): Promise<string>;
  dismiss(pending: string): void;

  // the queue in codex
  queueUpdate(key: ThreadKey, queued: string, text: string): Promise<void>;
  queueDelete(key: ThreadKey, queued: string): Promise<void>;
  queueReorder(key: ThreadKey, ids: string[]): Promise<void>;
  /** Send now: steers the running turn with it, or starts it when idle. */
  queueNow(key: ThreadKey, queued: string): Promise<void>;

  // drafts: `id` is a thread key, or `new:<machine>:<cwd>`
  setDraft(id: string, text: string): void;

  // machine
  listDirectory(machine: string, path: string): Promise<{ name: string; directory: boolean }[]>;
  accountLogin(machine: string): Promise<void>;
  accountLoginCancel(machine: string): Promise<void>;
  accountLogout(machine: string): Promise<void>;
  /** Any other method of codex or `anchor/…`. */
  request(machine: string, method: string, params: Json): Promise<Json>;
}

// ------------------------------------------------------------------------------------------------ modules

// What the list needs (name these by `modulepreload`): state/store.js, state/rows.js, state/select.js, account/api.js,
// codex/machine.js, codex/rpc.js, link/relay.js, link/session.js, link/frame.js, keep/keep.js, keep/tabs.js.
// The store loads codex/work.js and all behind it after the first list, or when an action asks for it.
//
// state/store.js    export function createStore(options?: StoreOptions): Store
// state/select.js   export function selectProjects(state, filter?): Project[]   (newest first)
//                   export function selectRows(state, filter?): Row[]           (newest first)
//                   export function selectInbox(state): Pending[]               (oldest first, gone last)
//                   export function selectSent(state, key): Sent[]              (not taken up, oldest first)
//                   export function selectQueue(state, key): Queued[]           (codex's, then own on their way)
//                   export function selectLink(state, machine?, now?): LinkSummary
//                   filter: {machine?, status?: RowStatus[], unread?: boolean, text?: string, archived?: boolean}
// account/api.js    export function call(path, body): Promise<Json>             (rejects with ApiError)
//                   export class ApiError extends Error { code; status; retryAfter }
// account/account.js (import it on demand: only the account pages need it)
//                   export function takeSecret(): {link} | {code} | null  (call it before anything else),
//                   canUsePasskeys(), canAutofill(), lookLink(link), useLink(link, {name}), signIn({signal?, autofill?}), signOut(),
//                   verify(), withFresh(fn) (verifies and tries again on `verify-first`), lookCode(code),
//                   approveCode(code), denyCode(code), renameMachine, revokeMachine, createInvite, listInvites,
//                   revokeInvite, listSignins, revokeSignin, listPasskeys, addPasskey, renamePasskey, removePasskey
// keep/offline.js   export function registerWorker(offer), lookForUpdate(), reloadPage(): use them for `newBuild`
//                   (it makes the one Trusted Types policy, `orbit`)
// keep/keep.js, keep/tabs.js, link/…, codex/…   used by the store

/** One true sentence's worth of facts about the link, for the status line. */
export interface LinkSummary {
  status:
    | "connected"
    | "connecting"
    | "reconnecting"
    | "offline"
    | "machine-offline"
    | "refused"
    | "silent";
  machine: string | null;
  /** Milliseconds since the far end was last heard; null if never. */
  age: number | null;
  /** Since when it is so. */
  since: number;
  reason: string | null;
}

export interface RowFilter {
  machine?: string;
  status?: RowStatus[];
  unread?: boolean;
  text?: string;
  archived?: boolean;
}

/** What survives the page, by user; the store uses it, tests give one in memory. */
export interface Keep {
  open(user: string): Promise<void>;
  /** The user last signed in here, to show what is kept while offline. */
  lastUser(): Promise<{ id: string; name: string; owner: boolean } | null>;
  setLastUser(user: { id: string; name: string; owner: boolean } | null): Promise<void>;
  get(store: "drafts" | "sent" | "settings", id: string): Promise<Json>;
  all(store: "drafts" | "sent" | "settings"): Promise<[string, Json][]>;
  put(store: "drafts" | "sent" | "settings", id: string, value: Json): Promise<void>;
  remove(store: "drafts" | "sent" | "settings", id: string): Promise<void>;
  /** Reads, decides and writes in one transaction; `change` returns undefined to leave it, null to delete. */
  change(
    store: "drafts" | "sent" | "settings",
    id: string,
    change: (old: Json) => Json,
  ): Promise<Json>;
  erase(user: string): Promise<void>;
  close(): void;
}
