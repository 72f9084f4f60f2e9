// Which links of untrusted text may be followed, and what is said about where they lead.

/**
 * @typedef {object} Link
 * @property {string} href what the anchor gets: normalised, so that what is shown is what opens
 * @property {string} host shown beside the link; an address without its parameters for mailto
 */

/**
 * The host of this page: its cookie goes to every port of it (RFC 6265, section 8.5), so that a server that a machine's
 * text names, on another port, would be given the sign-in.
 */
const ownHost = globalThis.location?.hostname;

/**
 * Takes http, https and mailto only, and no place on the page's own host. A URL with credentials is refused as well: `https://bank.example@evil.example`
 * reads like the first and opens the second.
 * @param {string} text as it came, at most 2,048 characters
 * @param {string} [own] the host of the page
 * @returns {Link | null} null for what is to stay plain text
 */
export function safeLink(text, own = ownHost) {
  if (text.length > 2048 || !/^(https?:\/\/|mailto:)/i.test(text)) return null;
  // A URL with whitespace or control characters in it was made to be read wrongly.
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u0020\u007f\\]/.test(text)) return null;
  const url = URL.parse(text);
  if (!url || url.username || url.password) return null;
  if (url.protocol === "mailto:") {
    const host = decode(url.pathname);
    return host.includes("@") ? { href: url.href, host } : null;
  }
  if (url.hostname === own) return null;
  return url.host ? { href: url.href, host: url.host } : null;
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const BARE = /https?:\/\/[^\s<>"'`]{1,2048}/g;

/**
 * The bare URLs in a text, in order. Punctuation that ends a sentence is not part of one, nor a bracket that is not
 * opened in it.
 * @param {string} text
 * @returns {{from: number, to: number}[]}
 */
export function bareLinks(text) {
  const found = [];
  for (const match of text.matchAll(BARE)) {
    let length = match[0].length;
    for (;;) {
      const last = match[0][length - 1];
      if (".,;:!?*_~".includes(last)) length--;
      else if (last === ")" && count(match[0], ")", length) > count(match[0], "(", length)) {
        length--;
      } else if (last === "]" && count(match[0], "]", length) > count(match[0], "[", length)) {
        length--;
      } else break;
    }
    if (length > 8) found.push({ from: match.index, to: match.index + length });
  }
  return found;
}

/** @param {string} text @param {string} mark @param {number} end */
function count(text, mark, end) {
  let found = 0;
  for (let at = Math.max(0, end - 512); at < end; at++) if (text[at] === mark) found++;
  return found;
}
