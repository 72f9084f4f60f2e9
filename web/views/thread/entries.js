// What of a turn is shown as one line: reading and searching as "Explored 7 files", commands as "Ran 3". Pure.

/** @import { Item } from "../../types.d.ts" */
/**
 * @typedef {object} Entry
 * @property {string} key stays the same while the entry grows
 * @property {Item[]} items one, or those of a group
 */

/** Did it fail in a way that one wants to see? A search that finds nothing ends with 1 and failed at nothing. */
export function hasFailed(/** @type {Item} */ item) {
  const { status, exitCode, success, error } = item.data;
  if (status === "failed" || status === "declined" || error || success === false) {
    return !(item.type === "commandExecution" && isExploring(item) && exitCode === 1);
  }
  return typeof exitCode === "number" && exitCode !== 0 && !(isExploring(item) && exitCode === 1);
}

/** Only reads, lists or searches? @param {Item} item */
export function isExploring(item) {
  const actions = item.data.commandActions;
  return item.type === "commandExecution" && Array.isArray(actions) && actions.length > 0 &&
    actions.every((action) => ["read", "listFiles", "search"].includes(action?.type));
}

const TOOLS = new Set([
  "commandExecution",
  "mcpToolCall",
  "dynamicToolCall",
  "webSearch",
  "imageView",
]);

/** May it be folded into a line with others? @param {Item} item */
function isFoldable(item) {
  return item.done && TOOLS.has(item.type) && !hasFailed(item) && item.data.source !== "userShell";
}

/** Is there nothing to show? @param {Item} item */
export function isEmpty(item) {
  if (item.type === "reasoning") {
    return item.done &&
      ![...item.data.summary ?? [], ...item.data.content ?? []].some((text) => text?.trim());
  }
  return item.type === "agentMessage" && item.done && !item.data.text?.trim();
}

/**
 * @param {Item[]} items in the turn's order
 * @returns {Entry[]}
 */
export function entriesOf(items) {
  /** @type {Entry[]} */
  const entries = [];
  /** @type {Item[]} */
  let run = [];
  let tools = 0;
  const close = () => {
    // Thoughts after the last tool belong to what comes next.
    const last = run.findLastIndex((item) => item.type !== "reasoning");
    if (tools >= 2) {
      const first = run.findIndex((item) => item.type !== "reasoning");
      entries.push({ key: `group ${run[first].id}`, items: run.slice(0, last + 1) });
      run = run.slice(last + 1);
    }
    for (const item of run) entries.push({ key: item.id, items: [item] });
    run = [];
    tools = 0;
  };
  for (const item of items) {
    if (isEmpty(item)) continue;
    if (isFoldable(item)) {
      run.push(item);
      tools++;
    } else if (item.type === "reasoning" && item.done) run.push(item);
    else {
      close();
      entries.push({ key: item.id, items: [item] });
    }
  }
  close();
  return entries;
}

/**
 * What a group did, in numbers.
 * @param {Item[]} items
 */
export function countGroup(items) {
  const files = new Set();
  const count = { files: 0, searches: 0, lists: 0, commands: 0, tools: 0, web: 0 };
  for (const item of items) {
    if (isExploring(item)) {
      for (const action of item.data.commandActions) {
        if (action.type === "read") files.add(action.path ?? action.name);
        else if (action.type === "search") count.searches++;
        else count.lists++;
      }
    } else if (item.type === "commandExecution") count.commands++;
    else if (item.type === "webSearch") count.web++;
    else if (item.type === "imageView") files.add(item.data.path);
    else if (item.type !== "reasoning") count.tools++;
  }
  count.files = files.size;
  return count;
}
