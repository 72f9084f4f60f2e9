// Light colouring of code: strings, comments, numbers, keywords. One small scanner for all languages; where it is
// wrong the text is still right. Pure.

/** @typedef {{kind: "plain" | "comment" | "string" | "number" | "keyword" | "add" | "remove", text: string}} Piece */

/** Longer code stays plain. */
const LONGEST = 20_000;

const KEYWORDS = new Set(
  ("abstract and any as assert async await bool break case catch char class const continue def default defer del do " +
    "done double echo elif else elseif end enum esac except export extends extension extern false fi final finally " +
    "float fn for foreach from func function get global go goto guard if impl implements import in include init int " +
    "interface internal is lambda let local loop match mod module mut namespace new nil none not null of open " +
    "operator or override package pass private protected protocol pub public raise readonly ref repeat require " +
    "return select self set static string struct super switch template then this throw throws trait true try type " +
    "typeof undefined union unsafe until use using val var virtual void when where while with yield")
    .split(" "),
);

const HASH =
  /^(?:sh|bash|zsh|shell|console|py|python|rb|ruby|pl|perl|yaml|yml|toml|ini|make|makefile|dockerfile|r|fish|conf)$/;
const DASHES = /^(?:sql|lua|hs|haskell|elm|ada)$/;
const PLAIN = /^(?:|text|txt|plain|plaintext|log|output|md|markdown)$/;

/**
 * @param {string} text
 * @param {string} language as the fence names it
 * @returns {Piece[]}
 */
export function colourCode(text, language) {
  const name = language.toLowerCase();
  if (PLAIN.test(name) || text.length > LONGEST) return [{ kind: "plain", text }];
  if (name === "diff" || name === "patch") return colourDiff(text);
  const comment = HASH.test(name)
    ? "#[^\\n]*"
    : DASHES.test(name)
    ? "--[^\\n]*"
    : "\\/\\/[^\\n]*|\\/\\*[^]*?(?:\\*\\/|$)";
  const markup = /^(?:html|xml|svg|vue)$/.test(name) ? "<!--[^]*?(?:-->|$)|" : "";
  const scanner = new RegExp(
    `(${markup}${comment})` +
      `|("(?:[^"\\\\\\n]|\\\\.)*"?|'(?:[^'\\\\\\n]|\\\\.)*'?|\`(?:[^\`\\\\]|\\\\[^])*\`?)` +
      `|(\\b\\d[\\w.]*)|([A-Za-z_$][\\w$]*)`,
    "g",
  );
  /** @type {Piece[]} */
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(scanner)) {
    const kind = match[1] ? "comment" : match[2] ? "string" : match[3] ? "number" : "keyword";
    if (kind === "keyword" && !isKeyword(match[0], name)) continue;
    if (match.index > from) pieces.push({ kind: "plain", text: text.slice(from, match.index) });
    pieces.push({ kind, text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ kind: "plain", text: text.slice(from) });
  return pieces;
}

/** @param {string} word @param {string} language */
function isKeyword(word, language) {
  return KEYWORDS.has(word) || (language === "sql" && KEYWORDS.has(word.toLowerCase())) ||
    (/^py/.test(language) && /^(?:None|True|False)$/.test(word));
}

/** @param {string} text @returns {Piece[]} */
function colourDiff(text) {
  return text.split(/(?<=\n)/).map((line) => ({
    kind: /^\+(?!\+\+ )/.test(line) ? "add" : /^-(?!-- )/.test(line) ? "remove" : "plain",
    text: line,
  }));
}
