// A thread: its bar, its transcript, what it asks, and the composer.
import { selectInbox } from "../../state/select.js";
import { t } from "../../words/words.js";
import { bar } from "../bar.js";
import { timeOfDay } from "../clock.js";
import { announce, el, loadStyle, nextFrame, set, write } from "../dom.js";
import { notify } from "../errors.js";
import { icon } from "../icon.js";
import { linkLine } from "../link.js";
import { hashOf } from "../route.js";
import { createDock } from "../cards/dock.js";
import { createComposer } from "../composer/composer.js";
import { createTranscript } from "./transcript.js";

/** @import { Store } from "../../types.d.ts" */

/** @param {Store} store @param {string} key @returns {Promise<import("../shell.js").Page>} */
export async function createThreadPage(store, key) {
  const { state, actions } = store;
  await Promise.all([
    loadStyle("thread.css"),
    loadStyle("prose.css"),
    loadStyle("code.css"),
    loadStyle("cards.css"),
    loadStyle("composer.css"),
  ]);
  const machine = key.slice(0, key.indexOf("/"));
  const opening = actions.openThread(key);

  const title = el("h1");
  const where = el("span", { class: "where" });
  const link = linkLine(store, () => machine);
  const count = el("span", { class: "count" });
  const inbox = el(
    "a",
    { class: "round toinbox", href: hashOf({ page: "inbox" }), hidden: true },
    icon("inbox"),
    count,
  );
  const menu = el("button", {
    class: "round",
    type: "button",
    "aria-label": t("threadMenu"),
    "aria-haspopup": "dialog",
    onclick: () =>
      void import("../rowmenu.js").then(({ openRowMenu }) =>
        openRowMenu(store, key, transcript.scroller)
      ),
  }, icon("more"));
  const head = bar(title, [where, link.node], inbox, menu);

  const transcript = createTranscript(store, key);
  const dock = createDock(store, key);
  const composer = createComposer(store, key, { sent: () => transcript.toEnd() });
  const problem = el("div", { class: "threadproblem", hidden: true });
  const node = el(
    "div",
    { class: "thread screen" },
    head,
    problem,
    transcript.node,
    dock.node,
    composer.node,
  );

  let opened = false;
  const show = () => {
    const row = state.rows.get(key);
    const thread = state.threads.get(key);
    write(title, row?.title || t("untitled"));
    const cwd = thread?.settings.cwd ?? row?.cwd ?? "";
    write(where, cwd.split(/[/\\]/).filter(Boolean).pop() ?? "");
    set(where, "title", cwd);
    const others =
      selectInbox(state).filter((pending) => pending.key !== key && pending.status !== "gone")
        .length;
    inbox.hidden = others === 0;
    write(count, String(others));
    set(inbox, "aria-label", t("nWaitForYou", { n: others }));
    showProblem(problem, store, key);
    if (!opened && thread && thread.status !== "loading" && node.isConnected) {
      opened = true;
      requestAnimationFrame(() => transcript.shown());
    }
  };
  const kinds = new Set(["row", "rows", "thread", "pending", "machine", "turns", "ready"]);
  const stop = store.subscribe((change) => {
    if (kinds.has(change.type)) nextFrame(show);
  });
  opening.catch((error) => {
    announce(error?.message ?? "");
    nextFrame(show);
  });
  nextFrame(show);
  return {
    node,
    title: () => state.rows.get(key)?.title || t("untitled"),
    focus: () => composer.focus(),
    stop() {
      stop();
      link.stop();
      transcript.stop();
      dock.stop();
      composer.stop();
      actions.closeThread(key);
    },
  };
}

/** What is wrong with the thread as a whole: above it, never in its place. @param {HTMLElement} node @param {Store} store @param {string} key */
function showProblem(node, store, key) {
  const thread = store.state.threads.get(key);
  const again = el("button", {
    class: "link",
    type: "button",
    onclick: () => void store.actions.openThread(key).catch(notify),
  }, t("tryAgain"));
  node.hidden = true;
  set(node, "data-kind", thread?.status);
  if (!thread || thread.status === "loading") {
    node.hidden = false;
    node.replaceChildren(el("span", { class: "dot", "data-kind": "busy" }), t("readingThread"));
  } else if (thread.status === "failed") {
    node.hidden = false;
    node.replaceChildren(
      icon("warning"),
      el("span", {}, thread.problem ?? t("threadFailed")),
      again,
    );
  } else if (thread.status === "stale" && Date.now() - thread.asOf > 3000) {
    node.hidden = false;
    node.replaceChildren(el("span", {}, t("asOf", { time: timeOfDay(thread.asOf) })));
  }
}
