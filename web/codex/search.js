// Search over the list here and the threads of every machine.
import { putRow } from "../state/rows.js";
import { isMissing } from "./rpc.js";

const RESULTS = 20;

/** @param {import("../state/store.js").Core} core @param {string} term "" ends it */
export async function search(core, term) {
  const { state, emit } = core;
  const words = term.trim();
  state.search = { term: words, busy: words !== "", results: [], problem: null };
  emit({ type: "search" });
  if (words === "") return;
  const { search } = state;
  const keys = new Set();
  const add = (
    /** @type {import("../types.d.ts").Row} */ row,
    /** @type {string | null} */ snippet,
  ) => {
    if (keys.has(row.key)) return;
    keys.add(row.key);
    search.results.push({ row, snippet });
  };
  const low = words.toLowerCase();
  for (const row of state.rows.values()) {
    if (`${row.title}\n${row.cwd}`.toLowerCase().includes(low) && !row.archived) add(row, null);
  }
  emit({ type: "search" });
  await Promise.all(
    [...core.clients.values()].filter((one) => one.path).map(async (one) => {
      try {
        const found = await one.ask("thread/search", { searchTerm: words, limit: RESULTS })
          .catch((error) => {
            if (!isMissing(error, "thread/search")) throw error;
            return one.ask("thread/list", { searchTerm: words, limit: RESULTS });
          });
        for (const entry of found?.data ?? []) {
          const raw = entry.thread ?? entry;
          add(putRow(state, one.id, raw), entry.snippet ?? null);
        }
      } catch (error) {
        search.problem = String(/** @type {Error} */ (error).message);
      }
      if (state.search === search) emit({ type: "search" });
    }),
  );
  search.busy = false;
  if (state.search === search) emit({ type: "search" });
}
