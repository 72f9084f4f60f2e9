// Who one is, and what may sign in as it.
import {
  addPasskey,
  deviceName,
  listPasskeys,
  listSignins,
  removePasskey,
  renamePasskey,
  revokeSignin,
} from "../../account/account.js";
import { t } from "../../words/words.js";
import { date, roughly } from "../clock.js";
import { openText } from "../sheet.js";
import { attempt, confirmFirst, loadedSection, section, thing, way } from "./section.js";
import { el } from "../dom.js";
import { icon } from "../icon.js";
import { notify } from "../errors.js";

/** @import { Store } from "../../types.d.ts" */

/** @param {Store} store */
export function accountSection(store) {
  const { user } = store.state.account;
  const made = section(t("account"));
  made.list.append(
    thing(
      "user",
      user?.name ?? "",
      [user?.owner ? t("owner") : t("member"), location.host].join(" · "),
    ),
    el(
      "li",
      {},
      el(
        "button",
        {
          class: "thing action",
          type: "button",
          onclick: () =>
            confirmFirst(
              t("signOut"),
              t("signOutHint"),
              t("signOut"),
              () => void store.actions.signOut().catch(notify),
            ),
        },
        icon("leave"),
        t("signOut"),
      ),
    ),
  );
  return { node: made.node };
}

export function passkeySection() {
  return loadedSection(
    t("passkeys"),
    async () => (await listPasskeys()).passkeys,
    (/** @type {any} */ passkey, again) =>
      thing(
        "key",
        passkey.name,
        passkey.used
          ? t("usedAgo", { age: roughly(Date.now() - passkey.used) })
          : t("madeOn", { date: date(passkey.created) }),
        way("pencil", t("rename"), () =>
          void openText(t("rename"), { value: passkey.name, save: t("save") }, (name) =>
            attempt(() =>
              renamePasskey(passkey.id, name), again))),
        way("trash", t("remove"), () =>
          confirmFirst(
            t("removePasskey"),
            t("removePasskeyHint", { name: passkey.name }),
            t("remove"),
            () =>
              attempt(() =>
                removePasskey(passkey.id), again),
          )),
      ),
    {
      hint: t("passkeysHint"),
      action: { text: t("add"), run: (again) => attempt(() => addPasskey(deviceName()), again) },
    },
  );
}

export function signinSection() {
  return loadedSection(
    t("signins"),
    async () => (await listSignins()).signins,
    (/** @type {any} */ signin, again) =>
      thing(
        /iPhone|Android/.test(signin.device) ? "phone" : "laptop",
        signin.device || t("unknownDevice"),
        [
          signin.current ? t("thisOne") : t("seenAgo", { age: roughly(Date.now() - signin.seen) }),
          signin.address,
        ]
          .filter(Boolean).join(" · "),
        signin.current ? null : way("leave", t("endSignin"), () =>
          confirmFirst(
            t("endSignin"),
            t("endSigninHint", { device: signin.device }),
            t("endSignin"),
            () => attempt(() => revokeSignin({ id: signin.id }), again),
          )),
      ),
    {
      hint: t("signinsHint"),
      action: {
        text: t("endAll"),
        run: () =>
          confirmFirst(
            t("endAll"),
            t("endAllHint"),
            t("endAll"),
            () => attempt(() => revokeSignin({ all: true })),
          ),
      },
    },
  );
}
