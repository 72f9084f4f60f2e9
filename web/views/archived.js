// The threads that were put away.
import { t } from "../words/words.js";
import { screen } from "./bar.js";
import { el, Keyed, nextFrame } from "./dom.js";
import { problemLine } from "./errors.js";
import { icon } from "./icon.js";
import { rowView } from "./row.js";
import { openRowMenu } from "./rowmenu.js";

/** @import { Row, Store } from "../types.d.ts" */

/** @param {Store} store @returns {import("./shell.js").Page} */
export function createArchivedPage(store) {
  const { state, actions } = store;
  const problem = problemLine();
  const rows = el("ul", { class: "rows column wide" });
  const empty = el(
    "div",
    { class: "blank", hidden: true },
    icon("archive"),
    el("h2", {}, t("noArchived")),
  );
  const page = screen(store, t("archivedThreads"), rows, empty, problem.node);
  const list = new Keyed(
    rows,
    (/** @type {Row} */ row) => row.key,
    (row) =>
      rowView(row, {
        linked: () => false,
        machine: (each) => state.machines.get(each.machine)?.name ?? "",
        menu: (each) => openRowMenu(store, each.key),
      }),
  );
  const load = async () => {
    const ready = [...state.machines.values()].filter((machine) => machine.status === "ready");
    try {
      const found = (await Promise.all(ready.map((machine) => actions.loadArchived(machine.id))))
        .flat();
      list.show(found.sort((a, b) => b.updatedAt - a.updatedAt));
      empty.hidden = found.length > 0;
      problem.show(null);
    } catch (error) {
      problem.show(error);
    }
  };
  let threads = "";
  const stop = store.subscribe((change) => {
    if (change.type !== "rows" && change.type !== "machine") return;
    const now = [...state.machines.values()].map((machine) => machine.id + machine.status).join();
    if (change.type === "rows" || now !== threads) nextFrame(() => void load());
    threads = now;
  });
  void load();
  return {
    ...page,
    stop() {
      stop();
      page.stop();
    },
  };
}
