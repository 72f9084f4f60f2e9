// Reads a request of the Responses API: which script does it ask for, and how far has that script come?

/**
 * One thing the model does. Exactly one of the keys is set.
 *
 * @typedef {object} Step
 * @property {string} [say] Markdown, streamed token by token.
 * @property {{count: number, start?: number, size?: number, stamp?: boolean,
 *   hold?: {after: number, name: string}}} [text] Numbered tokens (`t00001 `), each filled up to `size`
 *   characters; with `stamp` each carries the time (ms since 1970, three decimals) at which it was
 *   handed to the socket; with `hold` the model waits after so many.
 * @property {number} [rate] Tokens a second for `say`, `text` and `reasoning`; 0 = all at once.
 * @property {string} [reasoning] A summary of thoughts, streamed.
 * @property {{cmd: string, escalated?: boolean, justification?: string, prefix?: string[]}} [exec]
 * @property {{step: string, status: string}[]} [plan]
 * @property {string} [patch] An apply_patch body, `*** Begin Patch` to `*** End Patch`.
 * @property {{id: string, header: string, question: string,
 *   options: {label: string, description: string}[]}[]} [question]
 * @property {Step[]} [calls] Several calls (exec, plan, patch, question) in one answer.
 * @property {string} [hold] Wait until this name is released through the control endpoint.
 * @property {number} [wait] Wait so many milliseconds.
 * @property {'usage' | 'status' | 'cut'} [error] Usage limit (429), HTTP 500, or the stream breaks.
 *
 * @typedef {{role: string, type: string, content?: unknown, output?: unknown, call_id?: string}} Item
 *
 * @typedef {object} Conversation
 * @property {string} text The newest message of the person.
 * @property {string[]} texts All of them, oldest first.
 * @property {string[]} outputs What the tools answered since the newest one, oldest first.
 */

/** @param {unknown} content @returns {string} */
function textOf(content) {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => typeof part?.text === "string" ? part.text : "").join("");
}

/** Codex adds messages of its own under the person's role; they begin with a tag or a title.
 * @param {string} text */
function isOwn(text) {
  return !/^\s*<[a-z_]+[ >]/i.test(text) && !text.startsWith("# AGENTS.md");
}

/** @param {Item[]} input @returns {Conversation} */
export function read(input) {
  /** @type {string[]} */
  const texts = [];
  /** @type {string[]} */
  let outputs = [];
  for (const item of input) {
    if (item.type === "message" && item.role === "user") {
      const text = textOf(item.content);
      if (!isOwn(text)) continue;
      texts.push(text);
      outputs = [];
    } else if (item.type?.endsWith("_call_output")) {
      outputs.push(textOf(item.output));
    }
  }
  return { text: texts.at(-1) ?? "", texts, outputs };
}

/** The steps of a `#script {…}` line, or null if the prompt has none. @param {string} text
 * @returns {Step[] | null} */
export function directive(text) {
  const line = text.split("\n").find((line) => line.startsWith("#script "));
  if (line === undefined) return null;
  return JSON.parse(line.slice("#script ".length)).steps;
}

/** @param {Step} step */
const isCall = (step) => step.exec || step.plan || step.patch || step.question;

/** How many tool calls a step makes. @param {Step} step */
const callsOf = (step) => step.calls ? step.calls.length : isCall(step) ? 1 : 0;

/**
 * A model answers until it has called a tool, and goes on when it sees what the tool answered: the
 * steps between two calls are one answer. Gives the one that follows `answered` tool outputs.
 *
 * @param {Step[]} steps @param {number} answered @returns {Step[]}
 */
export function stage(steps, answered) {
  let seen = 0;
  let from = 0;
  for (let i = 0; i < steps.length; i++) {
    const calls = callsOf(steps[i]);
    if (calls === 0) continue;
    if (seen >= answered) return steps.slice(from, i + 1);
    seen += calls;
    from = i + 1;
  }
  return steps.slice(from);
}
