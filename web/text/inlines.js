// Markdown inside a paragraph: emphasis, code, links. Pure; the time is linear in the length of the text.
import { emphasise, flanks, tree } from "./emphasis.js";
import { bareLinks, safeLink } from "./links.js";

/** @import { Token } from "./emphasis.js" */

/**
 * A piece of running text: a string, or a node with children. Links that may not be followed stay text.
 * @typedef {string
 *   | {t: "em" | "strong" | "del", c: Inline[]}
 *   | {t: "a", href: string, host: string, c: Inline[]}
 *   | {t: "image", href: string, host: string, c: Inline[]}
 *   | {t: "code", text: string}
 *   | {t: "br"}} Inline
 */

/** Longer text is not searched for marks: no one reads a paragraph of this size. */
const LONGEST = 50_000;

/** @type {Record<string, string>} */
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/**
 * @param {string} text
 * @returns {Inline[]}
 */
export function parseInlines(text) {
  if (text.length > LONGEST || !/[*_~`[<&\\\n]|:\/\//.test(text)) return text ? [text] : [];
  return tree(scan(text));
}

/**
 * @param {string} text
 * @returns {Token[]}
 */
function scan(text) {
  /** @type {Token[]} */
  const tokens = [];
  /** @type {{token: Token, image: boolean, at: number, below: Token | null}[]} */
  const brackets = [];
  /** @type {Token | null} */
  let last = null;
  const runs = backtickRuns(text);
  const bare = bareLinks(text);
  let plain = "";
  let nextBare = 0;

  const flush = () => {
    if (plain) tokens.push({ text: plain, n: 0, ends: [], starts: [], previous: null });
    plain = "";
  };
  /** @param {Inline} node */
  const push = (node) => {
    flush();
    tokens.push({ node, n: 0, ends: [], starts: [], previous: null });
  };

  for (let at = 0; at < text.length;) {
    const char = text[at];
    while (nextBare < bare.length && bare[nextBare].from < at) nextBare++;
    if (nextBare < bare.length && bare[nextBare].from === at) {
      const { to } = bare[nextBare];
      const link = safeLink(text.slice(at, to));
      if (link) {
        push({ t: "a", ...link, c: [text.slice(at, to)] });
        at = to;
        continue;
      }
    }
    if (char === "\\") {
      const next = text[at + 1];
      if (next === "\n") push({ t: "br" });
      else if (next && /[!-/:-@[-`{-~]/.test(next)) plain += next;
      else {
        plain += char;
        at++;
        continue;
      }
      at += 2;
    } else if (char === "\n") {
      plain = plain.trimEnd();
      // Models break lines where they mean it: a newline stays one.
      push({ t: "br" });
      at++;
      while (text[at] === " ") at++;
    } else if (char === "`") {
      let run = 1;
      while (text[at + run] === "`") run++;
      const close = runs.next(run, at + run);
      if (close < 0) plain += text.slice(at, at + run);
      else {
        let code = text.slice(at + run, close).replaceAll("\n", " ");
        if (code.startsWith(" ") && code.endsWith(" ") && code.trim()) code = code.slice(1, -1);
        push({ t: "code", text: code });
      }
      at = close < 0 ? at + run : close + run;
    } else if (char === "*" || char === "_" || char === "~") {
      let run = 1;
      while (text[at + run] === char) run++;
      if (char === "~" && run !== 2) plain += text.slice(at, at + run);
      else {
        flush();
        last = {
          mark: char,
          n: run,
          ...flanks(text, at, run),
          ends: [],
          starts: [],
          previous: last,
        };
        tokens.push(last);
      }
      at += run;
    } else if (char === "[" || (char === "!" && text[at + 1] === "[")) {
      const image = char === "!";
      flush();
      /** @type {Token} */
      const token = { text: image ? "![" : "[", n: 0, ends: [], starts: [], previous: null };
      tokens.push(token);
      brackets.push({ token, image, at: tokens.length, below: last });
      if (brackets.length > 1000) brackets.shift();
      at += image ? 2 : 1;
    } else if (char === "]") {
      const bracket = brackets.pop();
      const target = bracket ? destination(text, at + 1) : null;
      const link = target && safeLink(target.url);
      if (!bracket || !target) plain += "]";
      else {
        flush();
        last = emphasise(last, bracket.below);
        bracket.token.text = "";
        if (link) {
          bracket.token.starts.push({ link, image: bracket.image });
          tokens.push({ text: "", n: 0, ends: ["a"], starts: [], previous: null });
        } else if (!bracket.image && tokens.length > bracket.at) {
          // A path of the machine or a scheme that is not followed: its words stay, and where it pointed to.
          push({ t: "code", text: target.url });
          tokens.splice(tokens.length - 1, 0, {
            text: " ",
            n: 0,
            ends: [],
            starts: [],
            previous: null,
          });
        } else if (!sameText(tokens, bracket.at, target.url)) plain += ` (${target.url})`;
      }
      at = target ? target.end : at + 1;
    } else if (char === "<") {
      const end = text.slice(at, at + 2050).indexOf(">");
      const link = end > 0 ? safeLink(text.slice(at + 1, at + end)) : null;
      if (link) {
        push({ t: "a", ...link, c: [text.slice(at + 1, at + end)] });
        at += end + 1;
      } else {
        plain += char;
        at++;
      }
    } else if (char === "&") {
      const match = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w{2,6}));/.exec(
        text.slice(at, at + 12),
      );
      const made = match && entity(match);
      plain += made ?? char;
      at += made && match ? match[0].length : 1;
    } else {
      plain += char;
      at++;
    }
  }
  flush();
  emphasise(last, null);
  return tokens;
}

/** @param {Token[]} tokens @param {number} from @param {string} text */
function sameText(tokens, from, text) {
  return tokens.slice(from).map((token) => token.text ?? "").join("") === text;
}

/** @param {RegExpExecArray} match */
function entity(match) {
  if (match[3]) return Object.hasOwn(ENTITIES, match[3]) ? ENTITIES[match[3]] : null;
  const code = match[1] ? parseInt(match[1], 10) : parseInt(match[2], 16);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return "\ufffd";
  return String.fromCodePoint(code);
}

/**
 * Finds closing runs of backticks without looking at any of them twice for one length.
 * @param {string} text
 */
function backtickRuns(text) {
  /** @type {Map<number, {at: number[], next: number}>} */
  const starts = new Map();
  for (const match of text.matchAll(/`+/g)) {
    const list = starts.get(match[0].length);
    if (list) list.at.push(match.index);
    else starts.set(match[0].length, { at: [match.index], next: 0 });
  }
  return {
    /** @param {number} length @param {number} from */
    next(length, from) {
      const list = starts.get(length);
      if (!list) return -1;
      while (list.next < list.at.length && list.at[list.next] < from) list.next++;
      return list.at[list.next] ?? -1;
    },
  };
}

/**
 * `(url)` or `(url "title")` after a bracket.
 * @param {string} text @param {number} at
 * @returns {{url: string, end: number} | null}
 */
function destination(text, at) {
  if (text[at] !== "(") return null;
  const rest = text.slice(at, at + 4096);
  const match =
    /^\(\s*(?:<([^<>\n]{1,2048})>|((?:[^\s()<>]|\([^\s()]*\)){1,2048}))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/
      .exec(rest);
  return match ? { url: match[1] ?? match[2], end: at + match[0].length } : null;
}
