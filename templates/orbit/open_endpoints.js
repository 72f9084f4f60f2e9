// The endpoints that any browser may call: section 2 of docs/protocol.md. Each takes a body's fields and asks the scopes;
// the router has checked the origin.
import { admit, ceremony, device, oneTimeCode, ticket } from "./endpoint.js";
import { Refusal } from "./errors.js";
import * as field from "./fields.js";
import { newUser, readLink } from "./ids.js";
import { loginForm, loginScope } from "./logins.js";
import { nobody } from "./nobody.js";
import { newAssertion, newPasskey, readUserHandle } from "./passkeys.js";
import { newTicket, signinCookie } from "./tokens.js";
import { isRecoveryCode } from "./totp.js";
import { creationOptions, requestOptions } from "./webauthn.js";

/** @typedef {import("./orbit.js").Edge} Edge */
/** @typedef {import("./endpoint.js").Endpoint} Endpoint */

const link = field.text(128);

/**
 * @param {Edge} edge
 * @param {string} text
 * @returns {Promise<import("./ids.js").Link>} throws `bad-link`
 */
async function parsed(edge, text) {
  const found = await readLink(text);
  if (!found) throw new Refusal("bad-link");
  await admit(edge, "try", found.user);
  return found;
}

/** @param {import("./ids.js").Link} link the purpose of its ticket */
const linkPurpose = ({ kind, user, hash }) => `link ${kind} ${user} ${hash}`;

/**
 * @param {Edge} edge
 * @param {{user: {id: string}, signin: string}} made
 */
async function signedIn(edge, { user, signin }) {
  const { keys, origin, now } = edge;
  edge.cookies.push(await signinCookie(keys, origin, { user: user.id, signin }, now));
  return { user };
}

/** Endpoints that anyone may call. @type {Record<string, Endpoint>} */
export const openEndpoints = {
  "/api/link/look": {
    take: { link },
    counts: "try",
    run: async (edge, fields) => {
      const read = await parsed(edge, fields.link);
      const { owner } = await edge.keys.recent();
      return await edge.call(`user:${read.user}`, "link.look", { link: read, owner });
    },
  },

  "/api/link/options": {
    take: { link, name: field.name },
    counts: "try",
    run: async (edge, fields) => {
      const read = await parsed(edge, fields.link);
      const { keys, origin, now } = edge;
      const { owner } = await edge.keys.recent();
      const args = { link: read, owner };
      const { name, exclude } = await edge.call(`user:${read.user}`, "link.prepare", args);
      const { ticket, challenge } = await newTicket(keys, origin, linkPurpose(read), now);
      const user = { user: read.user, name: name ?? fields.name };
      return { ticket, publicKey: creationOptions({ origin, challenge, exclude, ...user }) };
    },
  },

  "/api/link/use": {
    take: { link, ticket, name: field.name, device, passkey: newPasskey },
    counts: "try",
    run: async (edge, fields) => {
      const read = await parsed(edge, fields.link);
      const { name, device, passkey } = fields;
      const made = await ceremony(edge, linkPurpose(read), fields.ticket);
      await edge.call("relay", "relay.note", { user: read.user });
      const answer = await edge.call(`user:${read.user}`, "link.use", {
        link: read,
        passkey,
        name,
        device,
        address: edge.address,
        ceremony: made,
        owner: (await edge.keys.fresh()).owner,
      });
      if (answer.inviter) {
        const { inviter, invite, user: { name } } = answer;
        const used = { id: invite, name, address: edge.address };
        // The account is there: should this fail, the entry of a used invite just does not count.
        await edge.call(`user:${inviter}`, "invites.forget", used).catch(() => {});
      }
      return await signedIn(edge, answer);
    },
  },

  "/api/signin/options": {
    take: {},
    run: async ({ keys, origin, now }) => {
      const { ticket, challenge } = await newTicket(keys, origin, "signin", now);
      return { ticket, publicKey: requestOptions({ origin, challenge }) };
    },
  },

  "/api/signin": {
    take: { ticket, assertion: newAssertion, device },
    counts: "try",
    run: async (edge, { ticket, assertion, device }) => {
      const made = await ceremony(edge, "signin", ticket);
      const user = readUserHandle(assertion.userHandle) ?? newUser();
      const { address } = edge;
      await admit(edge, "try", user);
      const owner = await edge.keys.isOwner(user);
      const args = { assertion, device, address, ceremony: made, owner };
      const answer = await edge.call(`user:${user}`, "signin", args);
      if (answer.user) return await signedIn(edge, answer);
      const scope = answer.known ? `user:${user}` : await nobody(user);
      // Past the limit a passkey is still looked at, but a wrong one writes nothing.
      if (!edge.limits.isOver("try", address)) await edge.call(scope, "log.failed", { address });
      throw new Refusal("bad-passkey");
    },
  },

  "/api/signin/code": {
    take: { name: field.text(128), code: oneTimeCode, device },
    counts: ({ code }) => isRecoveryCode(code) ? "recovery" : "one-time",
    run: async (edge, { name, code, device }) => {
      const { address } = edge;
      const login = loginForm(name);
      const found = await edge.call(await loginScope(login), "name.find", { login });
      // Nobody's name takes as long as somebody's, step by step.
      const stranger = await nobody(login);
      const asked = found ? `user:${found.user}` : stranger;
      const known = await edge.call(asked, "totp.known", { login });
      const scope = known ? asked : stranger;
      const owner = await edge.keys.isOwner(found?.user ?? "");
      // Past the limit a recovery code is still looked at, but a wrong one writes nothing.
      const noted = !(isRecoveryCode(code) && edge.limits.isOver("recovery", address));
      const args = { code, device, address, owner, noted };
      return await signedIn(edge, await edge.call(scope, "signin.code", args));
    },
  },
};
