// What the endpoints of a browser have in common.
import * as field from "./fields.js";
import { readTicket } from "./tokens.js";

/** @typedef {import("./orbit.js").Edge} Edge */
/** @typedef {import("./orbit.js").Who} Who */

/**
 * @typedef {object} Endpoint
 * @property {Record<string, field.Field<unknown>>} take the fields of its body
 * @property {string | ((fields: any) => string)} [counts] failures count against the sign-in (`guess`: the user), or else
 *   the address, under this kind of `allowance`
 * @property {(edge: Edge, fields: any) => Promise<unknown>} [run]
 * @property {boolean} [owner] only the owner of the relay may call it
 * @property {string} [operation] instead of `run`: what runs in the user's scope
 */

export const device = field.name;
export const ticket = field.text(2048);
/** A one-time or recovery code, as typed. */
export const oneTimeCode = field.text(32);

/**
 * @param {Edge} edge
 * @param {string} purpose
 * @param {string} text a ticket
 * @returns {Promise<import("./passkeys.js").Ceremony>} throws `bad-ticket`
 */
export async function ceremony(edge, purpose, text) {
  const { keys, origin, now } = edge;
  return { origin, ...await readTicket(keys, origin, purpose, text, now) };
}

/**
 * @param {Edge} edge
 * @returns {Who} who is signed in; the router has seen to it
 */
export const who = (edge) => /** @type {Who} */ (edge.who);

/**
 * Runs an operation in the scope of the user who is signed in.
 * @param {Edge} edge
 * @param {string} name
 * @param {Record<string, unknown>} [args]
 */
export const own = (edge, name, args = {}) => {
  const { user, signin } = who(edge);
  return edge.call(`user:${user}`, name, { ...args, sid: signin, address: edge.address });
};

/**
 * Before something that cannot be guessed is looked at. Past its limit an address is heard only where it names a user of the
 * relay: each one that is made up has a scope of its own, and the deployer pays for waking it.
 * @param {Edge} edge
 * @param {string} kind of `allowance`
 * @param {string} user
 */
export async function admit({ limits, keys, address }, kind, user) {
  if (limits.isOver(kind, address) && !await keys.isKnown(user)) limits.check(kind, address);
}
