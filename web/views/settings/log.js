// What happened to the account, in sentences: the newest first, under its day.
import { call } from "../../account/api.js";
import { dateLocale, known, t } from "../../words/words.js";
import { el } from "../dom.js";
import { loadedSection, nothing, place, thing } from "./section.js";

/** @import { IconName } from "../icon.js" */
/** @import { Section } from "./section.js" */

export const title = "activity";

/** So many are shown before one asks for more. */
const PAGE = 50;

/** @returns {Section[]} */
export function sections() {
  /** @type {any[]} */
  let entries = [];
  return [
    loadedSection("", async (_, from = 0) => {
      if (from === 0) ({ entries } = await call("/api/log"));
      if (entries.length === 0) return { rows: [nothing(t("noActivity"))] };
      const rows = [];
      for (let at = from; at < Math.min(from + PAGE, entries.length); at++) {
        const day = dayOf(entries[at].time);
        if (at === 0 || day !== dayOf(entries[at - 1].time)) {
          rows.push(el("li", { class: "day" }, el("h2", {}, day)));
        }
        rows.push(row(entries[at]));
      }
      return { rows, next: from + PAGE < entries.length ? from + PAGE : undefined };
    }, { hint: t("activityNote") }),
  ];
}

/** @param {any} entry */
function row({ what, by, name, count, device, address, time }) {
  const values = { name: name ?? "" };
  const plain = known("log", what, String(what), values);
  const made = thing(
    iconOf(what),
    by ? known("log", `${what}_${by}`, plain, values) : plain,
    [
      new Date(time).toLocaleTimeString(dateLocale(), { timeStyle: "short" }),
      count > 1 ? t("nTimes", { n: count }) : null,
      device,
      place(address),
    ].filter(Boolean).join(" · "),
  );
  if (what === "sign-in-failed") made.classList.add("warns");
  return made;
}

/** @param {string} what @returns {IconName} */
function iconOf(what) {
  if (what === "sign-in-failed") return "warning";
  if (/^machine/.test(what)) return "laptop";
  if (/^passkey|recover|codes/.test(what)) return "key";
  if (/device/.test(what)) return "phone";
  return /^signed-out/.test(what) ? "leave" : "user";
}

/** @param {number} time */
const dayOf = (time) =>
  new Date(time).toLocaleDateString(dateLocale(), {
    weekday: "long",
    day: "numeric",
    month: "long",
  });
