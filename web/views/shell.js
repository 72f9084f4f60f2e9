// The frame: the list, the page beside it or over it, what the tab and the app's mark say.
import { selectInbox } from "../state/select.js";
import { t, withWords } from "../words/words.js";
import { bar } from "./bar.js";
import { el, nextFrame, set, toggle } from "./dom.js";
import { icon } from "./icon.js";
import { createList } from "./list.js";
import { go, parseRoute, replace } from "./route.js";

/** @import { Store } from "../types.d.ts" */
/** @import { Route } from "./route.js" */

/**
 * What a page's module makes. `stop` is called when it is left.
 * @typedef {{node: HTMLElement, stop(): void, title(): string, focus?(): void}} Page
 */

/**
 * @param {Store} store
 * @param {{link: string | null, code: string | null}} secrets taken out of the address
 */
export function createShell(store, secrets) {
  const { state } = store;
  const side = el("aside", { class: "side", "aria-label": t("threads") });
  const main = el("main", { class: "page", id: "main", tabindex: "-1" });
  const frame = el("div", { class: "frame" }, side, main);
  /** @type {ReturnType<typeof createList> | null} */
  let list = null;
  /** @type {Page | null} */
  let page = null;
  let shown = "";
  let turn = 0;

  const typesCode = () => parseRoute(location.hash).page === "code";
  /** The account's pages stand alone; all else needs a sign-in. */
  const wanted = () => {
    if (secrets.link) return "link";
    if (state.account.status === "signed-out") return "signin";
    if (state.account.status === "unknown") return "";
    if (secrets.code || typesCode()) return "code";
    return location.hash || "#/";
  };

  const show = async () => {
    const want = wanted();
    if (want === shown || !want) return;
    shown = want;
    const mine = ++turn;
    const alone = !want.startsWith("#");
    const route = alone ? null : parseRoute(want);
    page?.stop();
    page = null;
    if (alone) {
      list?.stop();
      list = null;
      side.replaceChildren();
    } else if (!list) {
      list = createList(store);
      side.replaceChildren(list.node);
    }
    toggle(frame, "alone", alone);
    set(frame, "data-page", route?.page ?? "account");
    list?.mark(route?.page === "thread" ? route.key : null);
    // What stands there while a page's module is on its way.
    if (route) main.replaceChildren(bar());
    if (!frame.isConnected) document.body.replaceChildren(skip(), frame);
    try {
      const made = await (alone ? accountPage(want) : pageOf(/** @type {Route} */ (route)));
      if (mine !== turn) return made?.stop();
      page = made;
      if (made) main.replaceChildren(made.node);
      if (made?.focus && document.activeElement === document.body) made.focus();
    } catch (error) {
      if (mine === turn) main.replaceChildren(failure(error));
    }
    mark();
  };

  /** @param {string} name @returns {Promise<Page>} */
  const accountPage = async (name) => {
    const pages = await withWords(import("./account/page.js"), "account");
    const done = () => {
      secrets[name === "link" ? "link" : "code"] = null;
      if (typesCode()) replace({ page: "list" });
      else void show();
    };
    return pages.createAccountPage(
      store,
      name,
      secrets[name === "link" ? "link" : "code"] ?? "",
      done,
    );
  };

  /** @param {Route} route @returns {Promise<Page | null>} */
  const pageOf = async (route) => {
    if (route.page === "thread") {
      return (await withWords(import("./thread/page.js"))).createThreadPage(store, route.key);
    }
    if (route.page === "new") {
      return (await withWords(import("./new.js"))).createNewPage(store, route);
    }
    if (route.page === "inbox") {
      return (await withWords(import("./inbox.js"))).createInboxPage(store);
    }
    if (route.page === "settings") {
      const page = await withWords(import("./settings/page.js"), "account");
      return page.createSettingsPage(store, route.part);
    }
    if (route.page === "archived") {
      return (await withWords(import("./archived.js"))).createArchivedPage(store);
    }
    // Beside the list stands the next task; on a phone the list stands alone.
    if (!wide.matches) return null;
    return (await withWords(import("./new.js"))).createNewPage(store, { machine: null, cwd: null });
  };

  const mark = () => {
    const waiting = selectInbox(state).filter((pending) => pending.status !== "gone").length;
    const name = page?.title() ?? "codex-remote";
    const title = waiting ? `(${waiting}) ${name}` : name;
    if (document.title !== title) document.title = title;
    if (waiting) void navigator.setAppBadge?.(waiting)?.catch(() => {});
    else void navigator.clearAppBadge?.()?.catch(() => {});
  };

  const wide = matchMedia("(min-width: 900px)");
  wide.addEventListener("change", () => {
    if (shown !== "#/" && shown !== "#") return;
    shown = "";
    void show();
  });
  addEventListener("hashchange", () => void show());
  store.subscribe((change) => {
    if (change.type === "account" || change.type === "ready") void show();
    if (change.type === "pending" || change.type === "row" || change.type === "thread") mark();
    if (change.type === "rows" || change.type === "row") {
      nextFrame(() => list?.mark(threadOf(shown)));
    }
    if (change.type === "build") {
      void withWords(import("./newbuild.js")).then(({ newBuildSeen }) => newBuildSeen());
    }
  });
  followKeyboard(frame);
  document.addEventListener("keydown", (event) => onKey(event, () => list?.focusSearch()));
  void show();
  whenAtRest(async () => {
    (await withWords(import("./newbuild.js"))).keepOffline();
    // What is opened next is there when it is asked for.
    await Promise.all([import("./thread/page.js"), import("./new.js")]);
  });
}

