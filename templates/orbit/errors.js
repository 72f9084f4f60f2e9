// What is refused, in one sentence: what happened and what to do next.

/** @type {Record<string, [status: number, message: string]>} */
const refusals = {
  "bad-request": [
    400,
    "The request is not what this address expects: update the page or the program.",
  ],
  "bad-passkey": [403, "This passkey was not accepted: try again, or use another one."],
  "bad-signin": [
    403,
    "The name or the code is wrong, or too many were: wait a while, or use a passkey.",
  ],
  "name-taken": [409, "Someone else signs in under this name: choose another one."],
  "hand-over": [409, "This relay has other users: hand it over to one of them first."],
  "unowned": [409, "This relay has no owner yet: make a claim link instead."],
  "bad-link": [403, "This link is unknown, used or expired: ask for a new one."],
  "bad-ticket": [403, "This took too long or was already used: start again."],
  "bad-code": [404, "This code is unknown or expired: look at the terminal for the current one."],
  "bad-token": [401, "This token was not accepted: sign the machine in again."],
  "unknown-machine": [401, "This machine is not known here, or was revoked: sign it in again."],
  "clock": [401, "The clock of this machine is wrong: use the server's time."],
  "signed-out": [401, "You are signed out: sign in again."],
  "verify-first": [
    403,
    "This needs a fresh check that it is you: verify with your passkey, then try again.",
  ],
  "not-owner": [403, "Only the owner of this relay may do that: ask the owner."],
  "wrong-origin": [403, "This request came from another site: open the relay's own address."],
  "wrong-host": [421, "This relay answers under its own address only: use that one."],
  "not-found": [404, "There is nothing at this address: check it."],
  "wrong-method": [405, "This address wants another method: see the protocol."],
  "too-large": [413, "The request is too large: at most 16 KiB."],
  "limit": [409, "There are too many of these: remove one first."],
  "last-way-in": [409, "This is the last way into the account: add another one first."],
  "owned": [409, "This relay has an owner already: ask them for an invite."],
  "slow-down": [429, "Too many attempts: wait a little, then try again."],
  "failed": [500, "Something went wrong in the relay: try again."],
};

/** A request that is refused with a documented code. */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {{message?: string, extra?: Record<string, unknown>, retryAfter?: number}} [more] `retryAfter` in seconds
   */
  constructor(code, more = {}) {
    const [status, message] = refusals[code] ?? refusals.failed;
    super(more.message ?? message);
    this.code = code;
    this.status = status;
    this.extra = more.extra;
    this.retryAfter = more.retryAfter;
  }

  /** @returns {import("./ports.d.ts").RefusalData} */
  data() {
    const { status, code, message, extra, retryAfter } = this;
    return { status, code, message, extra, retryAfter };
  }

  /**
   * @param {import("./ports.d.ts").RefusalData} data
   * @returns {Refusal}
   */
  static from(data) {
    const { message, extra, retryAfter } = data;
    return new Refusal(data.code, { message, extra, retryAfter });
  }
}
