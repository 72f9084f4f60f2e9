// The keys that do something.
import { t } from "../words/words.js";
import { el } from "./dom.js";
import { openSheet } from "./sheet.js";

export function showShortcuts() {
  /** @type {[string, string][]} */
  const keys = [
    ["N", t("newTask")],
    ["I", t("inbox")],
    ["L", t("threads")],
    ["/", t("searchThreads")],
    [",", t("settings")],
    ["Enter", t("send")],
    ["Shift Enter", t("keyNewLine")],
    ["!", t("shellCommand")],
    ["Esc", t("close")],
    ["?", t("shortcuts")],
  ];
  void openSheet(t("shortcuts"), () =>
    el(
      "dl",
      { class: "keys" },
      ...keys.flatMap(([key, text]) => [
        el(
          "dt",
          {},
          ...key.split(" ").map((each) => el("kbd", {}, each)),
        ),
        el("dd", {}, text),
      ]),
    ));
}
