// The state of the link in words and one mark: always on the screen, never in place of anything.
import { selectLink } from "../state/select.js";
import { t } from "../words/words.js";
import { roughly, tick } from "./clock.js";
import { announce, el, nextFrame, set, toggle } from "./dom.js";

/** @import { LinkSummary, State, Store } from "../types.d.ts" */

/** A trouble this old is told at length. */
const LONG = 3000;

/**
 * @param {State} state @param {LinkSummary} link
 * @returns {{kind: "ok" | "busy" | "bad" | "", text: string}}
 */
export function describeLink(state, link) {
  const machine = link.machine ? state.machines.get(link.machine)?.name ?? "" : "";
  const heard = link.age === null ? "" : t("lastHeard", { age: roughly(link.age) });
  /** @param {string} text */
  const dated = (text) => heard ? `${text} · ${heard}` : text;
  if (link.status === "connected") {
    return { kind: "ok", text: machine ? t("connectedTo", { machine }) : t("connected") };
  }
  if (link.status === "connecting") return { kind: "busy", text: t("connecting") };
  if (link.status === "silent") {
    return { kind: "busy", text: dated(machine ? t("machineSilent", { machine }) : t("silent")) };
  }
  if (link.status === "reconnecting") return { kind: "busy", text: dated(t("reconnecting")) };
  if (link.status === "machine-offline") {
    return { kind: "bad", text: dated(t("machineOffline", { machine })) };
  }
  if (link.status === "offline") return { kind: "bad", text: dated(t("offline")) };
  const reason = link.reason === "revoked"
    ? t("refusedRevoked")
    : link.reason === "update"
    ? t("refusedUpdate")
    : link.reason === "limit"
    ? t("refusedLimit")
    : t("refused");
  return { kind: "bad", text: reason };
}

/**
 * A line with the state of the link, kept true by itself; a tap dials at once where that helps.
 * @param {Store} store
 * @param {() => string | null} machineOf the machine it speaks of; null for all
 * @param {boolean} [spoken] tells a screen reader when it changes; the age of the last sign is not read each second
 */
export function linkLine(store, machineOf, spoken = false) {
  const dot = el("span", { class: "dot" });
  const text = el("span", { class: "words figures" });
  const retry = el("button", {
    class: "retry link",
    type: "button",
    hidden: true,
    onclick: () => store.actions.reconnect(),
  }, t("tryNow"));
  const node = el(
    "div",
    { class: "linkline", role: "status", "aria-live": "off" },
    dot,
    text,
    retry,
  );
  let told = "";
  const say = () => {
    const link = selectLink(store.state, machineOf() ?? undefined, Date.now());
    const { kind, text: words } = describeLink(store.state, link);
    set(dot, "data-kind", kind);
    if (spoken && link.status !== told) {
      if (told) announce(words);
      told = link.status;
    }
    const trouble = link.status !== "connected" && link.status !== "connecting";
    toggle(node, "trouble", trouble && Date.now() - link.since > LONG);
    const dials = link.status === "offline" || link.status === "reconnecting" ||
      (link.status === "refused" && link.reason !== "revoked");
    retry.hidden = !dials || Date.now() - link.since < LONG;
    return words;
  };
  const show = () => tick(text, say);
  show();
  const stop = store.subscribe((change) => {
    if (["link", "heard", "machine", "machines", "account", "ready"].includes(change.type)) {
      nextFrame(show);
    }
  });
  return { node, stop };
}
