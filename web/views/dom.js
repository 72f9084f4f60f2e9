// How the views make and change the page: nodes, never markup. Everything that a machine said goes in as text.

/** @typedef {Node | string | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Attributes */

/**
 * Makes an element. An attribute `onclick` (any `on…`) is a listener, `true` an empty attribute; null, undefined and
 * false are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else set(node, name, value);
  }
  append(node, children);
  return node;
}

/**
 * Sets or takes away an attribute, touching the document only if it changes.
 * @param {Element} node @param {string} name @param {string | number | boolean | null | undefined} value
 */
export function set(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else {
    const text = value === true ? "" : String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

/** @param {Node} node @param {Child[]} children */
export function append(node, children) {
  for (const child of children) {
    if (child || child === "") {
      node.appendChild(typeof child === "string" ? new Text(child) : child);
    }
  }
}

/** @param {Element} node @param {...Child} children */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
}

/** Sets a node's text, touching the document only if it changes. @param {Node} node @param {string} text */
export function write(node, text) {
  const only = node.firstChild;
  if (only instanceof Text && !only.nextSibling) {
    if (only.data !== text) only.data = text;
  } else node.textContent = text;
}

/** @param {Element} node @param {string} name @param {unknown} on */
export function toggle(node, name, on) {
  if (node.classList.contains(name) !== !!on) node.classList.toggle(name, !!on);
}

/**
 * @template T
 * @typedef {{node: HTMLElement, update(item: T): void, gone?(): void}} View
 */

/**
 * Keeps the children of a node in step with a list: views are made once for a key, updated, moved, taken away.
 * @template T
 */
export class Keyed {
  /** @type {Map<string, View<T>>} */
  views = new Map();

  /**
   * @param {Element} parent its other children stay, before those of the list
   * @param {(item: T) => string} keyOf
   * @param {(item: T) => View<T>} make
   */
  constructor(parent, keyOf, make) {
    this.parent = parent;
    this.keyOf = keyOf;
    this.make = make;
  }

  /** @param {Iterable<T>} items */
  show(items) {
    const wanted = new Map();
    for (const item of items) wanted.set(this.keyOf(item), item);
    for (const [key, view] of this.views) {
      if (wanted.has(key)) continue;
      this.views.delete(key);
      view.gone?.();
      view.node.remove();
    }
    /** @type {Element | null} */
    let cursor = this.views.size ? this.#firstOf() : null;
    for (const [key, item] of wanted) {
      let view = this.views.get(key);
      if (!view) {
        view = this.make(item);
        this.views.set(key, view);
      }
      view.update(item);
      if (view.node === cursor) cursor = cursor.nextElementSibling;
      else this.parent.insertBefore(view.node, cursor);
    }
  }

  /** The first of this list's nodes in the document's order. */
  #firstOf() {
    const nodes = new Set([...this.views.values()].map((view) => view.node));
    for (const child of this.parent.children) {
      if (nodes.has(/** @type {HTMLElement} */ (child))) return child;
    }
    return null;
  }
}

/** @type {Set<() => void>} */
const queued = new Set();

/**
 * Runs the work once before the next paint, however often it is asked for.
 * @param {() => void} work
 */
export function nextFrame(work) {
  if (queued.size === 0) requestAnimationFrame(runQueued);
  queued.add(work);
}

function runQueued() {
  const works = [...queued];
  queued.clear();
  for (const work of works) {
    try {
      work();
    } catch (error) {
      reportError(error);
    }
  }
}

/** @type {HTMLElement | null} */
let region = null;

/**
 * Says something to a screen reader, politely.
 * @param {string} text
 */
export function announce(text) {
  region ??= document.body.appendChild(el("div", { class: "unseen", "aria-live": "polite" }));
  region.appendChild(el("p", {}, text));
  while (region.childElementCount > 4) region.firstElementChild?.remove();
}

/** @type {Map<string, Promise<void>>} */
const sheets = new Map();

/**
 * Loads a style sheet that the first page does not need.
 * @param {string} name a file of `styles/`
 */
export function loadStyle(name) {
  let loading = sheets.get(name);
  if (!loading) {
    loading = new Promise((resolve) => {
      const href = new URL(`../styles/${name}`, import.meta.url).href;
      const link = el("link", {
        rel: "stylesheet",
        href,
        onload: () => resolve(),
        onerror: () => resolve(),
      });
      document.head.appendChild(link);
    });
    sheets.set(name, loading);
  }
  return loading;
}
