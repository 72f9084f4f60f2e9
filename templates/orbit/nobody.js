// Scopes that stand in for users who do not exist. A sign-in as nobody asks the same questions there and leaves the same
// traces as a wrong one leaves with somebody, so that the time of the answer does not tell one from the other.
import { slice } from "./encoding.js";

const kind = "nobody";

/**
 * @param {string} name a user's id, or a sign-in name
 * @returns {Promise<string>} one of 16 scopes, always the same for a name
 */
export const nobody = async (name) => (await slice(kind, name)).slice(0, -1);

/** @param {string} scope */
export const isNobody = (scope) => scope.startsWith(`${kind}:`);
