// A part of the settings: a heading and rows, some of which the relay is asked for when they are shown.
import { t } from "../../words/words.js";
import { roughly } from "../clock.js";
import { el, fill } from "../dom.js";
import { notify, problemLine } from "../errors.js";
import { icon } from "../icon.js";

/** @import { IconName } from "../icon.js" */
/** @import { Child } from "../dom.js" */

/**
 * @typedef {{node: HTMLElement, stop?: () => void, retry?: () => void}} Section
 * `retry` reads again what could not be read, now that the link is back.
 */

/**
 * @param {string} title
 * @param {{hint?: string, action?: {text: string, run: () => unknown}}} [options]
 */
export function section(title, { hint, action } = {}) {
  const list = el("ul", { class: "things" });
  const button = action &&
    el(
      "button",
      { class: "link", type: "button", onclick: tapped(action.run) },
      action.text,
    );
  const node = el(
    "section",
    { class: "part", "aria-label": title || null },
    title || button ? el("header", {}, el("h2", {}, title), button) : null,
    hint ? el("p", { class: "note" }, hint) : null,
    list,
  );
  return { node, list, button };
}

/**
 * A part whose rows the relay knows; `next` is where they go on, and comes back as `on` when one asks for more.
 * @param {string} title
 * @param {(again: () => Promise<void>, on?: any) => Promise<{rows: HTMLElement[], next?: any}>} read
 * @param {{hint?: string, action?: {text: string, run: (again: () => Promise<void>) => unknown}}} [options]
 */
export function loadedSection(title, read, { hint, action } = {}) {
  const made = section(title, {
    hint,
    action: action && { text: action.text, run: () => action.run(show) },
  });
  /** The relay could not be reached. */
  let failed = false;
  let turn = 0;
  /** @param {any} [on] where the rows go on; without it from the first */
  const show = async (on) => {
    const mine = ++turn;
    try {
      const { rows, next } = await read(() => show(), on);
      if (mine !== turn) return;
      failed = false;
      made.list.querySelector(".more")?.remove();
      if (on === undefined) fill(made.list);
      made.list.append(...rows);
      if (next === undefined) return;
      const more = rowButton("down", t("showMore"), () => show(next));
      more.classList.add("more");
      made.list.append(more);
    } catch (error) {
      if (mine !== turn) return;
      // Rows that are there already stay.
      if (on !== undefined) return notify(error);
      failed = /** @type {any} */ (error)?.code === "offline";
      const problem = problemLine();
      problem.show(error);
      const again = el(
        "button",
        { class: "link", type: "button", onclick: () => void show() },
        t("tryAgain"),
      );
      fill(made.list, el("li", { class: "thing" }, problem.node, again));
    }
  };
  made.list.append(
    el(
      "li",
      { class: "thing reading", role: "status" },
      el("span", { class: "ghost" }),
      el("span", { class: "ghost small" }),
      el("span", { class: "unseen" }, t("reading")),
    ),
  );
  void show();
  return { ...made, retry: () => failed && void show() };
}

/** For a relay that no other device can reach, as `codex-remote up` starts one: says so. */
export const onlyHere = () =>
  location.hostname.endsWith(".localhost") ? el("p", { class: "note" }, t("onlyHere")) : null;

/** An address as the relay tells it: that of its own computer in words. @param {string | null} address */
export const place = (address) =>
  address === "127.0.0.1" || address === "0:0:0:0::/64" ? t("relaysComputer") : address;

/** @param {string} text stands where rows would be */
export const nothing = (text) => el("li", { class: "note thing" }, text);

/**
 * One row: an icon, words, what can be done.
 * @param {IconName} name @param {string} title @param {string} note @param {...Child} ways
 */
export function thing(name, title, note, ...ways) {
  return el(
    "li",
    { class: "thing" },
    icon(name),
    el(
      "div",
      { class: "thingwords" },
      el("span", {}, title),
      note ? el("span", { class: "note figures" }, note) : null,
    ),
    ...ways,
  );
}

/** @param {IconName} name @param {string} label @param {() => unknown} run */
export function way(name, label, run) {
  return el("button", {
    class: "round",
    type: "button",
    "aria-label": label,
    title: label,
    onclick: tapped(run),
  }, icon(name));
}

/** A row that is one button. @param {IconName} name @param {string} text @param {() => unknown} run @param {string} [kind] */
export function rowButton(name, text, run, kind = "") {
  const button = { class: `thing action ${kind}`, type: "button", onclick: tapped(run) };
  return el("li", {}, el("button", button, icon(name), text));
}

/** A row that leads to another page. @param {IconName} name @param {string} text @param {string} href @param {string} [note] */
export function rowLink(name, text, href, note) {
  return el(
    "li",
    {},
    el(
      "a",
      { class: "thing action", href },
      icon(name),
      el(
        "span",
        { class: "thingwords" },
        el("span", {}, text),
        note && el("span", { class: "note" }, note),
      ),
      icon("forward"),
    ),
  );
}

/** What is being done for a button: a second tap adds nothing. @type {WeakSet<EventTarget>} */
const busy = new WeakSet();

/** Does what a tap asks for, once at a time, and says what went wrong. @param {() => unknown} work */
const tapped = (work) => async (/** @type {Event} */ { currentTarget }) => {
  const button = /** @type {EventTarget} */ (currentTarget);
  if (busy.has(button)) return;
  busy.add(button);
  try {
    await work();
  } catch (error) {
    notify(error);
  } finally {
    busy.delete(button);
  }
};

/**
 * How long ago something was, in a word with `{age}` in it; what was within this minute was just now.
 * @param {"seenAgo" | "usedAgo" | "connectedAgo"} word @param {number} at
 */
export function ago(word, at) {
  const ms = Date.now() - at;
  return ms < 60_000 ? t("justNow") : t(word, { age: roughly(ms) });
}
