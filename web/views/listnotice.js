// What stands below the rows: loading, nothing here, an error, or more to read.
import { known, t } from "../words/words.js";
import { el, fill } from "./dom.js";
import { icon } from "./icon.js";
import { hashOf } from "./route.js";

/** @import { Machine, Store } from "../types.d.ts" */

/** @param {Store} store */
export function listNotice(store) {
  const { state, actions } = store;
  const node = el("div", { class: "listnotice" });
  const watcher = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) more();
  }, { rootMargin: "600px" });
  const end = el("div", { class: "sentinel" });
  watcher.observe(end);

  const more = () => {
    for (const machine of state.machines.values()) {
      if (machine.list.more && machine.list.status === "ready" && machine.status === "ready") {
        void actions.loadMore(machine.id).catch(reportError);
      }
    }
  };

  let last = "";
  /** @param {{searching: boolean, filtered: boolean, empty: boolean}} now */
  const show = (now) => {
    const machines = [...state.machines.values()];
    const name = stateName(now, machines, state);
    const failed = machines.filter((machine) =>
      machine.list.status === "failed" || machine.status === "failed"
    );
    const sign = [
      name,
      ...failed.map((machine) => `${machine.id} ${machine.problem} ${machine.list.problem}`),
      state.search.problem,
    ].join("\n");
    if (sign === last) return;
    last = sign;
    const parts = failed.map((machine) => problem(machine));
    if (name === "loading") parts.push(skeleton());
    else if (name === "searching") parts.push(el("p", { class: "note quietline" }, t("searching")));
    else if (name === "no-machine") parts.push(noMachine());
    else if (name === "nothing-found") {
      parts.push(blank("search", t("nothingFound"), state.search.problem ?? ""));
    } else if (name === "filtered") parts.push(blank("check", t("nothingHere"), ""));
    else if (name === "empty") parts.push(blank("pencil", t("noThreads"), t("noThreadsHint")));
    else if (name === "none-online") {
      parts.push(blank("laptop", t("noneOnline"), t("noneOnlineHint")));
    }
    if (name === "more") parts.push(el("p", { class: "note quietline" }, t("loadingMore")));
    fill(node, ...parts, end);
  };

  /** @param {Machine} machine */
  const problem = (machine) =>
    el(
      "div",
      { class: "card bad", role: "alert" },
      el(
        "p",
        {},
        t("machineProblem", {
          machine: machine.name,
          problem: known("problem", machine.problem, machine.problem ?? machine.list.problem ?? ""),
        }),
      ),
      el(
        "button",
        {
          class: "button",
          type: "button",
          onclick: () => void actions.refreshList(machine.id).catch(reportError),
        },
        icon("retry"),
        t("tryAgain"),
      ),
    );
  return { node, show, stop: () => watcher.disconnect() };
}

/**
 * @param {{searching: boolean, filtered: boolean, empty: boolean}} now
 * @param {Machine[]} machines
 * @param {import("../types.d.ts").State} state
 */
function stateName(now, machines, state) {
  if (now.searching) return !now.empty ? "" : state.search.busy ? "searching" : "nothing-found";
  const loading = machines.some((machine) =>
    machine.list.status === "loading" ||
    machine.list.status === "none" && ["opening", "ready", "resuming"].includes(machine.status)
  );
  if (!now.empty) return !now.filtered && loading ? "more" : "";
  if (now.filtered) return "filtered";
  if (!state.ready || state.link.status === "connecting" || loading) return "loading";
  // What no machine has told of is not known to be empty.
  if (machines.some((machine) => machine.list.status === "ready")) return "empty";
  if (state.link.status !== "connected") return "";
  if (machines.length === 0) return "no-machine";
  return machines.every((machine) => machine.status === "off") ? "none-online" : "";
}

/** @param {import("./icon.js").IconName} name @param {string} title @param {string} text */
function blank(name, title, text) {
  return el("div", { class: "blank" }, icon(name), el("h2", {}, title), text && el("p", {}, text));
}

function noMachine() {
  return el(
    "div",
    { class: "blank" },
    icon("laptop"),
    el("h2", {}, t("noMachine")),
    el("p", {}, t("noMachineHint")),
    el("pre", { class: "command" }, `codex-remote anchor --relay \\\n  ${location.origin}`),
    el("p", {}, t("noMachineThen")),
    el("a", { class: "button", href: hashOf({ page: "code" }) }, t("codeTitle")),
  );
}

function skeleton() {
  const rows = [72, 54, 63, 40].map((width) => {
    const bar = el("span", { class: "ghost" });
    bar.style.inlineSize = `${width}%`;
    return el("div", { class: "ghostrow" }, bar, el("span", { class: "ghost small" }));
  });
  return el(
    "div",
    { class: "skeleton", role: "status", "aria-label": t("loadingThreads") },
    ...rows,
  );
}
