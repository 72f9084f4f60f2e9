// The tokens that the relay signs: the cookie of a sign-in, the ticket of a ceremony.
import { base64url, randomBytes } from "./encoding.js";
import { Refusal } from "./errors.js";
import { isSignin, isUser } from "./ids.js";
import { readToken, signHS256, verifyHS256 } from "./jwt.js";
import { ticketTime } from "./webauthn.js";

/**
 * A cookie goes to every port of its host (RFC 6265, section 8.5), so relays on two ports need two names: with one, a
 * sign-in at the demo would end the one at the relay beside it.
 * @param {string} origin
 */
export const cookieName = (origin) =>
  ["__Host-signin", new URL(origin).port].filter(Boolean).join("-");
const day = 24 * 60 * 60;
/** The life of a cookie and of an unused sign-in, in seconds. */
export const signinLife = 30 * day;

/** @typedef {ReturnType<typeof import("./relay_state.js").relayState>} Keys */

/**
 * @param {Keys} keys
 * @param {string} origin
 * @param {{user: string, signin: string}} who
 * @param {number} now
 * @returns {Promise<string>} a Set-Cookie header
 */
export async function signinCookie(keys, origin, who, now) {
  const { kid, key } = await keys.signing();
  const iat = Math.floor(now / 1000);
  const claims = { aud: origin, sub: who.user, sid: who.signin, iat, exp: iat + signinLife };
  const token = await signHS256(key, { typ: "signin+jwt", kid }, claims);
  return setCookie(origin, token, signinLife);
}

/** @param {string} origin @returns {string} a Set-Cookie header that removes it */
export const noCookie = (origin) => setCookie(origin, "", 0);

/** @param {string} origin @param {string} value @param {number} age seconds */
const setCookie = (origin, value, age) =>
  `${cookieName(origin)}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${age}`;

/**
 * @param {Keys} keys
 * @param {string} origin
 * @param {string | undefined} text the cookie's value
 * @param {number} now
 * @returns {Promise<{user: string, signin: string, issued: number}>} throws `signed-out`; the record still decides
 */
export async function readSignin(keys, origin, text, now) {
  const claims = await verified(keys, origin, "signin+jwt", text, now);
  if (!claims || !isUser(claims.sub) || !isSignin(claims.sid) || typeof claims.iat !== "number") {
    throw new Refusal("signed-out");
  }
  return { user: claims.sub, signin: claims.sid, issued: claims.iat * 1000 };
}

/**
 * @typedef {object} Ticket
 * @property {string} challenge
 * @property {number} deadline
 */

/**
 * @param {Keys} keys
 * @param {string} origin
 * @param {string} purpose what it may be used for, and by whom
 * @param {number} now
 * @returns {Promise<{ticket: string, challenge: string}>}
 */
export async function newTicket(keys, origin, purpose, now) {
  const { kid, key } = await keys.signing();
  const challenge = base64url(randomBytes(32));
  const exp = Math.floor((now + ticketTime) / 1000);
  const claims = { aud: origin, purpose, jti: challenge, exp };
  return { challenge, ticket: await signHS256(key, { typ: "ticket+jwt", kid }, claims) };
}

/**
 * @param {Keys} keys
 * @param {string} origin
 * @param {string} purpose
 * @param {string} text
 * @param {number} now
 * @returns {Promise<Ticket>} throws `bad-ticket`; whoever uses it consumes the challenge in the user's scope
 */
export async function readTicket(keys, origin, purpose, text, now) {
  const claims = await verified(keys, origin, "ticket+jwt", text, now);
  if (!claims || claims.purpose !== purpose || typeof claims.jti !== "string") {
    throw new Refusal("bad-ticket");
  }
  return { challenge: claims.jti, deadline: Number(claims.exp) * 1000 };
}

/**
 * @param {Keys} keys
 * @param {string} origin
 * @param {string} typ
 * @param {string | undefined} text
 * @param {number} now
 * @returns {Promise<Record<string, unknown> | undefined>} the claims of a token of ours that is still good
 */
async function verified(keys, origin, typ, text, now) {
  const token = readToken(text);
  if (!token || token.header.typ !== typ) return undefined;
  const key = await keys.verifying(token.header.kid);
  if (!key || !await verifyHS256(token, key)) return undefined;
  const { aud, exp } = token.claims;
  return aud === origin && typeof exp === "number" && exp * 1000 > now ? token.claims : undefined;
}
