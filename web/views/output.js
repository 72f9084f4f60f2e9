// A terminal's output on the page: colours, overwritten lines, and a bound on how much of it is shown.
import { AnsiReader } from "../text/ansi.js";
import { t } from "../words/words.js";
import { el, write } from "./dom.js";

/** @import { Style } from "../text/ansi.js" */

/** So many characters are shown, the last ones; up to twice as many while it grows. */
const SHOWN = 150_000;

export class OutputView {
  #note = el("p", { class: "note cut", hidden: true });
  #pre = el("pre", { class: "output", tabindex: "0" });
  node = el("div", { class: "outputbox" }, this.#note, this.#pre);
  #reader = new AnsiReader();
  #text = "";
  #shown = 0;
  /** The nodes of the line that is not ended. @type {ChildNode[]} */
  #line = [];
  #overwrite = false;

  /** @param {string} text */
  set(text) {
    if (text === this.#text) return;
    if (this.#text && text.startsWith(this.#text)) {
      return this.append(text.slice(this.#text.length));
    }
    this.#restart(text);
  }

  /** @param {string} piece */
  append(piece) {
    this.#text += piece;
    if (this.#shown + piece.length > 2 * SHOWN) return this.#restart(this.#text);
    this.#write(piece);
  }

  /** @param {string} text */
  #restart(text) {
    this.#text = text;
    this.#reader = new AnsiReader();
    this.#pre.replaceChildren();
    this.#line = [];
    this.#shown = 0;
    const cut = text.length > SHOWN
      ? text.indexOf("\n", text.length - SHOWN) + 1 || text.length - SHOWN
      : 0;
    this.#note.hidden = cut === 0;
    if (cut) write(this.#note, t("outputCut", { kb: Math.ceil(cut / 1000) }));
    this.#write(cut ? text.slice(cut) : text);
  }

  /** @param {string} piece */
  #write(piece) {
    this.#shown += piece.length;
    for (const { text, style } of this.#reader.read(piece)) {
      for (const part of text.split(/(\r+\n|\r+)/)) {
        if (part === "") continue;
        if (part.startsWith("\r") && !part.endsWith("\n")) this.#overwrite = true;
        else this.#put(part.replace(/^\r+/, ""), style);
      }
    }
  }

  /** @param {string} text @param {Style} style */
  #put(text, style) {
    if (this.#overwrite && !text.startsWith("\n")) {
      for (const node of this.#line) node.remove();
      this.#line = [];
    }
    this.#overwrite = false;
    const end = text.lastIndexOf("\n") + 1;
    if (end) {
      this.#add(text.slice(0, end), style);
      this.#line = [];
    }
    if (end < text.length) this.#line.push(this.#add(text.slice(end), style));
  }

  /** @param {string} text @param {Style} style */
  #add(text, style) {
    const last = this.#pre.lastChild;
    if (!isStyled(style) && last instanceof Text && this.#line.at(-1) !== last) {
      // Settled plain text takes more, so that a log is a few nodes.
      if (text.endsWith("\n") && last.data.length < 8000) {
        last.appendData(text);
        return last;
      }
    }
    const node = isStyled(style) ? styled(text, style) : new Text(text);
    this.#pre.appendChild(node);
    return node;
  }
}

/** @param {Style} style */
function isStyled(style) {
  return !!(style.color || style.background || style.bold || style.dim || style.italic ||
    style.underline || style.inverse);
}

/** @param {string} text @param {Style} style */
function styled(text, style) {
  const names = [];
  const node = el("span", {}, text);
  if (style.bold) names.push("bold");
  if (style.dim) names.push("dim");
  if (style.italic) names.push("italic");
  if (style.underline) names.push("underline");
  if (style.inverse) names.push("inverse");
  if (style.color?.startsWith("#")) {
    names.push("own");
    node.style.setProperty("--own", style.color);
  } else if (style.color) names.push(`fg-${style.color}`);
  if (style.background?.startsWith("#")) {
    names.push("ground");
    node.style.setProperty("--own-ground", style.background);
  } else if (style.background) names.push(`bg-${style.background}`);
  node.className = names.join(" ");
  return node;
}
