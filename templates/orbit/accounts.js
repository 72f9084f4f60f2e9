// Accounts: made by a claim or an invite link, entered by a passkey. All of it is in the user's own scope, so that a
// link is consumed and the account made in one step.
import { Refusal } from "./errors.js";
import { note } from "./log.js";
import { notedLogins } from "./logins.js";
import { addPasskey, checkAssertion, checkPasskey, maxPasskeys, spend } from "./passkeys.js";
import { liveConnections, machineViews, revokeConnections } from "./presence.js";
import { tellOwner } from "./relay.js";
import { endAllSignins, startSignin } from "./signins.js";
import { unlockCodes, withCode } from "./totp.js";

/** @typedef {import("./ports.d.ts").Transaction} Transaction */
/** @typedef {import("./ids.js").Link} Link */

/**
 * @typedef {object} LinkRecord
 * @property {number} expires
 * @property {string | null} by the name of who made it
 * @property {string | null} [inviter] the user whose list of invites names it
 * @property {string | null} [invite] its id there
 * @property {string} [signin] the sign-in that made it, with which it ends
 */

/** @param {Pick<Link, "kind" | "hash">} link */
const linkKey = ({ kind, hash }) => `link:${kind}:${hash}`;

/** @param {Link["kind"]} kind @returns {boolean} whether it makes an account */
const makesAccount = (kind) => kind === "claim" || kind === "invite";

/**
 * @param {Transaction} tx
 * @param {Link} link
 * @param {string} owner who owns the relay now: an invite is theirs, or it is none
 * @returns {Promise<{record: LinkRecord, account: Account | undefined}>} throws `bad-link`, one answer for whatever is wrong
 */
async function readLinkRecord(tx, link, owner) {
  /** @type {LinkRecord | undefined} */
  const record = await tx.get(linkKey(link));
  const account = await tx.get("account");
  if (!record || makesAccount(link.kind) === (account !== undefined)) throw new Refusal("bad-link");
  if (record.inviter && record.inviter !== owner) throw new Refusal("bad-link");
  return { record, account };
}

/** @typedef {{name: string, created: number}} Account */

/** What the log calls the use of a link. @type {Record<Link["kind"], string>} */
const events = {
  claim: "account-made",
  invite: "account-made",
  device: "device-added",
  recover: "recovered",
};

/** How long a link works that adds a device, or lets a locked-out owner in. In milliseconds. */
const linkTime = { device: 10 * 60 * 1000, recover: 60 * 60 * 1000 };

/**
 * Signs in: the record, and a line in the log.
 * @param {Transaction} tx
 * @param {number} now
 * @param {Account} account
 * @param {{device: string, address: string, by: string}} how
 */
async function enter(tx, now, account, { device, address, by }) {
  await note(tx, now, { what: "signed-in", device, address, by });
  const { id, ended } = await startSignin(tx, { device, address }, now);
  return { name: account.name, signin: id, ended };
}

/**
 * Makes place for one more passkey: who was locked out is not to be kept out by a limit.
 * @param {Transaction} tx
 */
async function spareOne(tx) {
  const passkeys = await tx.list("passkey:");
  if (passkeys.length < maxPasskeys) return;
  passkeys.sort((a, b) => a.value.used - b.value.used);
  tx.delete(passkeys[0].key);
}

/**
 * @param {import("./ports.d.ts").Store} store
 * @param {number} now
 * @param {"device" | "recover"} kind
 * @param {{hash: string, address: string, signin?: string}} link `hash` of its secret part
 */
const makeLink = (store, now, kind, { hash, address, signin }) =>
  store.transact(async (tx) => {
    if (!await tx.get("account")) throw new Refusal("not-found");
    for (const { key } of await tx.list(`link:${kind}:`)) tx.delete(key);
    const expires = now + linkTime[kind];
    tx.set(linkKey({ kind, hash }), { expires, by: null, signin }, expires);
    await note(tx, now, { what: `${kind}-link-made`, address });
    return { expires };
  });

