// Pairs the marks of emphasis and makes the tree. Pure; linear in the number of marks.

/** @import { Inline } from "./inlines.js" */

/**
 * @typedef {object} Token
 * @property {string} [text]
 * @property {Inline} [node]
 * @property {string} [mark] the character of a run of delimiters
 * @property {number} n how many of the run are left
 * @property {boolean} [opens]
 * @property {boolean} [closes]
 * @property {string[]} ends tags that close before the rest of the run
 * @property {(string | {link: {href: string, host: string}, image: boolean})[]} starts tags that open after it
 * @property {Token | null} previous the delimiter before, while it may still open something
 */

/** Deeper nesting is flattened. */
const DEEPEST = 12;
const SPACE = /\s/;
const PUNCTUATION = /[\p{P}\p{S}]/u;

/**
 * May the run open and close emphasis? (CommonMark 0.31, section 6.2.)
 * @param {string} text @param {number} at @param {number} run
 */
export function flanks(text, at, run) {
  const before = at === 0 ? " " : text[at - 1];
  const after = text[at + run] ?? " ";
  const left = !SPACE.test(after) &&
    (!PUNCTUATION.test(after) || SPACE.test(before) || PUNCTUATION.test(before));
  const right = !SPACE.test(before) &&
    (!PUNCTUATION.test(before) || SPACE.test(after) || PUNCTUATION.test(after));
  if (text[at] !== "_") return { opens: left, closes: right };
  return {
    opens: left && (!right || PUNCTUATION.test(before)),
    closes: right && (!left || PUNCTUATION.test(after)),
  };
}

/**
 * Pairs the delimiters above `below`; gives back what is left below.
 * @param {Token | null} last @param {Token | null} below
 * @returns {Token | null}
 */
export function emphasise(last, below) {
  /** @type {Token[]} */
  const run = [];
  for (let token = last; token && token !== below; token = token.previous) run.push(token);
  run.reverse();
  /** @type {Token[]} */
  const open = [];
  /** How far down a closer of this kind has looked in vain. @type {Map<string, number>} */
  const floor = new Map();
  for (const token of run) {
    const kind = `${token.mark}${token.opens}${token.n % 3}`;
    while (token.closes && token.n > 0) {
      let at = open.length - 1;
      const bottom = floor.get(kind) ?? 0;
      while (at >= bottom && !pairs(open[at], token)) at--;
      if (at < bottom) {
        floor.set(kind, open.length);
        break;
      }
      const opener = open[at];
      open.length = at + 1;
      for (const [name, to] of floor) if (to > open.length) floor.set(name, open.length);
      const two = opener.n >= 2 && token.n >= 2;
      const tag = token.mark === "~" ? "del" : two ? "strong" : "em";
      opener.starts.unshift(tag);
      token.ends.push(tag);
      opener.n -= two ? 2 : 1;
      token.n -= two ? 2 : 1;
      if (opener.n === 0) open.pop();
    }
    if (token.opens && token.n > 0) open.push(token);
  }
  return below;
}

/** @param {Token} opener @param {Token} closer */
function pairs(opener, closer) {
  if (opener.mark !== closer.mark) return false;
  const both = opener.closes || closer.opens;
  return !(both && (opener.n + closer.n) % 3 === 0 && (opener.n % 3 || closer.n % 3));
}

/**
 * @param {Token[]} tokens
 * @returns {Inline[]}
 */
export function tree(tokens) {
  /** @type {Inline[]} */
  const root = [];
  /** @type {{c: Inline[], link: boolean}[]} */
  const stack = [{ c: root, link: false }];
  let tooDeep = 0;
  /** @param {Inline} node */
  const add = (node) => {
    const { c, link } = stack[stack.length - 1];
    // A link in a link's words is only words: one tap leads to one place.
    if (link && typeof node === "object" && node.t === "a") node = node.href;
    const end = c.length - 1;
    if (typeof node === "string" && typeof c[end] === "string") c[end] += node;
    else if (node !== "") c.push(node);
  };
  for (const token of tokens) {
    for (let n = token.ends.length; n > 0; n--) {
      if (tooDeep > 0) tooDeep--;
      else if (stack.length > 1) stack.pop();
    }
    if (token.mark) add(token.mark.repeat(token.n));
    else add(token.node ?? token.text ?? "");
    for (const start of token.starts) {
      const { link } = stack[stack.length - 1];
      if (stack.length > DEEPEST || (link && typeof start !== "string")) {
        tooDeep++;
        continue;
      }
      /** @type {Inline[]} */
      const c = [];
      if (typeof start === "string") add({ t: /** @type {"em"} */ (start), c });
      else add({ t: start.image ? "image" : "a", ...start.link, c });
      stack.push({ c, link: link || typeof start !== "string" });
    }
  }
  return root;
}
