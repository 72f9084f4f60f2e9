// Times as people say them, and the one timer that keeps them true.
import { dateLocale, language, t } from "../words/words.js";
import { write } from "./dom.js";

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @param {number} value @param {string} unit */
function unit(value, unit) {
  const name = `${language()} ${unit}`;
  let format = formats.get(name);
  if (!format) {
    format = new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "narrow" });
    formats.set(name, format);
  }
  return format.format(value);
}

/**
 * A length of time in at most two units: 850 ms, 12 s, 3 m 5 s, 2 h 10 m, 4 d.
 * @param {number} ms
 */
export function duration(ms) {
  if (ms < 1000) return unit(Math.max(0, Math.round(ms)), "millisecond");
  const seconds = Math.floor(ms / 1000);
  if (seconds < 10 && ms % 1000 >= 100) return unit(Math.floor(ms / 100) / 10, "second");
  if (seconds < 60) return unit(seconds, "second");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return join(unit(minutes, "minute"), seconds % 60, "second");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return join(unit(hours, "hour"), minutes % 60, "minute");
  return unit(Math.floor(hours / 24), "day");
}

/** @param {string} first @param {number} rest @param {string} name */
function join(first, rest, name) {
  return rest ? `${first} ${unit(rest, name)}` : first;
}

/** A whole number of one unit, for what changes while one looks: 12 s, 3 m, 2 h. @param {number} ms */
export function roughly(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return unit(seconds, "second");
  if (seconds < 3600) return unit(Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return unit(Math.floor(seconds / 3600), "hour");
  return unit(Math.floor(seconds / 86_400), "day");
}

/** How long ago, for a list: now, 5 m, 3 h, 2 d, then a date. @param {number} at @param {number} [now] */
export function age(at, now = Date.now()) {
  const ms = now - at;
  if (ms < 60_000) return t("now");
  return ms < 7 * 86_400_000 ? roughly(ms) : date(at);
}

/** @param {number} at */
export function date(at) {
  const same = new Date(at).getFullYear() === new Date().getFullYear();
  return new Date(at).toLocaleDateString(dateLocale(), {
    day: "numeric",
    month: "short",
    year: same ? undefined : "numeric",
  });
}

/** @param {number} at */
export function timeOfDay(at) {
  const today = new Date(at).toDateString() === new Date().toDateString();
  const time = new Date(at).toLocaleTimeString(dateLocale(), { timeStyle: "short" });
  return today ? time : `${date(at)}, ${time}`;
}

/** @type {Map<Node, () => string>} */
const ticking = new Map();
let running = false;

/**
 * Writes a text into a node now and anew each second for as long as the node is in the document.
 * @param {Node} node @param {(() => string) | null} text null ends it
 */
export function tick(node, text) {
  if (!text) {
    ticking.delete(node);
    return;
  }
  write(node, text());
  ticking.set(node, text);
  if (running) return;
  running = true;
  const all = () => {
    if (document.hidden) return;
    for (const [each, say] of ticking) {
      if (each.isConnected) write(each, say());
      else ticking.delete(each);
    }
  };
  setInterval(all, 1000);
  document.addEventListener("visibilitychange", all);
}