/** @type {Record<string, import("./orbit.js").Operation>} */
export const accountOperations = {
  "link.look": {
    run: ({ store }, { link, owner }) =>
      store.transact(async (tx) => {
        const { record, account } = await readLinkRecord(tx, link, owner);
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
    run: ({ store }, { link, owner }) =>
      store.transact(async (tx) => {
        const { account } = await readLinkRecord(tx, link, owner);
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
      /** @type {Link["kind"]} */
      const kind = link.kind;
      const { account, signin, ended, invite } = await store.transact(async (tx) => {
        const { record: used, account: existing } = await readLinkRecord(tx, link, owner);
        await spend(tx, ceremony);
        tx.delete(linkKey(link));
        const account = existing ?? { name, created: now };
        if (!existing) tx.set("account", account);
        if (kind === "recover") await spareOne(tx);
        await addPasskey(tx, passkey.id, record);
        await unlockCodes(tx);
        await note(tx, now, { what: events[kind], device, address });
        const recovered = kind === "recover" ? await endAllSignins(tx, now) : [];
        const signin = await startSignin(tx, { device, address }, now);
        const ended = [...recovered, ...signin.ended];
        return { account, signin: signin.id, ended, invite: used };
      });
      const view = { id: user, name: account.name, owner: user === owner };
      await revokeConnections(at, ended);
      if (makesAccount(kind)) await tellOwner(at, view);
      return { user: view, signin, inviter: invite.inviter ?? null, invite: invite.invite ?? null };
    },
  },

  /** Answers `known` alone when it fails: the edge has that noted, here or where nobody is. */
  "signin": {
    run: async (at, { assertion, device, address, ceremony, owner }) => {
      const { store, now, user } = at;
      const { known, use } = await checkAssertion(store, assertion, ceremony, now);
      if (!use) return { known };
      const { name, signin, ended } = await store.transact(async (tx) => {
        await use(tx);
        const account = await tx.get("account");
        if (!account) throw new Refusal("bad-passkey");
        await unlockCodes(tx);
        return await enter(tx, now, account, { device, address, by: "passkey" });
      });
      await revokeConnections(at, ended);
      return { user: { id: user, name, owner }, signin };
    },
  },

  /** Signs in with a one-time code. */
  "signin.code": {
    run: async (at, { device, owner, ...given }) => {
      const { now, user } = at;
      const { address } = given;
      const { name, signin, ended } = await withCode(at, given, "strangers", async (tx, by) => {
        const account = await tx.get("account");
        if (!account) throw new Refusal("bad-signin");
        return await enter(tx, now, account, { device, address, by });
      });
      await revokeConnections(at, ended);
      return { user: { id: user, name, owner }, signin };
    },
  },

  /** Makes a link that adds a way in to this account; the one of its kind before is void. */
  "link.make": {
    signin: true,
    fresh: true,
    run: ({ store, now }, { hash, address, sid }) =>
      makeLink(store, now, "device", { hash, address, signin: sid }),
  },

  /** The same for an owner who is locked out; the deploy key asks for it. */
  "link.recover": {
    run: ({ store, now }, { hash, address }) => makeLink(store, now, "recover", { hash, address }),
  },

  "account.rename": {
    signin: true,
    run: ({ store }, { name }) =>
      store.transact(async (tx) => {
        const account = await tx.get("account");
        if (!account) throw new Refusal("signed-out");
        tx.set("account", { ...account, name });
        return { name };
      }),
  },

  /** What the owner's list says of an account; null when there is none. */
  "account.look": {
    run: ({ store }) =>
      store.transact(async (tx) => {
        const account = await tx.get("account");
        if (!account) return null;
        const signins = await tx.list("signin:");
        const seen = Math.max(account.created, ...signins.map(({ value }) => value.seen));
        return { name: account.name, created: account.created, seen };
      }),
  },

  /**
   * Ends an account: from here on nobody comes in. Answers what other scopes know it by. What is interrupted after it is
   * garbage that nobody reaches, and is removed when the owner's list is read: `unmade` spares an account that there is, and
   * one that a link may still make, and answers null.
   */
  "account.close": {
    run: async (at, { unmade }) => {
      const { store } = at;
      const signins = async (/** @type {Transaction} */ tx) => {
        for (const { key } of await tx.list("signin:")) tx.delete(key);
      };
      const spared = await store.transact(async (tx) => {
        if (unmade && (await tx.get("account") || (await tx.list("link:")).length > 0)) return true;
        tx.delete("account");
        await signins(tx);
        return false;
      });
      if (spared) return null;
      await store.transact(async (tx) => {
        // One that was made while these were listed; without an account there is no other.
        await signins(tx);
        for (const { key } of await tx.list("machine:")) tx.delete(key);
      });
      for (const connection of await at.room.list()) {
        await at.room.close(connection, 4001, "revoked");
      }
      return await store.transact(async (tx) => ({
        logins: await notedLogins(tx),
        codes: (await tx.list("code:")).map(({ key }) => key.slice("code:".length)),
      }));
    },
  },

  /** Removes what is left of a closed account, in as many steps as it takes. */
  "account.clear": {
    run: async ({ store }) => {
      while (await store.transact((tx) => tx.clear(100)) > 0);
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
