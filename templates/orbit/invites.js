// Invite links: an invite holds the id of the account it will make, and its record lies in that account's scope. The
// owner's list has an entry for it, which counts only while the record is there.
import { own } from "./endpoint.js";
import { Refusal } from "./errors.js";
import { note } from "./log.js";
import { byAge } from "./presence.js";

/** The most open invites of the owner. */
const maxInvites = 16;
/** The life of an invite, in milliseconds. */
export const inviteTime = 7 * 24 * 60 * 60 * 1000;

/** @typedef {{user: string, hash: string, expires: number, created: number}} Invite the entry in the owner's scope */
/** @typedef {Invite & {id: string}} ListedInvite */

/**
 * Voids every open invite of the owner.
 * @param {import("./orbit.js").Edge} edge
 */
export async function voidInvites(edge) {
  /** @type {ListedInvite[]} */
  const entries = await own(edge, "invites.entries");
  for (const { user, hash } of entries) {
    await edge.call(`user:${user}`, "invite.void", { hash });
  }
}

/** @type {Record<string, import("./orbit.js").Operation>} */
export const inviteOperations = {
  /** Lists an invite before it is made. */
  "invites.note": {
    signin: true,
    fresh: true,
    run: ({ store, now }, { id, user, hash, expires, address }) =>
      store.transact(async (tx) => {
        if ((await tx.list("invite:")).length >= maxInvites) {
          throw new Refusal("limit", {
            message: `There are at most ${maxInvites} open invites: revoke one first.`,
            extra: { limit: "invites" },
          });
        }
        /** @type {Invite} */
        const invite = { user, hash, expires, created: now };
        tx.set(`invite:${id}`, invite, expires);
        await note(tx, now, { what: "invite-made", address });
        return { name: (await tx.get("account")).name };
      }),
  },

  "invites.entries": {
    signin: true,
    run: ({ store }) =>
      store.transact(async (tx) =>
        byAge(await tx.list("invite:")).map(({ key, value }) => ({
          id: key.slice("invite:".length),
          ...value,
        }))
      ),
  },

  /** Takes an invite from the list: `name` used it, or it was revoked. */
  "invites.forget": {
    run: ({ store, now }, { id, name, address }) =>
      store.transact(async (tx) => {
        if (!await tx.get("account")) return;
        tx.delete(`invite:${id}`);
        const what = name ? "invite-used" : "invite-revoked";
        await note(tx, now, { what, name, address });
      }),
  },

  /** In the scope of the account that an invite will make. */
  "invite.make": {
    run: ({ store }, { hash, expires, by, inviter, invite }) =>
      store.transact((tx) => {
        tx.set(`link:invite:${hash}`, { expires, by, inviter, invite }, expires);
        return Promise.resolve({});
      }),
  },

  "invite.known": {
    run: ({ store }, { hash }) =>
      store.transact(async (tx) => (await tx.get(`link:invite:${hash}`)) !== undefined),
  },

  "invite.void": {
    run: ({ store }, { hash }) =>
      store.transact((tx) => Promise.resolve(tx.delete(`link:invite:${hash}`))),
  },
};
