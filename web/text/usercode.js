// The code of a machine that asks to be approved, as people type it.

/** The letters of a code (docs/protocol.md, section 1). */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** What is taken for one of them: digits that look alike, and the letters of a Cyrillic keyboard with the same shape. */
const ALIKE = /** @type {Record<string, string>} */ ({
  1: "L",
  2: "Z",
  5: "S",
  6: "G",
  8: "B",
  "В": "B",
  "К": "K",
  "М": "M",
  "Н": "H",
  "Р": "P",
  "С": "C",
  "Т": "T",
  "Х": "X",
});

/**
 * @param {string} text as typed: case, blanks and dashes do not count
 * @returns {string | null} `XXXX-XXXX`, or null for what cannot be a code
 */
export function readUserCode(text) {
  const letters = [...text.toUpperCase().replace(/[\s\p{Dash}]/gu, "")]
    .map((letter) => ALIKE[letter] ?? letter);
  if (letters.length !== 8 || !letters.every((letter) => LETTERS.includes(letter))) return null;
  return `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
}
