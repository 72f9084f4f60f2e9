// The line on the composer's edge: what happens now, how much context is left, and Stop at its end.
import { selectLink, selectSent } from "../../state/select.js";
import { t } from "../../words/words.js";
import { roughly, tick } from "../clock.js";
import { announce, el, nextFrame, set, write } from "../dom.js";
import { trying } from "../errors.js";
import { icon } from "../icon.js";
import { describeLink } from "../link.js";

/** @import { Store } from "../../types.d.ts" */

/** @param {Store} store @param {string} key */
export function statusLine(store, key) {
  const { state, actions } = store;
  const machine = key.slice(0, key.indexOf("/"));
  const dot = el("span", { class: "dot" });
  const words = el("span", { class: "words figures" });
  const context = el("span", { class: "context figures" });
  const stopButton = el(
    "button",
    {
      class: "stop",
      type: "button",
      onclick: () => {
        trying(() => actions.interrupt(key));
        show();
      },
    },
    icon("stop"),
    el("span", {}, t("stop")),
  );
  const node = el(
    "div",
    { class: "statusline", role: "status", "aria-live": "off" },
    dot,
    words,
    context,
    stopButton,
  );

  /** What is true now, the link's trouble first: a running clock on a dead link would lie. */
  const now = () => {
    const link = selectLink(state, machine, Date.now());
    if (link.status !== "connected") {
      const { kind, text } = describeLink(state, link);
      return { kind, text };
    }
    const row = state.rows.get(key);
    const thread = state.threads.get(key);
    if (row?.status === "waiting") return { kind: "asked", text: t("waitsForYou") };
    if (thread?.running) {
      const started = thread.turnById.get(thread.running)?.startedAt ?? row?.since;
      return {
        kind: "working",
        text: started ? t("workingFor", { age: roughly(Date.now() - started) }) : t("working"),
      };
    }
    const last = thread?.turns.at(-1);
    if (last?.status === "failed") return { kind: "bad", text: t("failed") };
    if (last?.status === "interrupted") return { kind: "", text: t("stopped") };
    if (last?.status === "completed") return { kind: "ok", text: t("done") };
    return { kind: "", text: t("ready") };
  };
  /** @type {string | null} */
  let told = null;
  const say = () => {
    const { kind, text } = now();
    set(dot, "data-kind", kind);
    set(node, "data-kind", kind);
    // The seconds are for the eye.
    if (told !== null && told !== kind) announce(text);
    told = kind;
    return text;
  };
  const show = () => {
    tick(words, say);
    const thread = state.threads.get(key);
    const left = thread?.usage?.contextLeftPercent;
    write(
      context,
      left === null || left === undefined ? "" : t("contextLeft", { percent: Math.round(left) }),
    );
    set(context, "data-low", (left ?? 100) < 15 || null);
    const stopping = selectSent(state, key).some((sent) =>
      sent.kind === "interrupt" && (sent.mark === "waiting" || sent.mark === "delivered")
    );
    stopButton.hidden = !thread?.running;
    stopButton.disabled = stopping;
    write(stopButton.lastElementChild ?? stopButton, stopping ? t("stopping") : t("stop"));
  };
  const kinds = new Set([
    "link",
    "heard",
    "machine",
    "machines",
    "row",
    "thread",
    "turns",
    "turn",
    "sent",
    "pending",
  ]);
  const stop = store.subscribe((change) => {
    if (kinds.has(change.type)) nextFrame(show);
  });
  show();
  return { node, stop };
}
