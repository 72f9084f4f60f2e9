// The endpoints of the relay's owner: who may join, who is here. Section 2 of docs/protocol.md; the router has checked that it
// is the owner.
import { eraseAccount } from "./account_endpoints.js";
import { digest } from "./encoding.js";
import { own, who } from "./endpoint.js";
import { Refusal } from "./errors.js";
import * as field from "./fields.js";
import { isUser, newInvite, newSecret, newUser } from "./ids.js";
import { inviteTime, voidInvites } from "./invites.js";

/** @typedef {import("./orbit.js").Edge} Edge */
/** @typedef {import("./endpoint.js").Endpoint} Endpoint */
/** @typedef {import("./invites.js").ListedInvite} ListedInvite */

/** How many users a page of the list has. */
const pageSize = 50;
/** How long a note stays without an account, at least, in milliseconds. */
const makingTime = 24 * 60 * 60 * 1000;

/** @type {field.Field<string>} */
const userId = (value) => isUser(value) ? value : undefined;

/**
 * @param {Edge} edge
 * @param {string} id
 * @returns {Promise<{name: string}>} throws `not-found` unless it is another user of the relay
 */
async function otherUser(edge, id) {
  /** @type {{id: string}[]} */
  const users = await edge.call("relay", "relay.users", {});
  const listed = id !== who(edge).user && users.some((one) => one.id === id);
  const account = listed ? await edge.call(`user:${id}`, "account.look", {}) : null;
  if (!account) throw new Refusal("not-found");
  return account;
}

/** @type {Record<string, Endpoint>} */
export const ownerEndpoints = {
  "/api/invites/create": {
    take: {},
    owner: true,
    run: async (edge) => {
      const inviter = who(edge).user;
      const user = newUser();
      const secret = newSecret();
      const id = newInvite();
      const hash = await digest(secret);
      const expires = edge.now + inviteTime;
      const { name } = await own(edge, "invites.note", { id, user, hash, expires });
      const made = { hash, expires, by: name, inviter, invite: id };
      await edge.call(`user:${user}`, "invite.make", made);
      return { link: `invite.${user}.${secret}`, id, expires };
    },
  },

  "/api/invites/list": {
    take: {},
    owner: true,
    run: async (edge) => {
      /** @type {ListedInvite[]} */
      const entries = await own(edge, "invites.entries");
      const open = await Promise.all(
        entries.map(({ user, hash }) => edge.call(`user:${user}`, "invite.known", { hash })),
      );
      const invites = entries.filter((_, index) => open[index])
        .map(({ id, expires, created }) => ({ id, expires, created }));
      return { invites };
    },
  },

  "/api/invites/revoke": {
    take: { id: field.text(32) },
    owner: true,
    run: async (edge, { id }) => {
      /** @type {ListedInvite[]} */
      const entries = await own(edge, "invites.entries");
      const entry = entries.find((one) => one.id === id);
      if (!entry) throw new Refusal("not-found");
      await edge.call(`user:${entry.user}`, "invite.void", { hash: entry.hash });
      await own(edge, "invites.forget", { id });
      return {};
    },
  },

  "/api/users/list": {
    take: { after: field.optional(userId) },
    owner: true,
    run: async (edge, { after }) => {
      /** @type {{id: string, noted: number}[]} */
      const all = await edge.call("relay", "relay.users", {});
      all.sort((a, b) => a.noted - b.noted);
      const rest = all.slice(all.findIndex(({ id }) => id === after) + 1);
      const page = rest.slice(0, pageSize);
      const { owner } = await edge.keys.state();
      const users = await Promise.all(page.map(async ({ id, noted }) => {
        const account = await edge.call(`user:${id}`, "account.look", {});
        if (account) return { id, ...account, owner: id === owner };
        if (edge.now - noted > makingTime) await eraseAccount(edge, id, { unmade: true });
        return undefined;
      }));
      const next = rest.length > page.length ? page[page.length - 1].id : null;
      return { users: users.filter((user) => user !== undefined), next };
    },
  },

  "/api/users/remove": {
    take: { id: userId },
    owner: true,
    run: async (edge, { id }) => {
      await own(edge, "signins.fresh");
      const { name } = await otherUser(edge, id);
      await eraseAccount(edge, id);
      await own(edge, "log.note", { event: { what: "user-removed", name, address: edge.address } });
      return {};
    },
  },

  "/api/owner/give": {
    take: { id: userId },
    owner: true,
    run: async (edge, { id }) => {
      await own(edge, "signins.fresh");
      const { name } = await otherUser(edge, id);
      await voidInvites(edge);
      await own(edge, "log.note", { event: { what: "handed-over", name, address: edge.address } });
      await edge.call("relay", "relay.give", { from: who(edge).user, to: id });
      await edge.keys.fresh();
      return {};
    },
  },
};
