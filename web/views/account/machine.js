// A machine's name and the fingerprint of its key, to compare with what the terminal shows.
import { t } from "../../words/words.js";
import { el } from "../dom.js";
import { icon } from "../icon.js";
import { visibleText } from "../visible.js";

/** @param {{name: string, fingerprint: string}} machine */
export function machineCard({ name, fingerprint }) {
  return el(
    "div",
    { class: "machine" },
    el("p", { class: "machinename" }, icon("laptop"), el("span", {}, ...visibleText(name))),
    el("p", { class: "kicker" }, t("fingerprint")),
    el(
      "p",
      { class: "fingerprint mono" },
      ...fingerprint.split("-").flatMap((
        part,
        at,
      ) => [at ? el("wbr") : null, at ? `-${part}` : part]),
    ),
    el("p", { class: "note" }, t("compareFingerprint")),
  );
}
