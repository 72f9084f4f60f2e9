// The first page of the settings: who one is, the machines, this browser, and the ways out.
import { call } from "../../account/api.js";
import { t } from "../../words/words.js";
import { inputField } from "../account/field.js";
import { withFresh } from "../account/fresh.js";
import { el, fill } from "../dom.js";
import { go, hashOf } from "../route.js";
import { confirmFirst, openForm, openSheet, openText } from "../sheet.js";
import { lookSection } from "./look.js";
import { machineSection } from "./machines.js";
import { rowButton, rowLink, section, thing, way } from "./section.js";

/** @import { Store } from "../../types.d.ts" */
/** @import { Section } from "./section.js" */

export const title = "settings";

/** @param {Store} store @returns {Section[]} */
export function sections(store) {
  return [accountSection(store), machineSection(store), lookSection(store), leaveSection(store)];
}

/** @param {Store} store */
function accountSection(store) {
  const made = section(t("account"));
  const show = () => {
    const { user } = store.state.account;
    const name = user?.name ?? "";
    const rename = async (/** @type {string} */ text) => {
      await call("/api/account/rename", { name: text });
      await store.actions.refresh();
    };
    /** @param {string} part */
    const to = (part) => hashOf({ page: "settings", part });
    fill(
      made.list,
      thing(
        "user",
        name,
        `${t(user?.owner ? "owner" : "member")} · ${location.host}`,
        way(
          "pencil",
          t("rename"),
          () => openText(t("yourName"), { value: name, save: t("save") }, rename),
        ),
      ),
      rowLink("key", t("security"), to("security"), t("securityHint")),
      user?.owner ? rowLink("agents", t("people"), to("people"), t("peopleHint")) : null,
      rowLink("list", t("activity"), to("log"), t("activityHint")),
    );
  };
  const stop = store.subscribe((change) => change.type === "account" && show());
  show();
  return { node: made.node, stop };
}

/** @param {Store} store */
function leaveSection(store) {
  const made = section("");
  made.list.append(
    rowButton(
      "leave",
      t("signOut"),
      () =>
        confirmFirst(t("signOut"), t("signOutHint"), t("signOut"), () => store.actions.signOut()),
    ),
    rowButton("trash", t("deleteAccount"), () => openDelete(store), "danger"),
  );
  return { node: made.node };
}

/** @param {Store} store */
async function openDelete(store) {
  const { user } = store.state.account;
  if (!user) return;
  if (user.owner && (await call("/api/users/list")).users.length > 1) {
    return openSheet(t("deleteAccount"), (close) =>
      el(
        "div",
        { class: "sheetform" },
        el("p", {}, t("handOverFirst")),
        el("button", {
          class: "button main",
          type: "button",
          onclick: () => {
            close();
            go({ page: "settings", part: "people" });
          },
        }, t("people")),
      ));
  }
  const field = inputField(t("typeName", { name: user.name }), { autocomplete: "off" });
  return openForm(
    t("deleteAccount"),
    [
      el("p", {}, t(user.owner ? "deleteOwnerHint" : "deleteHint")),
      field.node,
    ],
    {
      yes: t("delete"),
      danger: true,
      run: () => {
        if (field.input.value.trim() !== user.name) throw new Error(t("nameDiffers"));
        return withFresh(() => store.actions.signOut("/api/account/delete"));
      },
    },
  );
}
