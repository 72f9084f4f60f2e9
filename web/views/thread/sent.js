// What was sent into a thread and is not part of it yet, each with how far it came.
import { selectSent } from "../../state/select.js";
import { known, t } from "../../words/words.js";
import { el, fill, Keyed, set, write } from "../dom.js";
import { trying } from "../errors.js";
import { MarkdownView } from "../markdown.js";

/** @import { Sent, Store } from "../../types.d.ts" */
/** @import { View } from "../dom.js" */

/** How far a thing that was sent came, in words. @param {Sent} sent */
export function markText(sent) {
  const reason = sent.reason ? known("reason", sent.reason, sent.reason) : "";
  if (sent.mark === "waiting") return t(sent.elsewhere ? "markElsewhere" : "markWaiting");
  if (sent.mark === "delivered") return t("markDelivered");
  if (sent.mark === "taken-up") return t("markTaken");
  if (sent.mark === "expired") return t("markExpired");
  const text = t(sent.mark === "too-late" ? "markTooLate" : "markFailed");
  return reason ? `${text}: ${reason}` : text;
}

/** Can it be sent again? @param {Sent} sent */
export function isSettledBadly(sent) {
  return sent.mark === "failed" || sent.mark === "too-late" || sent.mark === "expired";
}

/** @param {Store} store @param {string} key */
export function sentViews(store, key) {
  const node = el("div", { class: "sents", role: "log", "aria-label": t("sentByYou") });
  const list = new Keyed(node, (/** @type {Sent} */ sent) => sent.id, () => sentView(store));
  const shown = new Set(["start", "prompt", "steer", "shell"]);
  return {
    node,
    update: () =>
      list.show(
        selectSent(store.state, key).filter((sent) =>
          shown.has(sent.kind) && sent.mark !== "taken-up"
        ),
      ),
  };
}

/** @param {Store} store @returns {View<Sent>} */
function sentView(store) {
  const text = new MarkdownView();
  const mark = el("span", { class: "markwords" });
  const buttons = el("span", { class: "markbuttons" });
  const node = el(
    "div",
    { class: "said unsettled" },
    text.node,
    el("p", { class: "sentmark", role: "status" }, mark, buttons),
  );
  let sign = "";
  return {
    node,
    update(sent) {
      const next = `${sent.mark} ${sent.reason} ${sent.elsewhere}`;
      if (next === sign) return;
      sign = next;
      text.set(sent.kind === "shell" ? `\`\`\`sh\n${sent.text}\n\`\`\`` : sent.text);
      set(node, "data-mark", sent.mark);
      write(mark, markText(sent));
      const again = isSettledBadly(sent)
        ? el("button", {
          class: "link",
          type: "button",
          onclick: () => trying(() => store.actions.retry(sent.id)),
        }, t("sendAgain"))
        : null;
      const away = sent.mark === "waiting" || again
        ? el(
          "button",
          { class: "link", type: "button", onclick: () => trying(() => takeBack(store, sent)) },
          t(again ? "discard" : "takeBack"),
        )
        : null;
      fill(buttons, again, away);
    },
  };
}

/** What is taken back goes into the composer again: nothing typed is lost. @param {Store} store @param {Sent} sent */
async function takeBack(store, sent) {
  const text = await store.actions.discard(sent.id);
  if (!sent.key || !text || sent.kind === "shell") return;
  const draft = store.state.drafts.get(sent.key);
  store.actions.setDraft(sent.key, draft ? `${text}\n${draft}` : text);
}
