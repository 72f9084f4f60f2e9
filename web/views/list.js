// The list of all threads: by project, with what each does, a search, filters, and the way to a new task.
import { selectInbox, selectLink, selectProjects, selectRows } from "../state/select.js";
import { t, withWords } from "../words/words.js";
import { announce, el, fill, Keyed, nextFrame, set, toggle, write } from "./dom.js";
import { projectView } from "./project.js";
import { icon } from "./icon.js";
import { linkLine } from "./link.js";
import { listNotice } from "./listnotice.js";
import { go, hashOf } from "./route.js";
import { rowView } from "./row.js";

/** @import { Project, Row, RowFilter, Store } from "../types.d.ts" */
/** @typedef {"all" | "waiting" | "running" | "unread"} Filter */

/** @type {Record<Filter, RowFilter>} */
const FILTERS = {
  all: {},
  waiting: { status: ["waiting"] },
  running: { status: ["working"] },
  unread: { unread: true },
};

/** @param {Row} row @param {Store} store */
async function openMenu(row, store) {
  (await withWords(import("./rowmenu.js"))).openRowMenu(store, row.key);
}

/** @param {Store} store */
export function createList(store) {
  const { state, actions } = store;
  /** @type {Filter} */
  let filter = "all";
  const machineName = (/** @type {string} */ id) =>
    state.machines.size > 1 ? state.machines.get(id)?.name ?? "" : "";

  const linked = (/** @type {Row} */ row) => selectLink(state, row.machine).status === "connected";

  const inboxCount = el("span", { class: "count" });
  const inbox = el(
    "a",
    { class: "round", href: hashOf({ page: "inbox" }) },
    icon("inbox"),
    inboxCount,
  );
  const settings = el("a", {
    class: "round",
    href: hashOf({ page: "settings" }),
    "aria-label": t("settings"),
  }, icon("settings"));
  const search = el("input", {
    type: "search",
    class: "field",
    placeholder: t("searchThreads"),
    "aria-label": t("searchThreads"),
    enterkeyhint: "search",
    autocomplete: "off",
    oninput: () => lookFor(search.value),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape" && search.value) {
        event.stopPropagation();
        search.value = "";
        lookFor("");
      }
    },
  });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  /** @param {string} term */
  const lookFor = (term) => {
    clearTimeout(typing);
    typing = setTimeout(
      () => void actions.search(term.trim()).catch(reportError),
      term.trim() ? 200 : 0,
    );
  };

  const filters = el("div", { class: "filters", role: "group", "aria-label": t("filter") });
  /** @type {Map<Filter, {button: HTMLButtonElement, count: HTMLElement}>} */
  const chips = new Map();
  for (const name of /** @type {Filter[]} */ (["all", "waiting", "running", "unread"])) {
    const count = el("span", { class: "n figures" });
    const button = el(
      "button",
      {
        class: "chip",
        type: "button",
        onclick: () => {
          filter = name;
          show();
        },
      },
      t(`filter_${name}`),
      count,
    );
    chips.set(name, { button, count });
    filters.appendChild(button);
  }

  const link = linkLine(
    store,
    () => state.machines.size === 1 ? [...state.machines.keys()][0] : null,
    true,
  );
  const starts = el("div", { class: "starts", role: "group" });
  /** @type {{stop(): void} | null} */
  let waiting = null;
  const showStarts = async () => {
    if (
      waiting ||
      ![...state.sent.values()].some((sent) => sent.kind === "start" && sent.key === null)
    ) return;
    waiting = { stop: () => {} };
    const { waitingStarts } = await withWords(import("./starts.js"));
    if (!stopped) waiting = waitingStarts(store, starts);
  };
  const cards = el("div", { class: "codexcards" });
  const needsCards = () =>
    [...state.machines.values()].some((each) =>
      each.codexAccount.status === "needed" || each.limits?.reached
    );
  /** @type {{stop(): void} | null} */
  let codex = null;
  let stopped = false;
  // Rare, so it comes when it is needed.
  const showCards = async () => {
    if (codex || !needsCards()) return;
    codex = { stop: () => {} };
    const { codexCards } = await withWords(import("./codexcards.js"));
    if (!stopped) codex = codexCards(store, cards);
  };
  const groups = el("div", { class: "groups" });
  const results = el("ul", { class: "rows" });
  const notice = listNotice(store);
  const scroll = el("div", { class: "scroll" }, starts, cards, groups, results, notice.node);
  const asked = el("a", { class: "asked", href: hashOf({ page: "inbox" }) });
  const start = el(
    "button",
    {
      class: "button main wide newtask",
      type: "button",
      onclick: () => go({ page: "new", machine: null, cwd: null }),
    },
    icon("plus"),
    t("newTask"),
  );
  const node = el(
    "div",
    { class: "list" },
    el(
      "header",
      { class: "listhead" },
      el("div", { class: "listbar" }, el("h1", {}, t("threads")), inbox, settings),
      link.node,
      el("div", { class: "searchbox" }, icon("search"), search),
      filters,
    ),
    scroll,
    el("div", { class: "listfoot" }, asked, start),
  );

  /** @type {Keyed<Project>} */
  const projects = new Keyed(
    groups,
    (project) => `${project.machine} ${project.cwd}`,
    () => projectView({ machineName, linked, menu: (row) => openMenu(row, store) }),
  );
  /** @type {Keyed<{row: Row, snippet: string | null}>} */
  const found = new Keyed(results, ({ row }) => row.key, ({ row, snippet }) => {
    const view = rowView(row, {
      machine: (each) => machineName(each.machine),
      linked,
      menu: (each) => openMenu(each, store),
      snippet,
    });
    return { node: view.node, update: (each) => view.update(each.row), gone: view.gone };
  });

  let asking = 0;
  const show = () => {
    const searching = state.search.term !== "";
    const waiting = selectInbox(state).filter((pending) => pending.status !== "gone").length;
    if (waiting > asking) announce(t("nWaitForYou", { n: waiting }));
    asking = waiting;
    inboxCount.hidden = waiting === 0;
    write(inboxCount, String(waiting));
    set(inbox, "aria-label", waiting ? t("nWaitForYou", { n: waiting }) : t("inbox"));
    asked.hidden = waiting === 0;
    if (waiting) {
      fill(
        asked,
        el("span", { class: "dot", "data-kind": "asked" }),
        t("nWaitForYou", { n: waiting }),
        icon("forward"),
      );
    }
    for (const [name, chip] of chips) {
      set(chip.button, "aria-pressed", String(name === filter));
      const n = name === "all" ? 0 : selectRows(state, FILTERS[name]).length;
      write(chip.count, n ? String(n) : "");
      toggle(chip.count, "asks", name === "waiting" && n > 0);
    }
    start.hidden = state.ready && state.machines.size === 0;
    void showStarts();
    void showCards();
    groups.hidden = searching;
    results.hidden = !searching;
    filters.hidden = searching;
    const shown = searching ? [] : selectProjects(state, FILTERS[filter]);
    if (searching) found.show(state.search.results);
    else projects.show(shown);
    notice.show({
      searching,
      filtered: filter !== "all",
      empty: searching ? state.search.results.length === 0 : shown.length === 0,
    });
  };

  const kinds = new Set([
    "ready",
    "link",
    "account",
    "machine",
    "machines",
    "rows",
    "row",
    "pending",
    "search",
    "sent",
  ]);
  const stop = store.subscribe((change) => {
    if (kinds.has(change.type)) nextFrame(show);
  });
  show();
  return {
    node,
    focusSearch: () => search.focus(),
    /** Marks the row of the open thread. @param {string | null} key */
    mark(key) {
      const href = key ? hashOf({ page: "thread", key }) : null;
      for (const row of node.querySelectorAll("a.row")) {
        set(row, "aria-current", row.getAttribute("href") === href ? "page" : null);
      }
    },
    stop() {
      stop();
      link.stop();
      stopped = true;
      codex?.stop();
      waiting?.stop();
      notice.stop();
    },
  };
}
