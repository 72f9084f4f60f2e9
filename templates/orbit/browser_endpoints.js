// The endpoints of a browser: section 2 of docs/protocol.md. Each takes a body's fields and asks the scopes; the router
// has checked the origin, the cookie and who may call it.
import { slice } from "./encoding.js";
import { Refusal } from "./errors.js";
import * as field from "./fields.js";
import { newInvite, newSecret, newUser, readLink, readUserCode } from "./ids.js";
import { inviteTime } from "./invites.js";
import { digest } from "./encoding.js";
import { newAssertion, newPasskey, readUserHandle } from "./passkeys.js";
import { newTicket, noCookie, readTicket, signinCookie } from "./tokens.js";
import { creationOptions, requestOptions } from "./webauthn.js";

/** @typedef {import("./orbit.js").Edge} Edge */
/** @typedef {import("./orbit.js").Who} Who */

/**
 * @typedef {object} Endpoint
 * @property {Record<string, field.Field<unknown>>} take the fields of its body
 * @property {string} [counts] failures count against the sign-in, or else the address, under this kind of `allowance`
 * @property {(edge: Edge, fields: any) => Promise<unknown>} [run]
 * @property {boolean} [owner] only the owner of the relay may call it
 * @property {string} [operation] instead of `run`: what runs in the user's scope
 */

/** A cookie older than this is issued anew, in milliseconds. */
const renewAge = 24 * 60 * 60 * 1000;

const device = field.name;
const link = field.text(128);
const ticket = field.text(2048);
const code = field.text(32);

/**
 * @param {string} text
 * @returns {Promise<import("./ids.js").Link>} throws `bad-link`
 */
async function parsed(text) {
  const found = await readLink(text);
  if (!found) throw new Refusal("bad-link");
  return found;
}

/** @param {import("./ids.js").Link} link the purpose of its ticket */
const linkPurpose = ({ kind, user, hash }) => `link ${kind} ${user} ${hash}`;

/**
 * @param {Edge} edge
 * @param {string} purpose
 * @param {string} text
 */
async function ceremony(edge, purpose, text) {
  const { keys, origin, now } = edge;
  return { origin, ...await readTicket(keys, origin, purpose, text, now) };
}

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
      const read = await parsed(fields.link);
      return await edge.call(`user:${read.user}`, "link.look", { link: read });
    },
  },

  "/api/link/options": {
    take: { link, name: field.name },
    counts: "try",
    run: async (edge, fields) => {
      const read = await parsed(fields.link);
      const { keys, origin, now } = edge;
      const { name, exclude } = await edge.call(`user:${read.user}`, "link.prepare", {
        link: read,
      });
      const { ticket, challenge } = await newTicket(keys, origin, linkPurpose(read), now);
      const user = { user: read.user, name: name ?? fields.name };
      return { ticket, publicKey: creationOptions({ origin, challenge, exclude, ...user }) };
    },
  },

  "/api/link/use": {
    take: { link, ticket, name: field.name, device, passkey: newPasskey },
    counts: "try",
    run: async (edge, fields) => {
      const read = await parsed(fields.link);
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
        owner: await edge.keys.isOwner(read.user),
      });
      if (answer.inviter) {
        const { inviter, invite } = answer;
        edge.background(edge.call(`user:${inviter}`, "invites.forget", { id: invite }));
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
      // Nobody's id takes as long as somebody's.
      const user = readUserHandle(assertion.userHandle) ?? newUser();
      const { address } = edge;
      const owner = await edge.keys.isOwner(user);
      const args = { assertion, device, address, ceremony: made, owner };
      return await signedIn(edge, await edge.call(`user:${user}`, "signin", args));
    },
  },
};

/**
 * @param {Edge} edge
 * @returns {Who} who is signed in; the router has seen to it
 */
const who = (edge) => /** @type {Who} */ (edge.who);

/**
 * Runs an operation in the scope of the user who is signed in.
 * @param {Edge} edge
 * @param {string} name
 * @param {Record<string, unknown>} [args]
 */
export const own = (edge, name, args = {}) =>
  edge.call(`user:${who(edge).user}`, name, { ...args, sid: who(edge).signin });

