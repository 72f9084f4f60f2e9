// Accounts: made by a claim or an invite link, entered by a passkey. All of it is in the user's own scope, so that a
// link is consumed and the account made in one step.
import { Refusal } from "./errors.js";
import { addPasskey, checkAssertion, checkPasskey, spend } from "./passkeys.js";
import { liveConnections, machineViews, revokeConnections } from "./presence.js";
import { tellOwner } from "./relay.js";
import { endAllSignins, startSignin } from "./signins.js";

/** @typedef {import("./ports.d.ts").Transaction} Transaction */
/** @typedef {import("./ids.js").Link} Link */

/**
 * @typedef {object} LinkRecord
 * @property {number} expires
 * @property {string | null} by the name of who made it
 * @property {string | null} [inviter] the user whose list of invites names it
 * @property {string | null} [invite] its id there
 */

/** @param {Pick<Link, "kind" | "hash">} link */
export const linkKey = ({ kind, hash }) => `link:${kind}:${hash}`;

/** @param {Link["kind"]} kind @returns {boolean} whether it makes an account */
const makesAccount = (kind) => kind === "claim" || kind === "invite";

/**
 * @param {Transaction} tx
 * @param {Link} link
 * @returns {Promise<{record: LinkRecord, account: Account | undefined}>} throws `bad-link`, one answer for whatever is wrong
 */
async function readLinkRecord(tx, link) {
  const record = await tx.get(linkKey(link));
  const account = await tx.get("account");
  if (!record || makesAccount(link.kind) === (account !== undefined)) throw new Refusal("bad-link");
  return { record, account };
}

/** @typedef {{name: string, created: number}} Account */

/** @type {Record<string, import("./orbit.js").Operation>} */
export const accountOperations = {
  "link.look": {
    run: ({ store }, { link }) =>
      store.transact(async (tx) => {
        const { record, account } = await readLinkRecord(tx, link);
        const [machine] = link.kind === "claim" ? await tx.list("machine:") : [];
        return {
          kind: link.kind,
          expires: record.expires,
          machine: machine
            ? { name: machine.value.name, fingerprint: machine.value.fingerprint }
            : null,
          by: record.by ?? account?.name ?? null,
        };
      }),
  },

  "link.prepare": {
    run: ({ store }, { link }) =>
      store.transact(async (tx) => {
        const { account } = await readLinkRecord(tx, link);
        const passkeys = await tx.list("passkey:");
        return {
          name: account?.name ?? null,
          exclude: passkeys.map(({ key }) => key.slice("passkey:".length)),
        };
      }),
  },

  /** Consumes a link: makes the account or adds a way in, and signs the browser in. */
  "link.use": {
    run: async (at, { link, passkey, name, device, address, ceremony, owner }) => {
      const { store, now, user } = at;
      const record = await checkPasskey(passkey, ceremony, device, now);
      const made = makesAccount(link.kind);
      const { account, signin, ended, invite } = await store.transact(async (tx) => {
        const { record: used, account: existing } = await readLinkRecord(tx, link);
        await spend(tx, ceremony);
        tx.delete(linkKey(link));
        const account = existing ?? { name, created: now };
        if (!existing) tx.set("account", account);
        await addPasskey(tx, passkey.id, record);
        const recovered = link.kind === "recover" ? await endAllSignins(tx, now) : [];
        const signin = await startSignin(tx, { device, address }, now);
        const ended = [...recovered, ...signin.ended];
        return { account, signin: signin.id, ended, invite: used };
      });
      const view = { id: user, name: account.name, owner };
      await revokeConnections(at, ended);
      if (made) await tellOwner(at, view);
      return { user: view, signin, inviter: invite.inviter ?? null, invite: invite.invite ?? null };
    },
  },

  "signin": {
    run: async (at, { assertion, device, address, ceremony, owner }) => {
      const { store, now, user } = at;
      const use = await checkAssertion(store, assertion, ceremony, now);
      const { name, signin, ended } = await store.transact(async (tx) => {
        await use(tx);
        const account = await tx.get("account");
        if (!account) throw new Refusal("bad-passkey");
        const { id, ended } = await startSignin(tx, { device, address }, now);
        return { name: account.name, signin: id, ended };
      });
      await revokeConnections(at, ended);
      return { user: { id: user, name, owner }, signin };
    },
  },

  "me": {
    signin: true,
    run: async (at) => {
      const { account, machines } = await at.store.transact(async (tx) => ({
        account: await tx.get("account"),
        machines: await tx.list("machine:"),
      }));
      return {
        name: account.name,
        machines: machineViews(machines, await liveConnections(at)),
      };
    },
  },
};
