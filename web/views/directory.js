// Choosing a directory of the machine: by walking there, or by its path.
import { t } from "../words/words.js";
import { el, fill } from "./dom.js";
import { problemLine } from "./errors.js";
import { icon } from "./icon.js";
import { openSheet } from "./sheet.js";

/** @import { Store } from "../types.d.ts" */

/** @param {string} path @param {string} name */
function into(path, name) {
  const mark = path.includes("\\") && !path.includes("/") ? "\\" : "/";
  return path.endsWith(mark) ? path + name : path + mark + name;
}

/** @param {string} path */
function above(path) {
  const up = path.replace(/[/\\]+$/, "").replace(/[^/\\]*$/, "");
  return up.length > 1 ? up.replace(/[/\\]+$/, "") || "/" : up || path;
}

/** @param {Store} store @param {string} machine @param {string} start @param {(path: string) => void} choose */
export function openDirectory(store, machine, start, choose) {
  return openSheet(t("otherDirectory"), (close) => {
    let path = start;
    let turn = 0;
    const problem = problemLine();
    const field = el("input", {
      class: "field mono",
      type: "text",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      "aria-label": t("directory"),
    });
    const list = el("ul", { class: "actions directories" });
    const use = el("button", { class: "button main wide", type: "submit" }, t("useDirectory"));
    const show = async () => {
      const mine = ++turn;
      field.value = path;
      problem.show(null);
      try {
        const entries = await store.actions.listDirectory(machine, path);
        if (mine !== turn) return;
        const folders = entries.filter((entry) => entry.directory).sort((a, b) =>
          Number(a.name.startsWith(".")) - Number(b.name.startsWith(".")) ||
          a.name.localeCompare(b.name)
        );
        const step = (/** @type {string} */ to) => () => {
          path = to;
          void show();
        };
        fill(
          list,
          above(path) === path ? null : el(
            "li",
            {},
            el(
              "button",
              { class: "action", type: "button", onclick: step(above(path)) },
              icon("up"),
              t("parentDirectory"),
            ),
          ),
          ...folders.slice(0, 500).map((entry) =>
            el(
              "li",
              {},
              el(
                "button",
                { class: "action", type: "button", onclick: step(into(path, entry.name)) },
                icon("folder"),
                el("span", { class: "mono" }, entry.name),
              ),
            )
          ),
        );
      } catch (error) {
        if (mine !== turn) return;
        fill(list);
        problem.show(error);
      }
    };
    void show();
    return el(
      "form",
      {
        class: "sheetform",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          const wanted = field.value.trim();
          if (!wanted) return;
          close();
          choose(wanted);
        },
      },
      field,
      problem.node,
      list,
      use,
    );
  });
}
