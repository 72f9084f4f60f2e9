// Where one writes: the draft of the thread, what happens now, Stop, and the ways to send.
import { t } from "../../words/words.js";
import { choiceChips } from "../chips.js";
import { el, nextFrame, set, toggle } from "../dom.js";
import { notify } from "../errors.js";
import { icon } from "../icon.js";
import { growing, sendsOnEnter } from "./field.js";
import { queueView } from "./queue.js";
import { statusLine } from "./status.js";

/** @import { Store } from "../../types.d.ts" */

/** @param {Store} store @param {string} key @param {{sent: () => void}} events */
export function createComposer(store, key, events) {
  const { state, actions } = store;
  const machine = () => state.machines.get(key.slice(0, key.indexOf("/")));
  const thread = () => state.threads.get(key);
  let shell = false;

  const field = el("textarea", {
    class: "write",
    rows: "1",
    "aria-label": t("message"),
    enterkeyhint: matchMedia("(pointer: fine)").matches ? "send" : "enter",
    oninput: () => {
      if (!shell && field.value.startsWith("!") && offers("thread/shellCommand")) {
        field.value = field.value.slice(1);
        shell = true;
      }
      if (!shell) actions.setDraft(key, field.value);
      grow();
      show();
    },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape" && shell && !field.value) {
        shell = false;
        show();
      } else if (sendsOnEnter(event)) {
        event.preventDefault();
        send(running() ? "steer" : "prompt");
      }
    },
  });
  const grow = growing(field);
  const offers = (/** @type {string} */ method) => !machine()?.missing.has(method);
  const running = () => !!thread()?.running;

  /** @param {"prompt" | "steer" | "queue"} how */
  const send = (how) => {
    const text = field.value.trim();
    if (!text) return;
    try {
      if (shell) actions.shellCommand(key, text);
      else if (how === "queue") actions.queueAdd(key, text);
      else if (how === "steer") actions.steer(key, text);
      else actions.sendPrompt(key, text);
    } catch (error) {
      // The text stays where it is.
      return notify(error);
    }
    field.value = "";
    if (shell) shell = false;
    else actions.setDraft(key, "");
    // What had been written before the shell command is there again.
    field.value = state.drafts.get(key) ?? "";
    grow();
    show();
    if (how !== "queue") events.sent();
  };

  const go = el("button", {
    class: "go",
    type: "button",
    onclick: () => send(running() ? "steer" : "prompt"),
  }, icon("up"));
  const later = el("button", {
    class: "button later",
    type: "button",
    onclick: () => send("queue"),
  }, t("queueIt"));
  const shellButton = el(
    "button",
    {
      class: "chip shell",
      type: "button",
      "aria-pressed": "false",
      onclick: () => {
        shell = !shell;
        field.value = shell ? "" : state.drafts.get(key) ?? "";
        grow();
        show();
        field.focus();
      },
    },
    icon("mark"),
    el("span", { class: "unseen" }, t("shellCommand")),
  );
  const chips = choiceChips({
    machine,
    current: () =>
      thread()?.settings ?? { model: null, effort: null, approvalPolicy: null, sandbox: null },
    choose: (choice) => void actions.setSettings(key, choice).catch(notify),
    note: t("fromNextTurn"),
  });
  chips.node.prepend(shellButton);
  const status = statusLine(store, key);
  const queue = queueView(store, key);
  const warning = el("p", { class: "shellnote", hidden: true }, icon("warning"), t("shellHint"));
  const box = el(
    "div",
    { class: "writebox" },
    warning,
    field,
    el("div", { class: "under" }, chips.node, later, go),
  );
  const node = el(
    "footer",
    { class: "composer" },
    el("div", { class: "column" }, queue.node, status.node, box),
  );

  const show = () => {
    const empty = !field.value.trim();
    const busy = running();
    toggle(box, "isshell", shell);
    warning.hidden = !shell;
    set(shellButton, "aria-pressed", String(shell));
    shellButton.hidden = !offers("thread/shellCommand");
    set(
      field,
      "placeholder",
      shell ? t("shellPlaceholder") : busy ? t("steerPlaceholder") : t("messagePlaceholder"),
    );
    go.disabled = empty;
    set(go, "aria-label", shell ? t("runCommand") : busy ? t("steerIt") : t("send"));
    set(go, "title", shell ? t("runCommand") : busy ? t("steerIt") : t("send"));
    later.hidden = shell || !busy || empty || !offers("thread/queue/add");
    chips.show();
  };

  field.value = state.drafts.get(key) ?? "";
  const stop = store.subscribe((change) => {
    if (change.type === "draft" && change.id === key && !shell) {
      const draft = state.drafts.get(key) ?? "";
      if (draft !== field.value) {
        field.value = draft;
        grow();
        nextFrame(show);
      }
    } else if (
      "key" in change && change.key === key &&
      ["thread", "row", "turns", "turn"].includes(change.type)
    ) nextFrame(show);
    else if (change.type === "machine" || change.type === "ready") nextFrame(show);
  });
  show();
  nextFrame(grow);
  return {
    node,
    focus: () => {
      // A phone's keyboard comes when one asks for it.
      if (matchMedia("(pointer: fine)").matches) field.focus();
    },
    stop() {
      stop();
      status.stop();
      queue.stop();
    },
  };
}
