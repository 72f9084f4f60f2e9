// The endpoints for an account: its passkeys, one-time codes, links and log. Section 2 of docs/protocol.md.
import { digest, slice } from "./encoding.js";
import { ceremony, oneTimeCode, own, ticket, who } from "./endpoint.js";
import { Refusal } from "./errors.js";
import * as field from "./fields.js";
import { newSecret, newUser } from "./ids.js";
import { voidInvites } from "./invites.js";
import { dropName, loginForm, settleNames, takeName } from "./logins.js";
import { newPasskey } from "./passkeys.js";
import { newTicket, noCookie } from "./tokens.js";
import { creationOptions } from "./webauthn.js";

/** @typedef {import("./orbit.js").Edge} Edge */
/** @typedef {import("./endpoint.js").Endpoint} Endpoint */

/**
 * Removes an account with every record there is of it. Its place in the list of users goes last: until then, what was
 * interrupted is done again.
 * @param {Edge} edge
 * @param {string} user
 * @param {{unmade?: boolean}} [which] `unmade`: only one that was noted, and can never be made any more
 */
export async function eraseAccount(edge, user, which = {}) {
  const closed = await edge.call(`user:${user}`, "account.close", which);
  if (!closed) return;
  const { logins, codes } = closed;
  for (const login of logins) await dropName(edge, user, login);
  for (const code of codes) await edge.call(await slice("code", code), "code.drop", { code, user });
  await edge.call(`user:${user}`, "account.clear", {});
  await edge.call("relay", "relay.forget", { user });
}

/**
 * Lets the relay go before its owner does; throws `hand-over` while it has other users.
 * @param {Edge} edge
 */
async function release(edge) {
  const { user } = who(edge);
  /** @type {{id: string}[]} */
  const users = await edge.call("relay", "relay.users", {});
  for (const { id } of users) {
    if (id !== user && await edge.call(`user:${id}`, "account.look", {})) {
      throw new Refusal("hand-over");
    }
  }
  await voidInvites(edge);
  await edge.call("relay", "relay.give", { from: user, to: newUser() });
  await edge.keys.fresh();
}

/** @type {Record<string, Endpoint>} */
export const accountEndpoints = {
  "/api/passkeys/list": { take: {}, operation: "passkeys.list" },

  "/api/passkeys/options": {
    take: {},
    run: async (edge) => {
      const { keys, origin, now } = edge;
      const { user, signin } = who(edge);
      const { name, exclude } = await own(edge, "passkeys.prepare");
      const { ticket, challenge } = await newTicket(keys, origin, `passkey ${signin}`, now);
      return { ticket, publicKey: creationOptions({ origin, challenge, user, name, exclude }) };
    },
  },

  "/api/passkeys/add": {
    take: { ticket, name: field.name, passkey: newPasskey },
    counts: "try",
    run: async (edge, { ticket, name, passkey }) => {
      const made = await ceremony(edge, `passkey ${who(edge).signin}`, ticket);
      return await own(edge, "passkeys.add", { name, passkey, ceremony: made });
    },
  },

  "/api/passkeys/rename": {
    take: { id: field.encoded(1023), name: field.name },
    operation: "passkeys.rename",
  },

  "/api/passkeys/remove": { take: { id: field.encoded(1023) }, operation: "passkeys.remove" },

  "/api/totp/look": { take: {}, operation: "totp.look" },

  "/api/totp/options": {
    take: {},
    run: async (edge) => {
      const { secret, name } = await own(edge, "totp.prepare");
      const issuer = new URL(edge.origin).hostname;
      const label = encodeURIComponent(`${issuer}:${name}`);
      const uri = `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
      return { secret, uri, name };
    },
  },

  "/api/totp/add": {
    take: { code: oneTimeCode, name: field.name },
    counts: "try",
    run: async (edge, { code, name }) => {
      const { user } = who(edge);
      const login = loginForm(name);
      const { id, current } = await own(edge, "totp.begin", { code, login });
      let taken;
      try {
        taken = await takeName(edge, user, login);
        return await own(edge, "totp.add", { id, code, login });
      } catch (error) {
        if (taken !== undefined && login !== current) await dropName(edge, user, login, taken);
        throw error;
      } finally {
        // Should this fail, what is not used waits for the next change; nobody is kept from it.
        await settleNames(edge, user, id).catch(() => {});
      }
    },
  },

  "/api/totp/remove": {
    take: {},
    run: async (edge) => {
      const { id } = await own(edge, "totp.remove");
      await settleNames(edge, who(edge).user, id);
      return {};
    },
  },

  "/api/recovery/renew": { take: {}, operation: "totp.renew" },

  "/api/devices/link": {
    take: {},
    run: async (edge) => {
      const secret = newSecret();
      const { expires } = await own(edge, "link.make", { hash: await digest(secret) });
      return { link: `device.${who(edge).user}.${secret}`, expires };
    },
  },

  "/api/log": { take: {}, operation: "log.read" },

  "/api/account/rename": { take: { name: field.name }, operation: "account.rename" },

  "/api/account/delete": {
    take: {},
    run: async (edge) => {
      await own(edge, "signins.fresh");
      const { user } = who(edge);
      if ((await edge.keys.fresh()).owner === user) await release(edge);
      await eraseAccount(edge, user);
      edge.cookies.push(noCookie(edge.origin));
      return {};
    },
  },
};
