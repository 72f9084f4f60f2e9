// File changes on the page: the files first, with what comes and goes, then their lines.
import { countLines, hasWindowsBreaks, parseDiff } from "../text/diff.js";
import { t } from "../words/words.js";
import { copyButton } from "./copy.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { visibleText } from "./visible.js";

/** @import { Line } from "../text/diff.js" */
/** @typedef {{path: string, kind: any, diff: string, unified?: boolean}} Change */

/** So many lines of a file are shown at first. */
const FEW = 300;

/** @param {Change} change */
function kindOf(change) {
  return typeof change.kind === "string" ? change.kind : change.kind?.type ?? "update";
}

/** @param {Change} change */
const linesOf = (change) => parseDiff(change.diff ?? "", kindOf(change), change.unified === true);

/** @param {Change[]} changes */
export function countChanges(changes) {
  let added = 0;
  let removed = 0;
  for (const change of changes) {
    const count = countLines(linesOf(change));
    added += count.added;
    removed += count.removed;
  }
  return { added, removed };
}

/** @param {{added: number, removed: number}} count */
export function countsNode({ added, removed }) {
  return el(
    "span",
    { class: "counts figures", "aria-label": t("linesChanged", { added, removed }) },
    added || !removed ? el("span", { class: "added" }, `+${added}`) : null,
    removed ? el("span", { class: "removed" }, `−${removed}`) : null,
  );
}

/** A path without the part that all of a project's have. @param {string} path @param {string | null} [cwd] */
export function relative(path, cwd) {
  if (!cwd || !path.startsWith(cwd)) return path;
  const rest = path.slice(cwd.length).replace(/^[/\\]+/, "");
  return rest && (cwd.endsWith("/") || /^[/\\]/.test(path.slice(cwd.length))) ? rest : path;
}

/**
 * @param {Change[]} changes
 * @param {{cwd?: string | null, open?: boolean}} [options]
 */
export function changesNode(changes, { cwd = null, open = false } = {}) {
  return el(
    "div",
    { class: "changes" },
    ...changes.map((change) => fileNode(change, cwd, open || changes.length === 1)),
  );
}

/** @param {Change} change @param {string | null} cwd @param {boolean} open */
function fileNode(change, cwd, open) {
  const kind = kindOf(change);
  const lines = linesOf(change);
  const path = relative(change.path, cwd);
  const moved = change.kind?.move_path ? ` → ${relative(change.kind.move_path, cwd)}` : "";
  const summary = el(
    "summary",
    {},
    icon("forward"),
    el("span", { class: "path mono" }, ...visibleText(path + moved)),
    kind === "add" ? el("span", { class: "tag" }, t("fileNew")) : null,
    kind === "delete" ? el("span", { class: "tag bad" }, t("fileDeleted")) : null,
    countsNode(countLines(lines)),
  );
  const node = el("details", { class: "filechange" }, summary);
  let filled = false;
  const fill = () => {
    if (filled) return;
    filled = true;
    const bare = kind !== "update" && change.unified !== true;
    const windows = hasWindowsBreaks(lines, bare && !change.diff?.endsWith("\n"));
    node.appendChild(diffNode(lines, windows));
  };
  node.addEventListener("toggle", () => node.open && fill());
  if (open) {
    node.open = true;
    fill();
  }
  return node;
}

/** @param {Line[]} lines @param {boolean} windows whether their line breaks are those of Windows, which are not shown */
function diffNode(lines, windows) {
  const box = el("div", {
    class: "diff",
    role: "table",
    "aria-label": t("changes"),
    tabindex: "0",
  });
  const digits =
    String(lines.reduce((most, line) => Math.max(most, line.now ?? line.old ?? 0), 0)).length;
  box.style.setProperty("--digits", `${digits}ch`);
  const rows = windows
    ? lines.map((line) => ({ ...line, text: line.text.replace(/\r$/, "") }))
    : lines;
  let shown = 0;
  const copy = copyButton(() =>
    lines.filter((line) => line.now !== null).map((line) => line.text).join("\n")
  );
  const more = el("button", { class: "rest", type: "button", onclick: () => show(FEW * 4) });
  /** @param {number} count */
  const show = (count) => {
    more.remove();
    box.append(...rows.slice(shown, shown + count).map(lineNode));
    shown += count;
    if (shown >= lines.length) return;
    more.textContent = t("nMoreLines", { n: lines.length - shown });
    box.appendChild(more);
  };
  show(FEW);
  return el("div", { class: "diffbox" }, box, copy);
}

const SIGNS = { add: "+", remove: "−", same: "", hunk: "", note: "" };

/** @param {Line} line */
function lineNode({ kind, old, now, text }) {
  if (kind === "hunk" || kind === "note") {
    return el("div", { class: kind, role: "row" }, ...visibleText(text || "⋯"));
  }
  return el(
    "div",
    { class: `line ${kind}`, role: "row" },
    el("span", { class: "number", role: "cell" }, String(now ?? old ?? "")),
    el("span", { class: "sign", role: "cell" }, SIGNS[kind]),
    el("span", { class: "text", role: "cell" }, ...visibleText(text)),
  );
}
