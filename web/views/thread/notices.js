// What codex says about a thread besides its items: another model, a warning, an error that it gets over.
import { el, fill } from "../dom.js";
import { icon } from "../icon.js";

/** @import { Store } from "../../types.d.ts" */

/** So many are shown; the older ones have been seen. */
const SHOWN = 3;

/** @param {Store} store @param {string} key */
export function noticeLines(store, key) {
  const node = el("div", { class: "notices", role: "log" });
  let sign = "";
  return {
    node,
    update() {
      const thread = store.state.threads.get(key);
      const since = thread?.turns.at(-1)?.startedAt ?? 0;
      const notices = (thread?.notices ?? []).filter((notice) =>
        notice.at >= since && notice.message
      ).slice(-SHOWN);
      const next = JSON.stringify(notices);
      if (next === sign) return;
      sign = next;
      fill(
        node,
        ...notices.map(({ kind, message }) =>
          el(
            "p",
            { class: "quiet" },
            icon(kind === "error" || kind === "warning" ? "warning" : "mark"),
            el("span", {}, message.slice(0, 2000)),
          )
        ),
      );
    },
  };
}
