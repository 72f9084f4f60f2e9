// A new task: the prompt first, then where it runs; the rest is remembered from last time.
import { selectLink, selectRows } from "../state/select.js";
import { t } from "../words/words.js";
import { bar } from "./bar.js";
import { choiceChips } from "./chips.js";
import { growing, sendsOnEnter } from "./composer/field.js";
import { openDirectory } from "./directory.js";
import { announce, el, loadStyle, nextFrame, set, write } from "./dom.js";
import { problemLine } from "./errors.js";
import { icon } from "./icon.js";
import { describeLink, linkLine } from "./link.js";
import { replace } from "./route.js";
import { openChoice } from "./sheet.js";

/** @import { Choices, Store } from "../types.d.ts" */

/** So many directories are offered beside the chosen one. */
const RECENT = 6;

/**
 * @param {Store} store
 * @param {{machine: string | null, cwd: string | null}} route
 * @returns {Promise<import("./shell.js").Page>}
 */
export async function createNewPage(store, route) {
  const { state, actions } = store;
  await Promise.all([loadStyle("composer.css"), loadStyle("new.css")]);
  let machine = route.machine && state.machines.has(route.machine) ? route.machine : null;
  let cwd = route.cwd;
  const newest = () => selectRows(state, machine ? { machine } : {})[0];
  /** Without a choice: where the last task ran, else the machine's own directory. */
  const settle = () => {
    machine ??= newest()?.machine ?? [...state.machines.values()].find((each) => each.online)?.id ??
      [...state.machines.keys()][0] ?? null;
    if (machine) cwd ??= newest()?.cwd ?? state.machines.get(machine)?.info?.cwd ?? null;
  };
  settle();
  const draftId = () => `new:${machine ?? ""}:${cwd ?? ""}`;
  const of = () => machine ? state.machines.get(machine) : undefined;

  const problem = problemLine();
  const field = el("textarea", {
    class: "write big",
    rows: "4",
    placeholder: t("taskPlaceholder"),
    "aria-label": t("taskPlaceholder"),
    oninput: () => {
      actions.setDraft(draftId(), field.value);
      grow();
      show();
    },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (!sendsOnEnter(event)) return;
      event.preventDefault();
      start();
    },
  });
  const grow = growing(field);
  const place = el("div", { class: "places" });
  const machineChip = el(
    "button",
    {
      class: "chip",
      type: "button",
      "aria-haspopup": "dialog",
      onclick: () => {
        void openChoice(
          t("machine"),
          [...state.machines.values()].map((each) => ({
            value: each.id,
            label: each.name,
            hint: each.online ? undefined : t("isOffline"),
          })),
          machine,
          (value) => {
            machine = value;
            cwd = null;
            settle();
            show();
          },
        );
      },
    },
    icon("laptop"),
    el("span"),
  );
  const chips = choiceChips({
    machine: of,
    current: () =>
      of()?.choices ?? /** @type {Choices} */
        ({ model: null, effort: null, approvalPolicy: null, sandbox: null }),
    choose: (choice) => {
      if (machine) actions.setChoices(machine, choice);
      show();
    },
  });
  const line = linkLine(store, () => machine);
  const note = el("p", { class: "note", role: "status" });
  const go = el(
    "button",
    {
      class: "button main startbutton",
      type: "button",
      onclick: () => start(),
    },
    t("startTask"),
    icon("up"),
  );

  const start = async () => {
    const text = field.value.trim();
    if (!text || !machine || !cwd || go.disabled) return;
    problem.show(null);
    go.disabled = true;
    const draft = draftId();
    const choices = of()?.choices ??
      { model: null, effort: null, approvalPolicy: null, sandbox: null };
    try {
      const task = actions.startThread({ machine, cwd, text, choices });
      actions.setDraft(draft, "");
      field.value = "";
      grow();
      write(note, t("starting"));
      announce(t("starting"));
      // Without a link it waits on the list, where one sees what becomes of it; codex that is just being started again
      // is waited for here, for a while.
      const leave = () => node.isConnected && replace({ page: "list" });
      const there = () => state.machines.get(String(machine))?.status ?? "off";
      const soon = setTimeout(() => {
        if (state.link.status !== "connected" || there() === "off") leave();
      }, 700);
      const late = setTimeout(() => {
        if (state.link.status !== "connected" || there() !== "ready") leave();
      }, 8000);
      const key = await task.key.finally(() => [soon, late].forEach(clearTimeout));
      if (node.isConnected) replace({ page: "thread", key });
    } catch (error) {
      // The text is never lost: it comes back where it was written.
      if (!field.value) field.value = text;
      actions.setDraft(draft, field.value);
      problem.show(error);
    } finally {
      go.disabled = false;
      show();
    }
  };

  const node = el(
    "div",
    { class: "screen" },
    bar(t("newTask"), [line.node]),
    el(
      "div",
      { class: "scroll" },
      el(
        "div",
        { class: "column newform" },
        el("div", { class: "writebox" }, field, el("div", { class: "under" }, chips.node)),
        el("p", { class: "kicker" }, t("whereItRuns")),
        machineChip,
        place,
        problem.node,
        note,
      ),
    ),
    el("footer", { class: "newfoot" }, el("div", { class: "column" }, go)),
  );

  const places = () => {
    /** @type {string[]} */
    const recent = [];
    for (const row of selectRows(state, machine ? { machine } : {})) {
      if (row.cwd && !recent.includes(row.cwd)) recent.push(row.cwd);
      if (recent.length >= RECENT) break;
    }
    const own = of()?.info?.cwd;
    if (own && !recent.includes(own)) recent.push(own);
    if (cwd && !recent.includes(cwd)) recent.unshift(cwd);
    return recent;
  };
  let sign = "";
  const show = () => {
    settle();
    const now = of();
    machineChip.hidden = state.machines.size < 2;
    write(machineChip.lastElementChild ?? machineChip, now?.name ?? t("machine"));
    chips.show();
    go.disabled = !field.value.trim() || !machine || !cwd;
    const link = selectLink(state, machine ?? undefined, Date.now());
    write(
      note,
      link.status === "connected" || !machine
        ? ""
        : `${describeLink(state, link).text}. ${t("keptUntilLink")}`,
    );
    const list = places();
    const next = JSON.stringify([machine, cwd, list, now?.status]);
    if (next === sign) return;
    sign = next;
    place.replaceChildren(
      ...list.map((path) =>
        el(
          "button",
          {
            class: "place",
            type: "button",
            "aria-pressed": String(path === cwd),
            onclick: () => move(path),
          },
          icon("folder"),
          el("span", { class: "placename" }, nameOf(path)),
          el("span", { class: "placepath mono" }, path),
          path === cwd ? icon("check") : null,
        )
      ),
      el(
        "button",
        {
          class: "place",
          type: "button",
          onclick: () => {
            if (machine) void openDirectory(store, machine, cwd ?? of()?.info?.home ?? "/", move);
          },
          disabled: !machine,
        },
        icon("search"),
        el("span", { class: "placename" }, t("otherDirectory")),
      ),
    );
  };
  /** The text goes along to another directory. @param {string} path */
  const move = (path) => {
    const text = field.value;
    actions.setDraft(draftId(), "");
    cwd = path;
    if (text) actions.setDraft(draftId(), text);
    show();
  };

  field.value = state.drafts.get(draftId()) ?? "";
  const kinds = new Set(["machine", "machines", "rows", "row", "link", "ready", "heard"]);
  const stop = store.subscribe((change) => {
    if (kinds.has(change.type)) nextFrame(show);
  });
  show();
  nextFrame(grow);
  set(node, "data-machine", machine);
  return {
    node,
    title: () => t("newTask"),
    focus: () => field.focus(),
    stop() {
      stop();
      line.stop();
    },
  };
}

/** @param {string} path */
function nameOf(path) {
  return path.split(/[/\\]/).filter(Boolean).pop() ?? path;
}
