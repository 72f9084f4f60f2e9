// Pages of a thread's history: asked for, put into the thread, gone on with.
import { mergePage, pageOfItems, pageOfTurns } from "../state/history.js";

/**
 * @typedef {import("../types.d.ts").Thread} Thread
 * @typedef {{mode: "items" | "turns", cursor: string | null, metas: any[], metaCursor: string | null}} Place
 */

const MORE_ITEMS = 100;
const TURNS = 8;
const TURN_FACTS = 50;

export class Pages {
  /** @param {import("./threads.js").Threads} threads */
  constructor(threads) {
    this.threads = threads;
    /** Where each thread's history goes on. @type {Map<string, Place>} */
    this.places = new Map();
    /** Turns without items that `thread/resume` brought, newest first.
     * @type {Map<string, {metas: any[], cursor: string | null}>} */
    this.metas = new Map();
  }

  /** @param {Thread} thread @param {number} limit */
  async page(thread, limit) {
    const result = await this.threads.client.ask("thread/items/list", {
      threadId: thread.id,
      limit,
      sortDirection: "desc",
    });
    return { mode: /** @type {const} */ ("items"), result };
  }

  /** @param {Thread} thread @param {string | null} cursor */
  async turnsPage(thread, cursor) {
    const result = await this.threads.client.ask("thread/turns/list", {
      threadId: thread.id,
      cursor,
      limit: TURNS,
      sortDirection: "desc",
      itemsView: "full",
    });
    return { mode: /** @type {const} */ ("turns"), result };
  }

  /** Puts a newest page into the thread. @param {Thread} thread @param {{mode: "items" | "turns", result: any}} page */
  merge(thread, { mode, result }) {
    const facts = this.metas.get(thread.id) ?? { metas: [], cursor: null };
    const data = result?.data ?? [];
    const next = result?.nextCursor ?? null;
    const page = mode === "items" ? pageOfItems(data, facts.metas, true) : pageOfTurns(data);
    const whole = mode === "items";
    if (mergePage(thread, page, true, next !== null, this.threads.core.emit, whole)) {
      this.places.set(thread.id, {
        mode,
        cursor: next,
        metas: facts.metas,
        metaCursor: facts.cursor,
      });
    }
    thread.status = "ready";
    this.threads.core.sender?.seen(thread);
    this.threads.waiting.fillChanges(thread.key, null);
  }

  /** @param {string} id @returns {Promise<void>} */
  async loadOlder(id) {
    const { core, client } = this.threads;
    const thread = this.threads.thread(id);
    const place = this.places.get(id);
    if (!thread || !place || place.cursor === null || thread.older === "loading") return;
    thread.older = "loading";
    core.emit({ type: "thread", key: thread.key });
    try {
      let page;
      let result;
      if (place.mode === "turns") {
        ({ result } = await this.turnsPage(thread, place.cursor));
        page = pageOfTurns(result.data ?? []);
      } else {
        const facts = place.metaCursor === null ? null : client.ask("thread/turns/list", {
          threadId: id,
          cursor: place.metaCursor,
          limit: TURN_FACTS,
          sortDirection: "desc",
          itemsView: "notLoaded",
        }).catch(() => null);
        result = await client.ask("thread/items/list", {
          threadId: id,
          cursor: place.cursor,
          limit: MORE_ITEMS,
          sortDirection: "desc",
        });
        const more = await facts;
        if (more) {
          place.metas = [...place.metas, ...(more.data ?? [])];
          place.metaCursor = more.nextCursor ?? null;
        }
        page = pageOfItems(result.data ?? [], place.metas, false);
      }
      place.cursor = result.nextCursor ?? null;
      mergePage(thread, page, false, place.cursor !== null, core.emit);
    } catch (error) {
      thread.older = "failed";
      throw error;
    } finally {
      core.emit({ type: "thread", key: thread.key });
    }
  }
}
