// Running text as nodes. A link says where it leads, and nothing is fetched because a text names it.
import { t } from "../words/words.js";
import { el } from "./dom.js";

/** @import { Inline } from "../text/inlines.js" */

/** @param {Inline} inline @returns {Node} */
function inlineNode(inline) {
  if (typeof inline === "string") return new Text(inline);
  if (inline.t === "br") return el("br");
  if (inline.t === "code") return el("code", {}, inline.text);
  const node = inline.t === "a" || inline.t === "image" ? linkNode(inline) : el(inline.t);
  append(node, inline.c);
  if (inline.t === "a" || inline.t === "image") {
    if (!node.textContent) {
      node.appendChild(new Text(inline.t === "image" ? t("image") : inline.href));
    }
    if (!shows(node.textContent ?? "", inline)) {
      node.appendChild(el("span", { class: "host" }, inline.host));
    }
  }
  return node;
}

/** @param {{t: "a" | "image", href: string, host: string}} link */
function linkNode({ t: kind, href, host }) {
  return el("a", {
    href,
    class: kind === "image" ? "link remote" : "link",
    target: "_blank",
    rel: "noopener noreferrer nofollow",
    referrerpolicy: "no-referrer",
    title: kind === "image" ? t("remoteImage", { host }) : href,
  });
}

/** Do the words of a link say themselves where it leads? @param {string} text @param {{host: string}} link */
function shows(text, { host }) {
  const words = text.toLowerCase();
  return words === host || words.startsWith(`https://${host}/`) ||
    words.startsWith(`http://${host}/`) ||
    words === `https://${host}` || words === `http://${host}`;
}

/** @param {Element} parent @param {Inline[]} inlines */
export function append(parent, inlines) {
  for (const inline of inlines) parent.appendChild(inlineNode(inline));
}

/**
 * Changes the children of a node from what a text was to what it has become. The common beginning is not touched; text
 * that only grew is appended to.
 * @param {Element} parent @param {Inline[]} old @param {Inline[]} now
 */
export function patch(parent, old, now) {
  let at = 0;
  while (at < old.length && at < now.length && same(old[at], now[at])) at++;
  if (at < old.length && at < now.length) {
    const node = parent.childNodes[at];
    const before = old[at];
    const after = now[at];
    if (typeof before === "string" && typeof after === "string" && node instanceof Text) {
      if (after.startsWith(before)) node.appendData(after.slice(before.length));
      else node.data = after;
      at++;
    } else if (
      typeof before === "object" && typeof after === "object" && before.t === after.t &&
      (after.t === "em" || after.t === "strong" || after.t === "del")
    ) {
      patch(/** @type {Element} */ (node), /** @type {typeof after} */ (before).c, after.c);
      at++;
    }
  }
  while (parent.childNodes.length > at) parent.lastChild?.remove();
  append(parent, now.slice(at));
}

/** @param {Inline} a @param {Inline} b */
function same(a, b) {
  return a === b ||
    (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));
}
