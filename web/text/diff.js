// Unified diffs as lines with numbers. Pure.

/**
 * @typedef {object} Line
 * @property {"add" | "remove" | "same" | "hunk" | "note"} kind
 * @property {number | null} old its number before the change
 * @property {number | null} now its number after it
 * @property {string} text without the mark
 */

/**
 * A file change as codex reports it: a unified diff for an update, the bare content for an added or deleted file.
 * @param {string} diff
 * @param {string} [kind] `add`, `delete` or `update`
 * @param {boolean} [unified] it is a unified diff whatever the kind. This is never guessed from the content: whoever wrote
 *   that could have lines of it taken for headers, and so left out.
 * @returns {Line[]}
 */
export function parseDiff(diff, kind = "update", unified = false) {
  const lines = diff.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (!unified && (kind === "add" || kind === "delete")) return whole(lines, kind);
  /** Which lines are headers of a hunk that follows at once. @type {boolean[]} */
  const headers = Array(lines.length);
  for (let at = lines.length - 1; at >= 0; at--) {
    const next = lines[at + 1];
    headers[at] = HEADER.test(lines[at]) &&
      (next === undefined ? unified : headers[at + 1] || HUNK.test(next));
  }
  /** @type {Line[]} */
  const found = [];
  let old = 0;
  let now = 0;
  let oldLeft = 0;
  let nowLeft = 0;
  for (const [at, line] of lines.entries()) {
    const hunk = HUNK.exec(line);
    if (hunk && oldLeft <= 0 && nowLeft <= 0) {
      old = Number(hunk[1]);
      now = Number(hunk[3]);
      oldLeft = Number(hunk[2] ?? 1);
      nowLeft = Number(hunk[4] ?? 1);
      found.push({ kind: "hunk", old: null, now: null, text: hunk[5].trim() });
    } else if (line.startsWith("\\ ")) {
      found.push({ kind: "note", old: null, now: null, text: line.slice(2) });
    } else if (oldLeft <= 0 && nowLeft <= 0) {
      // Between hunks stand headers; the paths are shown elsewhere.
      if (line.trim() && !headers[at]) {
        found.push({ kind: "note", old: null, now: null, text: line });
      }
    } else if (line.startsWith("+")) {
      found.push({ kind: "add", old: null, now: now++, text: line.slice(1) });
      nowLeft--;
    } else if (line.startsWith("-")) {
      found.push({ kind: "remove", old: old++, now: null, text: line.slice(1) });
      oldLeft--;
    } else {
      found.push({ kind: "same", old: old++, now: now++, text: line.slice(1) });
      oldLeft--;
      nowLeft--;
    }
  }
  return found;
}

const HUNK = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(.*)$/;
const HEADER =
  /^(?:diff |index |--- |\+\+\+ |new file|deleted file|old mode|new mode|similarity|rename |Binary )/;

/** @param {string[]} lines @param {"add" | "delete"} kind @returns {Line[]} */
function whole(lines, kind) {
  return lines.map((text, at) =>
    kind === "add"
      ? { kind: "add", old: null, now: at + 1, text }
      : { kind: "remove", old: at + 1, now: null, text }
  );
}

/**
 * How many lines come and go, for the counts beside a path.
 * @param {Line[]} lines
 */
export function countLines(lines) {
  let added = 0;
  let removed = 0;
  for (const { kind } of lines) {
    if (kind === "add") added++;
    else if (kind === "remove") removed++;
  }
  return { added, removed };
}

/**
 * Whether the line breaks are those of Windows, which are no part of what is read. Where only some lines have them, they
 * are what changes.
 * @param {Line[]} lines
 * @param {boolean} open whether the last line has no line break; of a unified diff a note behind a line says so
 */
export function hasWindowsBreaks(lines, open) {
  return lines.every(({ kind, text }, at) =>
    kind === "hunk" || kind === "note" || text.endsWith("\r") || lines[at + 1]?.kind === "note" ||
    (open && at === lines.length - 1)
  );
}

/**
 * Cuts a diff over many files (`git diff`) into one part a file.
 * @param {string} diff
 * @returns {{path: string, kind: "add" | "delete" | "update", diff: string, unified: true}[]}
 */
export function splitDiff(diff) {
  const parts = diff.split(/^(?=diff --git )/m).filter((part) => part.trim());
  return parts.map((part) => {
    const now = /^\+\+\+ (?:b\/)?(.+)$/m.exec(part)?.[1];
    const old = /^--- (?:a\/)?(.+)$/m.exec(part)?.[1];
    const header = /^diff --git a\/.+ b\/(.+)$/m.exec(part)?.[1];
    const kind = old === "/dev/null" ? "add" : now === "/dev/null" ? "delete" : "update";
    const path = (kind === "delete" ? old : now) ?? header ?? "";
    return { path: path.trim(), kind, diff: part, unified: true };
  });
}
