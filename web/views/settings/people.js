// Who is on this relay, for its owner: invites, users, and handing the relay over.
import { call } from "../../account/api.js";
import { t } from "../../words/words.js";
import { withFresh } from "../account/fresh.js";
import { date } from "../clock.js";
import { replace } from "../route.js";
import { confirmFirst, openActions } from "../sheet.js";
import { showInvite } from "./links.js";
import { ago, loadedSection, nothing, thing, way } from "./section.js";

/** @import { Store } from "../../types.d.ts" */
/** @import { Section } from "./section.js" */

export const title = "people";

/** @param {Store} store @returns {Section[]} */
export function sections(store) {
  return [inviteSection(), userSection(store)];
}

function inviteSection() {
  return loadedSection(t("invites"), async (again) => {
    const { invites } = await call("/api/invites/list");
    const rows = invites.map((/** @type {any} */ { id, created, expires }) =>
      thing(
        "user",
        t("inviteOf", { date: date(created) }),
        t("expiresOn", { date: date(expires) }),
        way("trash", t("revokeInvite"), () =>
          confirmFirst(t("revokeInvite"), t("revokeInviteHint"), t("remove"), async () => {
            await call("/api/invites/revoke", { id });
            await again();
          })),
      )
    );
    return { rows: rows.length ? rows : [nothing(t("noInvites"))] };
  }, {
    hint: t("invitesHint"),
    action: {
      text: t("invite"),
      run: async (again) => {
        const { link } = await withFresh(() => call("/api/invites/create"));
        void again();
        await showInvite(link);
      },
    },
  });
}

/** @param {Store} store */
function userSection(store) {
  const own = store.state.account.user?.id;
  /** @param {any} user @param {() => Promise<void>} again */
  const row = ({ id, name, created, seen, owner }, again) =>
    thing(
      "user",
      name,
      [
        id === own ? t("itIsYou") : null,
        owner ? t("owner") : null,
        id === own ? t("activeNow") : ago("seenAgo", seen),
        t("sinceDate", { date: date(created) }),
      ].filter(Boolean).join(" · "),
      id === own ? null : way("more", t("menuFor", { title: name }), () =>
        openActions(name, [
          {
            icon: "key",
            text: t("handOver"),
            run: () =>
              void confirmFirst(
                t("handOver"),
                t("handOverHint", { name }),
                t("handOver"),
                async () => {
                  await withFresh(() => call("/api/owner/give", { id }));
                  await store.actions.refresh();
                  replace({ page: "settings" });
                },
              ),
          },
          {
            icon: "trash",
            text: t("removeUser"),
            danger: true,
            run: () =>
              void confirmFirst(
                t("removeUser"),
                t("removeUserHint", { name }),
                t("remove"),
                async () => {
                  await withFresh(() => call("/api/users/remove", { id }));
                  await again();
                },
              ),
          },
        ])),
    );
  return loadedSection(t("users"), async (again, after = null) => {
    const { users, next } = await call("/api/users/list", { after });
    return {
      rows: users.map((/** @type {any} */ user) => row(user, again)),
      next: next ?? undefined,
    };
  }, { hint: t("usersHint") });
}