/** @param {Edge} edge @param {string} text @returns {Promise<{scope: string, code: string}>} throws `bad-code` */
async function codeScope(edge, text) {
  const code = readUserCode(text);
  if (!code) throw new Refusal("bad-code");
  await own(edge, "signins.check");
  return { scope: await slice("code", code), code };
}

/** Endpoints that need the cookie. @type {Record<string, Endpoint>} */
export const signedInEndpoints = {
  "/api/me": {
    take: {},
    run: async (edge) => {
      const { user, signin, issued } = who(edge);
      const { keys, origin, now, address, build } = edge;
      const renew = now - issued > renewAge;
      const used = await own(edge, "signins.use", { address, renew });
      const { name, machines } = await own(edge, "me");
      if (renew) edge.cookies.push(await signinCookie(keys, origin, { user, signin }, now));
      const owner = await edge.keys.isOwner(user);
      return { user: { id: user, name, owner }, signin: used, machines, build };
    },
  },

  "/api/signout": {
    take: {},
    run: async (edge) => {
      const answer = await own(edge, "signins.revoke", { id: who(edge).signin });
      edge.cookies.push(noCookie(edge.origin));
      return answer;
    },
  },

  "/api/verify/options": {
    take: {},
    run: async (edge) => {
      const { keys, origin, now } = edge;
      const allow = await own(edge, "passkeys.allow");
      const purpose = `verify ${who(edge).signin}`;
      const { ticket, challenge } = await newTicket(keys, origin, purpose, now);
      return { ticket, publicKey: requestOptions({ origin, challenge, allow }) };
    },
  },

  "/api/verify": {
    take: { ticket, assertion: newAssertion },
    counts: "try",
    run: async (edge, { ticket, assertion }) => {
      const made = await ceremony(edge, `verify ${who(edge).signin}`, ticket);
      return await own(edge, "signins.verify", { assertion, ceremony: made });
    },
  },

  "/api/code/look": {
    take: { code },
    counts: "try",
    run: async (edge, fields) => {
      const { scope, code } = await codeScope(edge, fields.code);
      const { name, fingerprint, expires } = await edge.call(scope, "code.look", { code });
      return { name, fingerprint, expires };
    },
  },

  "/api/code/approve": {
    take: { code },
    counts: "try",
    run: async (edge, fields) => {
      const { scope, code } = await codeScope(edge, fields.code);
      await own(edge, "signins.fresh");
      const { user } = who(edge);
      const { jwk } = await edge.call(scope, "code.key", { code, user });
      const { id } = await own(edge, "machines.place", { jwk });
      const bound = await edge.call(scope, "code.approve", { code, user, machine: id });
      return await own(edge, "machines.add", bound);
    },
  },

  "/api/code/deny": {
    take: { code },
    counts: "try",
    run: async (edge, fields) => {
      const { scope, code } = await codeScope(edge, fields.code);
      return await edge.call(scope, "code.deny", { code });
    },
  },

  "/api/machines/rename": {
    take: { id: field.machine, name: field.name },
    operation: "machines.rename",
  },
  "/api/machines/revoke": { take: { id: field.machine }, operation: "machines.revoke" },

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
      /** @type {(import("./invites.js").Invite & {id: string})[]} */
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
      /** @type {(import("./invites.js").Invite & {id: string})[]} */
      const entries = await own(edge, "invites.entries");
      const entry = entries.find((one) => one.id === id);
      if (!entry) throw new Refusal("not-found");
      await edge.call(`user:${entry.user}`, "invite.void", { hash: entry.hash });
      await own(edge, "invites.forget", { id });
      return {};
    },
  },

  "/api/signins/list": { take: {}, operation: "signins.list" },

  "/api/signins/revoke": {
    take: {
      id: field.optional(field.signin),
      all: field.optional((value) => typeof value === "boolean" ? value : undefined),
    },
    run: async (edge, { id, all }) => {
      if (!all && id === null) throw new Refusal("bad-request");
      const answer = await own(edge, "signins.revoke", { id, all: all === true });
      if (all || id === who(edge).signin) edge.cookies.push(noCookie(edge.origin));
      return answer;
    },
  },

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
};
