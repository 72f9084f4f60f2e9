// A command that ran: one line; its whole text and its output inside.
import { shortCommand, unwrapShell } from "../../text/command.js";
import { t } from "../../words/words.js";
import { duration, roughly, tick } from "../clock.js";
import { copyButton } from "../copy.js";
import { el, fill, toggle, write } from "../dom.js";
import { OutputView } from "../output.js";
import { visibleText } from "../visible.js";
import { hasFailed, isExploring } from "./entries.js";
import { fold } from "./fold.js";

/** @import { Item } from "../../types.d.ts" */
/** @import { ItemView } from "./items.js" */

/** @param {Item} first @returns {ItemView} */
export function commandView(first) {
  let item = first;
  const output = new OutputView();
  const empty = el("p", { class: "note" });
  const card = fold({
    icon: "terminal",
    kind: "commandcard",
    fill: () => {
      const command = unwrapShell(item.data.command ?? "");
      const text = el("pre", { class: "wholecommand" }, ...visibleText(command));
      card.body.append(
        el(
          "div",
          { class: "withcopy" },
          text,
          copyButton(() => unwrapShell(item.data.command ?? "")),
        ),
        el("p", { class: "note where mono" }, item.data.cwd ?? ""),
        output.node,
        empty,
      );
      showOutput();
    },
  });
  const showOutput = () => {
    output.set(item.data.aggregatedOutput ?? "");
    output.node.hidden = !item.data.aggregatedOutput;
    empty.hidden = !!item.data.aggregatedOutput;
    write(empty, item.done ? t("noOutput") : t("noOutputYet"));
  };
  /** @param {Item} next */
  const update = (next) => {
    item = next;
    const { command = "", exitCode, durationMs, status } = item.data;
    const failed = hasFailed(item);
    write(card.label, shortCommand(unwrapShell(command)));
    card.label.classList.add("mono");
    card.show(item.done ? failed ? "warning" : isExploring(item) ? "search" : "terminal" : null);
    toggle(card.node, "bad", failed);
    if (!item.done) {
      tick(card.result, () => item.startedAt ? roughly(Date.now() - item.startedAt) : "");
    } else {
      tick(card.result, null);
      const parts = [];
      if (status === "declined") parts.push(t("declined"));
      else if (failed && typeof exitCode === "number" && exitCode !== 0) {
        parts.push(t("exitCode", { code: exitCode }));
      } else if (failed) parts.push(t("failed"));
      if (durationMs >= 1000) parts.push(duration(durationMs));
      fill(card.result, parts.join(" · "));
    }
    if (failed && item.done && status !== "declined") card.open();
    if (card.filled) showOutput();
  };
  return {
    node: card.node,
    update,
    grow() {
      if (card.filled) showOutput();
      return 0;
    },
  };
}