/** @param {() => Promise<void>} work */
function whenAtRest(work) {
  const begin = () => void work().catch(() => {});
  const later = () =>
    "requestIdleCallback" in globalThis
      ? requestIdleCallback(begin, { timeout: 4000 })
      : setTimeout(begin, 1500);
  if (document.readyState === "complete") later();
  else addEventListener("load", later, { once: true });
}

/** @param {string} hash */
function threadOf(hash) {
  const route = parseRoute(hash);
  return route.page === "thread" ? route.key : null;
}

function skip() {
  return el("a", {
    class: "skip",
    href: "#main",
    onclick: (/** @type {Event} */ event) => {
      event.preventDefault();
      document.getElementById("main")?.focus();
    },
  }, t("skipToPage"));
}

/** @param {unknown} error */
function failure(error) {
  const reload = el(
    "button",
    {
      class: "button main",
      type: "button",
      onclick: () => location.reload(),
    },
    icon("retry"),
    t("reload"),
  );
  const node = el(
    "div",
    { class: "blank", role: "alert" },
    icon("warning"),
    el("h2", {}, t("pageFailed")),
    el("p", {}, t("pageFailedHint")),
    reload,
  );
  reportError(error);
  return node;
}

/**
 * Safari's keyboard covers the page instead of shrinking it: the composer and Stop stay above it.
 * @param {HTMLElement} frame
 */
function followKeyboard(frame) {
  const viewport = globalThis.visualViewport;
  if (!viewport) return;
  const follow = () => {
    const covered = Math.max(
      0,
      Math.round(document.documentElement.clientHeight - viewport.height - viewport.offsetTop),
    );
    frame.style.setProperty(
      "--keyboard",
      covered > 40 && viewport.scale === 1 ? `${covered}px` : "0px",
    );
  };
  viewport.addEventListener("resize", follow);
  viewport.addEventListener("scroll", follow);
}

/** @param {KeyboardEvent} event @param {() => void} search */
function onKey(event, search) {
  const target = /** @type {HTMLElement | null} */ (event.target);
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target?.closest("input, textarea, select, [contenteditable], dialog")) return;
  const routes = /** @type {Record<string, Route>} */ ({
    n: { page: "new", machine: null, cwd: null },
    i: { page: "inbox" },
    l: { page: "list" },
    ",": { page: "settings" },
  });
  if (event.key === "/") search();
  else if (event.key === "?") {
    void withWords(import("./shortcuts.js")).then(({ showShortcuts }) => showShortcuts());
  } else if (Object.hasOwn(routes, event.key)) go(routes[event.key]);
  else return;
  event.preventDefault();
}
