// The endpoints of a signed-in browser: its sign-in, its machines. Section 2 of docs/protocol.md; the router has checked the
// origin and the cookie.
import { slice } from "./encoding.js";
import { ceremony, oneTimeCode, own, ticket, who } from "./endpoint.js";
import { Refusal } from "./errors.js";
import * as field from "./fields.js";
import { readUserCode } from "./ids.js";
import { newAssertion } from "./passkeys.js";
import { newTicket, noCookie, signinCookie } from "./tokens.js";
import { requestOptions } from "./webauthn.js";

/** @typedef {import("./orbit.js").Edge} Edge */
/** @typedef {import("./endpoint.js").Endpoint} Endpoint */

/** A cookie older than this is issued anew, in milliseconds. */
const renewAge = 24 * 60 * 60 * 1000;

const code = field.text(32);

/** @param {Edge} edge @param {string} text @returns {Promise<{scope: string, code: string}>} throws `bad-code` */
async function codeScope(edge, text) {
  const code = readUserCode(text);
  if (!code) throw new Refusal("bad-code");
  await own(edge, "signins.check");
  return { scope: await slice("code", code), code };
}

/** @type {Record<string, Endpoint>} */
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

  "/api/verify/code": {
    take: { code: oneTimeCode },
    counts: "one-time",
    operation: "signins.code",
  },

  "/api/code/look": {
    take: { code },
    counts: "guess",
    run: async (edge, fields) => {
      const { scope, code } = await codeScope(edge, fields.code);
      const { name, fingerprint, expires } = await edge.call(scope, "code.look", { code });
      return { name, fingerprint, expires };
    },
  },

  "/api/code/approve": {
    take: { code },
    counts: "guess",
    run: async (edge, fields) => {
      const { scope, code } = await codeScope(edge, fields.code);
      await own(edge, "signins.fresh");
      const { user } = who(edge);
      const { jwk } = await edge.call(scope, "code.key", { code, user });
      const { id } = await own(edge, "machines.place", { jwk });
      const bound = await edge.call(scope, "code.approve", { code, user, machine: id });
      return await own(edge, "machines.add", { ...bound, code });
    },
  },

  "/api/code/deny": {
    take: { code },
    counts: "guess",
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
};
