// Terminal output as runs of text with colours. Everything but colours and weights is dropped: cursor movement, titles,
// links and the other strings a terminal would obey. Pure, and a state machine: output comes in pieces.

/**
 * @typedef {object} Style
 * @property {string | null} color a name of `NAMES`, or `#rrggbb`
 * @property {string | null} background
 * @property {boolean} bold
 * @property {boolean} dim
 * @property {boolean} italic
 * @property {boolean} underline
 * @property {boolean} inverse
 */
/** @typedef {{text: string, style: Style}} Run */

/** The 16 colours of a terminal, in its order. */
export const NAMES = [
  ...["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"],
  ...["bright-black", "bright-red", "bright-green", "bright-yellow"],
  ...["bright-blue", "bright-magenta", "bright-cyan", "bright-white"],
];

/** @type {Style} */
const PLAIN = Object.freeze({
  color: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
});
const MAX_PARAMETERS = 32;
/** After so many changes of style the rest stays plain: a screen full of them is an attack, not a log. */
const MAX_CHANGES = 4000;
/** An escape sequence that is longer is dropped as far as it came. */
const MAX_SEQUENCE = 4096;

/**
 * Keeps what one piece of output leaves open for the next: style, half a sequence, a carriage return.
 */
export class AnsiReader {
  #style = PLAIN;
  #held = "";
  #changes = 0;

  /**
   * The runs of one more piece. A run whose text starts with `\r` replaces the line before it (`writeRuns` does that).
   * @param {string} piece
   * @returns {Run[]}
   */
  read(piece) {
    const text = this.#held + piece;
    this.#held = "";
    /** @type {Run[]} */
    const runs = [];
    let from = 0;
    /** @param {number} to */
    const take = (to) => {
      const last = runs[runs.length - 1];
      const part = clean(text.slice(from, to));
      // A sequence that changed nothing parts no run: each is a node on the page.
      if (last?.style === this.#style) last.text += part;
      else if (part) runs.push({ text: part, style: this.#style });
    };
    for (;;) {
      const at = escapeAt(text, from);
      if (at < 0) break;
      take(at);
      const end = sequenceEnd(text, at);
      if (end < 0) {
        if (text.length - at < MAX_SEQUENCE) this.#held = text.slice(at);
        return runs;
      }
      if (text[end - 1] === "m") {
        this.#change(text.slice(text[at] === "\u009b" ? at + 1 : at + 2, end - 1));
      }
      from = end;
    }
    take(text.length);
    return runs;
  }

  /** @param {string} parameters */
  #change(parameters) {
    if (++this.#changes > MAX_CHANGES) {
      this.#style = PLAIN;
      return;
    }
    if (!/^[\d;:]*$/.test(parameters)) return;
    const next = restyle(this.#style, parameters.split(/[;:]/, MAX_PARAMETERS).map(Number));
    if (!equal(next, this.#style)) this.#style = next;
  }
}

// deno-lint-ignore no-control-regex
const ESCAPE = /[\u001b\u009b]/g;

/**
 * Where the next sequence begins, or -1. Both characters in one search: one that does not occur would be looked for to
 * the end again and again.
 * @param {string} text @param {number} from
 */
function escapeAt(text, from) {
  ESCAPE.lastIndex = from;
  return ESCAPE.exec(text)?.index ?? -1;
}

/**
 * Where the sequence that begins at `at` is over, or -1 if it goes on in the next piece (ECMA-48, section 5).
 * @param {string} text @param {number} at
 */
function sequenceEnd(text, at) {
  let introducer = text[at + 1];
  let next = at + 2;
  if (text[at] === "\u009b") {
    introducer = "[";
    next = at + 1;
  }
  if (introducer === undefined) return -1;
  if (introducer === "[") {
    for (; next < text.length; next++) {
      const code = text.charCodeAt(next);
      if (code >= 0x40 && code <= 0x7e) return next + 1;
      if (code < 0x20 || code > 0x7e || next - at > 256) return next;
    }
    return -1;
  }
  if ("]PX^_".includes(introducer)) {
    // A string sequence: up to BEL or ESC \.
    const limit = Math.min(text.length, at + MAX_SEQUENCE);
    for (; next < limit; next++) {
      if (text[next] === "\u0007") return next + 1;
      if (text[next] === "\u001b") return text[next + 1] === undefined ? -1 : next + 2;
    }
    return limit === at + MAX_SEQUENCE ? limit : -1;
  }
  return "()*+#% ".includes(introducer) ? Math.min(text.length, at + 3) : at + 2;
}

/**
 * Drops the control characters that are no line break, tab or carriage return.
 * @param {string} text
 */
function clean(text) {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "");
}

/** @param {Style} a @param {Style} b */
function equal(a, b) {
  return a.color === b.color && a.background === b.background && a.bold === b.bold &&
    a.dim === b.dim && a.italic === b.italic && a.underline === b.underline &&
    a.inverse === b.inverse;
}

/** @param {Style} style @param {number[]} codes @returns {Style} */
function restyle(style, codes) {
  let next = { ...style };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 0) next = { ...PLAIN };
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.inverse = true;
    else if (code === 22) next.bold = next.dim = false;
    else if (code === 23) next.italic = false;
    else if (code === 24) next.underline = false;
    else if (code === 27) next.inverse = false;
    else if (code >= 30 && code <= 37) next.color = NAMES[code - 30];
    else if (code >= 90 && code <= 97) next.color = NAMES[code - 82];
    else if (code >= 40 && code <= 47) next.background = NAMES[code - 40];
    else if (code >= 100 && code <= 107) next.background = NAMES[code - 92];
    else if (code === 39) next.color = null;
    else if (code === 49) next.background = null;
    else if (code === 38 || code === 48) {
      const [color, used] = extended(codes, at + 1);
      if (code === 38) next.color = color;
      else next.background = color;
      at += used;
    }
  }
  return next;
}

/** @param {number[]} codes @param {number} at @returns {[string | null, number]} */
function extended(codes, at) {
  if (codes[at] === 5) return [indexed(codes[at + 1]), 2];
  if (codes[at] === 2) return [hex(codes.slice(at + 1, at + 4)), 4];
  return [null, 0];
}

/** @param {number} index */
function indexed(index) {
  if (!(index >= 0 && index < 256)) return null;
  if (index < 16) return NAMES[index];
  if (index > 231) return hex([1, 1, 1].map(() => 8 + (index - 232) * 10));
  const cube = [Math.floor((index - 16) / 36), Math.floor((index - 16) / 6) % 6, (index - 16) % 6];
  return hex(cube.map((part) => (part ? 55 + part * 40 : 0)));
}

/** @param {number[]} parts */
function hex(parts) {
  if (parts.length < 3 || parts.some((part) => !(part >= 0 && part < 256))) return null;
  return "#" + parts.map((part) => part.toString(16).padStart(2, "0")).join("");
}
