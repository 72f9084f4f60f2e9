// What opens the account: passkeys, one-time codes, further devices; and which browsers are signed in.
import { addPasskey, deviceName } from "../../account/account.js";
import { call } from "../../account/api.js";
import { t } from "../../words/words.js";
import { withFresh } from "../account/fresh.js";
import { date } from "../clock.js";
import { confirmFirst, openText } from "../sheet.js";
import { codesSection } from "./codes.js";
import { ago, loadedSection, place, rowButton, section, thing, way } from "./section.js";

/** @import { Section } from "./section.js" */

export const title = "security";

/** Ends a sign-in, unless it has ended by itself. @param {string} id */
const end = (id) =>
  call("/api/signins/revoke", { id }).catch((error) => {
    if (error.code !== "not-found") throw error;
  });

/** @returns {Section[]} */
export function sections() {
  return [passkeySection(), codesSection(), deviceSection(), signinSection()];
}

function passkeySection() {
  /** @param {any} passkey @param {() => Promise<void>} again */
  const row = ({ id, name, created, used }, again) =>
    thing(
      "key",
      name,
      used > created ? ago("usedAgo", used) : t("madeOn", { date: date(created) }),
      way("pencil", t("renameOf", { name }), () =>
        openText(t("rename"), { value: name, save: t("save") }, async (text) => {
          await call("/api/passkeys/rename", { id, name: text });
          await again();
        })),
      way("trash", t("removeOf", { name }), () =>
        confirmFirst(
          t("removePasskey"),
          t("removePasskeyHint", { name }),
          t("remove"),
          async () => {
            await withFresh(() =>
              call("/api/passkeys/remove", { id })
            );
            await again();
          },
        )),
    );
  return loadedSection(t("passkeys"), async (again) => {
    const { passkeys } = await call("/api/passkeys/list");
    return { rows: passkeys.map((/** @type {any} */ passkey) => row(passkey, again)) };
  }, {
    hint: t("passkeysHint"),
    action: {
      text: t("add"),
      run: (again) =>
        openText(
          t("addPasskey"),
          { value: deviceName(), save: t("makePasskey"), note: t("addPasskeyHint") },
          async (name) => {
            try {
              await withFresh(() => addPasskey(name));
            } finally {
              // Also where it failed: it may be that only the answer was lost.
              await again();
            }
          },
        ),
    },
  });
}

function deviceSection() {
  const made = section(t("addDevice"), { hint: t("addDeviceHint") });
  made.list.append(
    rowButton("phone", t("makeDeviceLink"), async () => {
      const made = await withFresh(() => call("/api/devices/link"));
      const { showDeviceLink } = await import("./links.js");
      return showDeviceLink(made);
    }),
  );
  return made;
}

function signinSection() {
  /** @param {any} signin @param {() => Promise<void>} again */
  const row = ({ id, device, created, seen, address, current }, again) => {
    const name = device || t("unknownDevice");
    const made = thing(
      /iPhone|iPad|Android/.test(device) ? "phone" : "laptop",
      name,
      [
        // The relay notes when a page connects, not whether one is there: of this one alone it is known.
        ...current ? [t("thisOne"), t("activeNow")] : [ago("connectedAgo", seen)],
        place(address),
        t("sinceDate", { date: date(created) }),
      ].filter(Boolean).join(" · "),
      current ? null : way("leave", t("endSigninOf", { name }), () =>
        confirmFirst(
          t("endSignin"),
          t("endSigninHint", { device: name }),
          t("endSignin"),
          async () => {
            await end(id);
            await again();
          },
        )),
    );
    if (current) made.setAttribute("aria-current", "true");
    return made;
  };
  const all = loadedSection(t("signins"), async (again) => {
    /** @type {{signins: any[]}} */
    const { signins } = await call("/api/signins/list");
    signins.sort((a, b) => Number(b.current) - Number(a.current) || b.seen - a.seen);
    if (all.button) all.button.hidden = signins.length < 2;
    return { rows: signins.map((signin) => row(signin, again)) };
  }, {
    hint: t("signinsHint"),
    action: {
      text: t("endOthers"),
      run: (again) =>
        confirmFirst(t("endOthers"), t("endOthersHint"), t("endOthers"), async () => {
          try {
            const { signins } = await call("/api/signins/list");
            for (const { id, current } of signins) {
              if (!current) await end(id);
            }
          } finally {
            await again();
          }
        }),
    },
  });
  if (all.button) all.button.hidden = true;
  return all;
}
