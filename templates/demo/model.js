// A stand-in for the model: a scripted Responses API on loopback, for the demo and for the tests.
//
//   deno run --allow-net=127.0.0.1 --allow-env=PORT model.js [--control]
//
// PORT is the port to listen on (0 or none: a free one). When it listens it prints `ready <port>`.
// With --control it also answers /control/* (see below); the demo runs without.

import { body, clock } from "./events.js";
import { directive, read, stage } from "./script.js";
import { story } from "./stories.js";

/** @typedef {import("./script.js").Step} Step */

/** Tokens a second where a script names no rate: a fast model's pace. */
const RATE = 45;

const json = (/** @type {unknown} */ value, status = 200) => Response.json(value, { status });

/** What it answers where it may call no tool: Codex asks it so to sum up a long thread (compaction). */
const summary = [{ say: "So far everything was done as asked; nothing is left open.", rate: 0 }];

/** What an answer without a stream says. @param {Step["error"]} error */
function refusal(error) {
  if (error === "usage") {
    return json({
      error: {
        type: "usage_limit_reached",
        message: "The usage limit has been reached",
        plan_type: "plus",
        resets_at: Math.floor(Date.now() / 1000) + 3600,
      },
    }, 429);
  }
  return json(
    { error: { type: "server_error", message: "The scripted model fails as asked." } },
    500,
  );
}

class Model {
  /** Everything the model was asked, oldest first. */
  requests = /** @type {Record<string, unknown>[]} */ ([]);
  #count = 0;
  #control;
  /** The turn that each thread was last seen in, and how many messages it had then.
   * @type {Map<string, {turn: string, texts: number}>} */
  #turns = new Map();
  /** @type {Set<string>} */
  #released = new Set();
  /** @type {Map<string, (() => void)[]>} */
  #held = new Map();

  /** @param {boolean} control */
  constructor(control) {
    this.#control = control;
  }

  /** @param {Request} request @returns {Promise<Response>} */
  async answer(request) {
    const { pathname } = new URL(request.url);
    if (request.method === "POST" && pathname === "/v1/responses") {
      return await this.#respond(request);
    }
    if (this.#control && pathname === "/control/requests") return json(this.requests);
    if (this.#control && request.method === "POST" && pathname === "/control/release") {
      this.#release((await request.json()).name);
      return json({});
    }
    if (this.#control && pathname === "/control/clock") return json(clock());
    if (this.#control && pathname === "/control/held") return json([...this.#held.keys()]);
    return json({ error: { message: "There is nothing here." } }, 404);
  }

  /** @param {Request} request */
  async #respond(request) {
    const at = clock();
    const raw = await request.text();
    const asked = JSON.parse(raw);
    const { text, texts, outputs } = read(asked.input);
    const about = JSON.parse(request.headers.get("x-codex-turn-metadata") ?? "{}");
    const thread = about.thread_id ?? "";
    const turn = about.turn_id ?? "";
    const before = this.#turns.get(thread);
    const steered = before !== undefined && before.turn === turn && turn !== "" &&
      texts.length > before.texts;
    this.#turns.set(thread, { turn, texts: texts.length });
    /** @type {Set<string>} */
    const tools = new Set(asked.tools?.map((/** @type {{name?: string}} */ tool) => tool.name));
    this.#count += 1;
    const id = `r${this.#count}`;
    if (this.#control) {
      this.requests.push({ id, at, thread, turn, texts, outputs, steered, tools: [...tools] });
    }
    let steps;
    try {
      const script = directive(text) ??
        (tools.size === 0
          ? summary
          : story({ text, texts, outputs, steered, canPlan: tools.has("update_plan") }));
      steps = stage(script, outputs.length);
    } catch (error) {
      return json({ error: { message: `The script cannot be read: ${error}` } }, 400);
    }
    const error = steps[0]?.error;
    if (error === "usage" || error === "status") return refusal(error);
    const around = {
      id,
      tools,
      inputTokens: Math.ceil(raw.length / 4),
      rate: RATE,
      held: (/** @type {string} */ name) => this.#wait(name),
    };
    return new Response(body(steps, around), { headers: { "content-type": "text/event-stream" } });
  }

  /** @param {string} name @returns {Promise<void>} */
  #wait(name) {
    if (this.#released.has(name)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#held.set(name, [...this.#held.get(name) ?? [], resolve]);
    });
  }

  /** @param {string} name */
  #release(name) {
    this.#released.add(name);
    for (const resolve of this.#held.get(name) ?? []) resolve();
    this.#held.delete(name);
  }
}

const model = new Model(Deno.args.includes("--control"));
Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("PORT") ?? 0),
  onListen: ({ port }) => console.log(`ready ${port}`),
  onError: () => json({ error: { message: "The scripted model failed." } }, 500),
}, (request) => model.answer(request));
