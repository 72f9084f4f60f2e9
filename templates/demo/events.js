// Turns the steps of one answer into server-sent events of the Responses API.

/** @typedef {import("./script.js").Step} Step */

/** Ends a stream in its middle, as a broken connection would. */
export class Cut extends Error {}

const encoder = new TextEncoder();

/** @param {string} type @param {Record<string, unknown>} fields */
function event(type, fields) {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** Milliseconds since 1970 with a fraction. */
export const clock = () => performance.timeOrigin + performance.now();

/** @param {string} text */
const tokens = (text) => text.match(/\s*\S{1,6}|\s+$/g) ?? [];

/** @param {NonNullable<Step["text"]>} text */
function* numbered({ count, start = 1, size = 0, stamp = false }) {
  for (let i = start; i < start + count; i++) {
    const token = "t" + String(i).padStart(5, "0") + (stamp ? "@" + clock().toFixed(3) : "");
    yield token.padEnd(size - 1, ".") + " ";
  }
}

/** @param {Step} step @returns {{name: string, arguments: unknown} | {name: string, input: string}} */
function call(step) {
  if (step.exec) {
    const { cmd, escalated, justification, prefix } = step.exec;
    const ask = escalated
      ? { sandbox_permissions: "require_escalated", justification, prefix_rule: prefix }
      : {};
    return { name: "exec_command", arguments: { cmd, ...ask } };
  }
  if (step.plan) return { name: "update_plan", arguments: { plan: step.plan } };
  if (step.patch) return { name: "apply_patch", input: step.patch };
  return { name: "request_user_input", arguments: { questions: step.question } };
}

/**
 * @typedef {object} Surroundings
 * @property {string} id Unique for this answer; the ids of its items begin with it.
 * @property {Set<string>} tools Names of the tools that the request offers.
 * @property {number} inputTokens
 * @property {number} rate Tokens a second where a step names none.
 * @property {(name: string) => Promise<void>} held Resolves when the name is released.
 * @property {AbortSignal} signal Aborted when the reader has gone.
 */

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function sleep(ms, signal) {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

/** At most so many pieces leave as one chunk. */
const BATCH = 100;

/**
 * Pieces at `rate` a second (0 = as fast as they are read). Those that are due together come
 * together, so that the rate holds however coarse the timers are.
 *
 * @param {Iterable<string>} pieces @param {number} rate @param {AbortSignal} signal
 * @param {{after: number, until: () => Promise<void>}} [hold] where to wait
 * @returns {AsyncGenerator<string[]>}
 */
async function* paced(pieces, rate, signal, hold) {
  let begun = performance.now();
  let sent = 0;
  /** @type {string[]} */
  let batch = [];
  for (const piece of pieces) {
    batch.push(piece);
    sent += 1;
    const ahead = rate > 0 ? begun + sent * 1000 / rate - performance.now() : 0;
    const waits = hold?.after === sent;
    if (ahead <= 0 && batch.length < BATCH && !waits) continue;
    yield batch;
    batch = [];
    if (waits) {
      const before = performance.now();
      await hold.until();
      begun += performance.now() - before;
    } else {
      await sleep(ahead, signal);
    }
    signal.throwIfAborted();
  }
  if (batch.length > 0) yield batch;
}

/** @param {Step[]} steps @param {Surroundings} around @returns {AsyncGenerator<string>} */
async function* answer(steps, around) {
  const { id, tools, signal } = around;
  let index = 0;
  let output = 0;
  yield event("response.created", { response: { id } });
  for (const step of steps) {
    const rate = step.rate ?? around.rate;
    if (step.hold !== undefined) await around.held(step.hold);
    if (step.wait !== undefined) await sleep(step.wait, signal);
    if (step.error === "cut") throw new Cut();
    if (step.reasoning !== undefined) {
      const item_id = `${id}-${index}`;
      const place = { item_id, output_index: index, summary_index: 0 };
      const item = { type: "reasoning", id: item_id };
      yield event("response.output_item.added", {
        output_index: index,
        item: { ...item, summary: [] },
      });
      yield event("response.reasoning_summary_part.added", {
        ...place,
        part: { type: "summary_text", text: "" },
      });
      for await (const deltas of paced(tokens(step.reasoning), rate, signal)) {
        output += deltas.length;
        yield deltas.map((delta) =>
          event("response.reasoning_summary_text.delta", { ...place, delta })
        ).join("");
      }
      yield event("response.output_item.done", {
        output_index: index,
        item: { ...item, summary: [{ type: "summary_text", text: step.reasoning }] },
      });
      index += 1;
    }
    if (step.say !== undefined || step.text !== undefined) {
      const item_id = `${id}-${index}`;
      const place = { item_id, output_index: index, content_index: 0 };
      const item = { type: "message", role: "assistant", id: item_id };
      yield event("response.output_item.added", {
        output_index: index,
        item: { ...item, content: [] },
      });
      let text = "";
      const pieces = step.text ? numbered(step.text) : tokens(step.say ?? "");
      const pause = step.text?.hold;
      const held = pause && { after: pause.after, until: () => around.held(pause.name) };
      for await (const deltas of paced(pieces, rate, signal, held)) {
        text += deltas.join("");
        output += deltas.length;
        yield deltas.map((delta) => event("response.output_text.delta", { ...place, delta }))
          .join("");
      }
      yield event("response.output_item.done", {
        output_index: index,
        item: { ...item, content: [{ type: "output_text", text }] },
      });
      index += 1;
    }
    for (const one of step.calls ?? [step]) {
      if (!(one.exec || one.plan || one.patch || one.question)) continue;
      const made = call(one);
      const item = "input" in made
        ? { type: "custom_tool_call", ...made }
        : { type: "function_call", name: made.name, arguments: JSON.stringify(made.arguments) };
      if (!tools.has(made.name)) throw new Error(`The request offers no tool ${made.name}.`);
      const item_id = `${id}-${index}`;
      yield event("response.output_item.done", {
        output_index: index,
        item: { ...item, id: item_id, call_id: `call-${item_id}` },
      });
      output += 20;
      index += 1;
    }
  }
  yield event("response.completed", {
    response: {
      id,
      usage: {
        input_tokens: around.inputTokens,
        input_tokens_details: null,
        output_tokens: output,
        output_tokens_details: null,
        total_tokens: around.inputTokens + output,
      },
    },
  });
}

/**
 * The body of an answer; it stops when the reader goes away.
 *
 * @param {Step[]} steps @param {Omit<Surroundings, "signal">} around
 * @returns {ReadableStream<Uint8Array<ArrayBuffer>>}
 */
export function body(steps, around) {
  const ended = new AbortController();
  const events = answer(steps, { ...around, signal: ended.signal });
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await events.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel() {
      ended.abort(new Error("The reader has gone."));
    },
  });
}
