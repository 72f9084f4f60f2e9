// A project in the list: its folder, its threads, and a "+" that starts there.
import { t } from "../words/words.js";
import { el, Keyed, set, write } from "./dom.js";
import { icon } from "./icon.js";
import { hashOf } from "./route.js";
import { rowView } from "./row.js";

/** @import { Project, Row } from "../types.d.ts" */
/** @import { View } from "./dom.js" */

/** So many rows are shown before one asks for the rest. */
const FEW = 5;

/**
 * @param {{machineName: (id: string) => string, linked: (row: Row) => boolean, menu: (row: Row) => void}} options
 * @returns {View<Project>}
 */
export function projectView(options) {
  let all = false;
  /** @type {Project | null} */
  let shown = null;
  const name = el("span", { class: "name" });
  const where = el("span", { class: "where" });
  const plus = el("a", { class: "round" }, icon("plus"));
  const list = el("ul", { class: "rows" });
  const rest = el("button", {
    class: "rest",
    type: "button",
    onclick: () => {
      all = true;
      if (shown) update(shown);
    },
  });
  const rows = new Keyed(
    list,
    (/** @type {Row} */ row) => row.key,
    (row) => rowView(row, options),
  );
  const node = el(
    "section",
    { class: "project" },
    el("header", {}, icon("folder"), el("h2", {}, name, where), plus),
    list,
    rest,
  );
  /** @param {Project} project */
  const update = (project) => {
    shown = project;
    const machine = options.machineName(project.machine);
    write(name, project.name || project.cwd || "/");
    write(where, machine);
    set(node, "title", project.cwd);
    set(plus, "href", hashOf({ page: "new", machine: project.machine, cwd: project.cwd }));
    set(plus, "aria-label", t("newTaskIn", { project: project.name || project.cwd }));
    // What works or waits is never folded away.
    const few = all
      ? project.rows
      : project.rows.filter((row, at) =>
        at < FEW || row.status === "waiting" || row.status === "working"
      );
    rows.show(few);
    rest.hidden = few.length === project.rows.length;
    write(rest, t("nMore", { n: project.rows.length - few.length }));
  };
  return { node, update };
}
