// Makes characters visible that would let a text look like another: what one approves is what one reads.

// Control characters but line break and tab, bidirectional controls, zero-width and other invisible characters, and
// spaces that are none to a shell.
const HIDDEN =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/**
 * Splits a text into what is read as it is and the names of what would not be seen.
 * @param {string} text
 * @returns {{text: string, hidden: boolean}[]}
 */
export function reveal(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), hidden: false });
    const code = /** @type {number} */ (match[0].codePointAt(0));
    parts.push({ text: `U+${code.toString(16).toUpperCase().padStart(4, "0")}`, hidden: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), hidden: false });
  return parts;
}

/** The same as one text, for where no node fits. @param {unknown} text */
export const revealed = (text) => reveal(String(text)).map((part) => part.text).join("");
