// One turn of a thread: its entries, its plan, how it ended.
import { known, t } from "../../words/words.js";
import { splitDiff } from "../../text/diff.js";
import { parseInlines } from "../../text/inlines.js";
import { duration } from "../clock.js";
import { changesNode, countChanges, countsNode } from "../diffs.js";
import { el, Keyed, toggle, write } from "../dom.js";
import { icon } from "../icon.js";
import { append } from "../inlines.js";
import { entriesOf } from "./entries.js";
import { fold } from "./fold.js";
import { groupView } from "./group.js";
import { itemView } from "./items.js";

/** @import { Item, Turn, TurnError } from "../../types.d.ts" */
/** @import { Entry } from "./entries.js" */
/** @import { ItemView } from "./items.js" */

/** @param {() => string | null} cwd */
export function turnView(cwd) {
  /** The views of single items, for what grows. @type {Map<string, ItemView>} */
  const single = new Map();
  const body = el("div", { class: "entries" });
  const end = el("div", { class: "ending" });
  const node = el("section", { class: "turn" }, body, end);
  const entries = new Keyed(body, (/** @type {Entry} */ entry) => entry.key, (entry) => {
    const wrapper = el("div", { class: "entry" });
    if (entry.key.startsWith("group ")) {
      const view = groupView(cwd());
      wrapper.appendChild(view.node);
      return { node: wrapper, update: (each) => view.update(each.items) };
    }
    const [item] = entry.items;
    let view = attempt(item, () => itemView(item, cwd()));
    single.set(item.id, view);
    wrapper.appendChild(view.node);
    return {
      node: wrapper,
      update: (each) => {
        const next = attempt(each.items[0], () => (view.update(each.items[0]), view));
        if (next === view) return;
        view.node.replaceWith(next.node);
        view = next;
        single.set(item.id, view);
      },
      gone: () => {
        if (single.get(item.id) === view) single.delete(item.id);
      },
    };
  });
  const plan = planView();
  const ending = endingView(cwd);
  end.append(plan.node, ending.node);

  return {
    node,
    /**
     * @param {Turn} turn
     * @param {string | null} from the first item to show; null for all
     */
    update(turn, from) {
      const start = from === null
        ? 0
        : Math.max(0, turn.items.findIndex((item) => item.id === from));
      entries.show(entriesOf(start ? turn.items.slice(start) : turn.items));
      plan.update(turn);
      ending.update(turn);
    },
    /** @param {Turn} turn */
    updateEnd(turn) {
      plan.update(turn);
      ending.update(turn);
    },
    /** The node of an item that stands alone. @param {string} item */
    find: (item) => single.get(item)?.node ?? null,
    /** @param {Item} item @param {number} room */
    grow: (item, room) => single.get(item.id)?.grow?.(item, room) ?? 0,
  };
}

/**
 * An item of a form that no one foresaw is a quiet line; the others are shown all the same.
 * @param {Item} item @param {() => ItemView} show
 * @returns {ItemView}
 */
function attempt(item, show) {
  try {
    return show();
  } catch (error) {
    reportError(error);
    return { node: el("p", { class: "quiet" }, String(item.type)), update: () => {} };
  }
}

/** The steps that codex set itself. */
function planView() {
  const card = fold({ icon: "list", kind: "plan" });
  card.node.hidden = true;
  let sign = "";
  let opened = false;
  return {
    node: card.node,
    /** @param {Turn} turn */
    update(turn) {
      const steps = turn.plan?.steps ?? [];
      card.node.hidden = steps.length === 0;
      const next = JSON.stringify([turn.plan, turn.status]);
      if (next === sign || steps.length === 0) return;
      sign = next;
      const done = steps.filter((step) => step.status === "completed").length;
      const current = steps.find((step) => step.status === "inProgress");
      write(
        card.label,
        turn.status === "inProgress" && current ? current.step.replaceAll("`", "") : t("plan"),
      );
      write(card.result, t("planProgress", { done, all: steps.length }));
      card.body.replaceChildren(
        turn.plan?.explanation ? el("p", { class: "note" }, turn.plan.explanation) : "",
        el(
          "ol",
          { class: "steps prose" },
          ...steps.map((step) =>
            el(
              "li",
              { "data-status": step.status },
              el("span", {
                class: "stepmark",
                role: "img",
                "aria-label": known("step", step.status, step.status),
              }, step.status === "completed" ? icon("check") : ""),
              withInlines(el("span"), step.step),
            )
          ),
        ),
      );
      if (turn.status === "inProgress" && !opened) card.node.open = opened = true;
      else if (turn.status !== "inProgress" && opened) card.node.open = opened = false;
    },
  };
}

/** @param {HTMLElement} node @param {string} text */
function withInlines(node, text) {
  append(node, parseInlines(text));
  return node;
}

/** How the turn ended: its error, that it was stopped, how long it took and what it changed. @param {() => string | null} cwd */
function endingView(cwd) {
  const node = el("div", { class: "end" });
  let sign = "";
  return {
    node,
    /** @param {Turn} turn */
    update(turn) {
      const over = turn.status !== "inProgress";
      const next = JSON.stringify([
        turn.status,
        turn.error,
        over && turn.durationMs,
        over && turn.diff?.length,
      ]);
      if (next === sign) return;
      sign = next;
      node.replaceChildren();
      toggle(node, "over", over);
      if (turn.error) node.appendChild(errorCard(turn.error));
      if (turn.status === "interrupted") {
        node.appendChild(el("p", { class: "quiet" }, icon("stop"), t("stopped")));
      }
      const changes = over && turn.diff ? splitDiff(turn.diff) : [];
      const took = over && turn.durationMs
        ? t("workedFor", { time: duration(turn.durationMs) })
        : "";
      if (changes.length) {
        const card = fold({
          icon: "file",
          kind: "turndiff",
          fill: () => card.body.append(changesNode(changes, { cwd: cwd() })),
        });
        write(
          card.label,
          [took, t("nFilesChanged", { n: changes.length })].filter(Boolean).join(" · "),
        );
        card.result.replaceChildren(countsNode(countChanges(changes)));
        node.appendChild(card.node);
      } else if (took && turn.status === "completed" && (turn.durationMs ?? 0) > 5000) {
        node.appendChild(el("p", { class: "quiet" }, took));
      }
    },
  };
}

/** @param {TurnError} error */
function errorCard(error) {
  const hint = known("turnError", error.kind, "");
  return el(
    "div",
    { class: "card bad", role: "alert" },
    el("p", { class: "message" }, error.message),
    hint ? el("p", { class: "note" }, hint) : null,
    error.details ? el("pre", { class: "output" }, error.details.slice(0, 20_000)) : null,
    error.willRetry ? el("p", { class: "note" }, t("willRetry")) : null,
  );
}
