// What can be done with a thread: rename, archive, jump to one's own prompts, copy its name.
import { t } from "../words/words.js";
import { announce } from "./dom.js";
import { notify } from "./errors.js";
import { go } from "./route.js";
import { openActions, openText } from "./sheet.js";

/** @import { Store } from "../types.d.ts" */

/** @param {Store} store @param {string} key @param {HTMLElement} [transcript] given where the thread is open */
export function openRowMenu(store, key, transcript) {
  const { state, actions } = store;
  const row = state.rows.get(key);
  const rename = () =>
    void openText(
      t("rename"),
      { value: row?.title ?? "", save: t("save") },
      (name) => actions.rename(key, name),
    );
  const archive = () =>
    void actions.archive(key).then(() => {
      announce(t("archived"));
      if (transcript) go({ page: "list" });
    }).catch(notify);
  void openActions(row?.title || t("untitled"), [
    { icon: "pencil", text: t("rename"), run: rename },
    ...(transcript
      ? [{
        icon: /** @type {const} */ ("list"),
        text: t("outline"),
        run: () =>
          void import("./thread/outline.js").then(({ openOutline }) => openOutline(store, key)),
      }]
      : []),
    row?.archived
      ? {
        icon: "archive",
        text: t("unarchive"),
        run: () => void actions.unarchive(key).catch(notify),
      }
      : { icon: "archive", text: t("archive"), run: archive },
  ]);
}
