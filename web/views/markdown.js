// A markdown text on the page that may still grow: what is settled is never touched again, of the last block only what
// changed.
import { parseBlocks } from "../text/blocks.js";
import { blockNode, growCode, patchBlock } from "./blocks.js";
import { el } from "./dom.js";

/** @import { Block } from "../text/blocks.js" */

/**
 * A paragraph or open code that is longer goes on in a new node, so that no single token costs more than this much text:
 * a page stays quick whatever a model writes.
 */
const LONGEST_TAIL = 12_000;

export class MarkdownView {
  node = el("div", { class: "prose" });
  #text = "";
  /** What is not settled: the last block, from its beginning. */
  #tail = "";
  /** Puts the parser where the tail begins, if that is inside of a fence. */
  #prefix = "";
  /** @type {{block: Block, node: HTMLElement} | null} */
  #last = null;

  /** @param {string} [text] */
  constructor(text = "") {
    if (text) this.append(text);
  }

  /** The whole text; what is on the page already stays. @param {string} text */
  set(text) {
    if (text === this.#text) return;
    if (text.startsWith(this.#text)) return this.append(text.slice(this.#text.length));
    this.node.replaceChildren();
    this.#text = this.#tail = this.#prefix = "";
    this.#last = null;
    this.append(text);
  }

  /**
   * Shows more of a text that grew: at most `room` characters. Gives back how many are still to come.
   * @param {string} text the whole @param {number} room
   */
  grow(text, room) {
    const shown = this.#text.length;
    if (text.length > shown) this.append(text.slice(shown, shown + room));
    return Math.max(0, text.length - this.#text.length);
  }

  /** @param {string} piece */
  append(piece) {
    this.#text += piece;
    this.#tail += piece;
    const blocks = parseBlocks(this.#prefix + this.#tail);
    if (blocks.length === 0) return;
    for (const [at, block] of blocks.entries()) {
      if (at === 0 && this.#last) {
        const node = patchBlock(this.#last.node, this.#last.block, block);
        if (node !== this.#last.node) this.#last.node.replaceWith(node);
        this.#last = { block, node };
      } else {
        const node = blockNode(block);
        this.node.appendChild(node);
        this.#last = { block, node };
      }
    }
    const { from } = blocks[blocks.length - 1];
    if (from > this.#prefix.length) {
      this.#tail = this.#tail.slice(from - this.#prefix.length);
      this.#prefix = "";
    }
    if (this.#tail.length > LONGEST_TAIL) this.#split();
  }

  /** Settles a long last block where a line or a word ends. */
  #split() {
    if (!this.#last) return;
    const { block, node } = this.#last;
    const line = this.#tail.lastIndexOf("\n");
    if (block.t === "code" && !block.closed && line > 0) {
      const fence = this.#prefix || this.#tail.slice(0, this.#tail.indexOf("\n") + 1);
      // An indented fence, or one that is not at the tail's beginning, is rare: it stays whole.
      if (!/^(?:`{3,}|~{3,})[^\n]*\n$/.test(fence)) return;
      const rest = this.#tail.slice(line + 1);
      growCode(node);
      this.#prefix = fence;
      this.#tail = rest;
      this.#last = { block: { ...block, from: 0, text: "" }, node };
      this.append("");
    } else if (block.t === "p") {
      const space = Math.max(this.#tail.lastIndexOf(" "), line);
      if (space < LONGEST_TAIL / 2) return;
      const [head] = parseBlocks(this.#tail.slice(0, space));
      if (head?.t === "p") patchBlock(node, block, head);
      // The text stays whole for whoever copies it.
      node.appendChild(new Text(this.#tail[space]));
      this.#tail = this.#tail.slice(space + 1);
      const next = el("p", { class: "goeson" });
      this.node.appendChild(next);
      this.#last = { block: { from: 0, t: "p", c: [] }, node: next };
      this.append("");
    }
  }
}
