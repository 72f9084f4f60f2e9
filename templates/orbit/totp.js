// One-time codes: TOTP (RFC 6238, SHA-1, 6 digits, 30 s) and recovery codes, which work once each. They are a way in for
// those who have no passkey at hand; since a code is short, an account lets few wrong ones pass.
import { base32, digest, randomBytes } from "./encoding.js";
import { Refusal } from "./errors.js";
import { randomLetters, readLetters } from "./ids.js";
import { note, noteFailure } from "./log.js";
import { lease, noteLogin } from "./logins.js";
import { isNobody } from "./nobody.js";

/** The length of a step, in milliseconds. */
const step = 30_000;
/** How many wrong codes lock an account's codes for the first time. */
const tries = 5;
/** The first lock; each further one is twice as long, up to a day. In milliseconds. */
const firstLock = 15 * 60 * 1000;
const longestLock = 24 * 60 * 60 * 1000;
/** After so many wrong codes in a row they stay locked until the user comes in another way. */
const mostFailures = 100;
/** The life of a secret that was not confirmed, in milliseconds. */
const pendingTime = 10 * 60 * 1000;
/** How many recovery codes there are. */
export const recoveryCodes = 10;

/** @typedef {import("./ports.d.ts").Transaction} Transaction */

/**
 * @typedef {object} Totp the record
 * @property {string} secret hexadecimal
 * @property {string | null} login the sign-in name
 * @property {number} last the last step whose code was used
 * @property {Tries} strangers wrong codes of those who want to sign in
 * @property {Tries} own wrong codes of those who are signed in: strangers do not keep them from verifying
 */

/**
 * @typedef {object} Tries
 * @property {number} failures in a row
 * @property {number} until locked until then
 */

const noTries = { failures: 0, until: 0 };
/** What opens what was locked. */
const unlocked = { strangers: noTries, own: noTries };

/**
 * @param {Uint8Array<ArrayBuffer>} secret
 * @param {number} counter
 * @returns {Promise<string>} 6 digits (RFC 4226 section 5.3)
 */
export async function hotp(secret, counter) {
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const message = new DataView(new ArrayBuffer(8));
  message.setBigUint64(0, BigInt(counter));
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, message));
  const value = mac.getUint32(mac.getUint8(19) & 15) & 0x7fffffff;
  return String(value % 1_000_000).padStart(6, "0");
}

/**
 * @param {Uint8Array<ArrayBuffer>} secret
 * @param {string} code
 * @param {number} now
 * @param {number} last the last step that was used
 * @returns {Promise<number | undefined>} the step of the code, if it is of this one or a neighbour and later than `last`
 */
export async function acceptedStep(secret, code, now, last) {
  const current = Math.floor(now / step);
  let found;
  for (const counter of [current - 1, current, current + 1]) {
    const fits = await hotp(secret, counter) === code;
    if (fits && counter > last) found = counter;
  }
  return found;
}

/** @returns {string} `XXXX-XXXX-XXXX`, 51 bits */
const newRecoveryCode = () => randomLetters(12).replace(/(.{4})(?=.)/g, "$1-");

/** @param {string} code as typed @returns {boolean} whether it is a recovery code, and no one-time code, right or wrong */
export const isRecoveryCode = (code) => readLetters(code, 12) !== undefined;

/** @param {string} code as typed */
const recoveryHash = (code) => digest(readLetters(code, 12) ?? "");

/** @param {Transaction} tx @returns {Promise<string[]>} new recovery codes in the place of those there were */
async function renewRecovery(tx) {
  for (const { key } of await tx.list("recovery:")) tx.delete(key);
  const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
  for (const code of codes) tx.set(`recovery:${await recoveryHash(code)}`, true);
  return codes;
}

/** What nobody's code is compared with. @type {Totp} */
const decoy = { secret: "00".repeat(20), login: null, last: 0, ...unlocked };

/** @param {string} hex */
const fromHex = (hex) => Uint8Array.fromHex(hex);

/**
 * Uses up a code of the account, or counts a wrong one.
 *
 * A recovery code cannot be guessed (51 bits), so no lock keeps it out, and a wrong one locks nothing. A lock makes no
 * difference to what is read and written: nobody can tell by the time whether there is one.
 * @param {Transaction} tx
 * @param {number} now
 * @param {Totp} totp the record
 * @param {string} code a TOTP or a recovery code, as typed
 * @param {"strangers" | "own"} whose tries it counts as
 * @returns {Promise<{by?: "code" | "recovery", next: Totp}>} what it was, and the record to write; no `by` when it is wrong
 *   or codes are locked
 */
async function useCode(tx, now, totp, code, whose) {
  if (isRecoveryCode(code)) {
    const key = `recovery:${await recoveryHash(code)}`;
    if (!await tx.get(key)) return { next: totp };
    tx.delete(key);
    return { by: "recovery", next: { ...totp, ...unlocked } };
  }
  const digits = code.replace(/\s/g, "");
  const last = await acceptedStep(fromHex(totp.secret), digits, now, totp.last);
  const { failures, until } = totp[whose];
  if (until > now || failures >= mostFailures) return { next: totp };
  if (last !== undefined) return { by: "code", next: { ...totp, last, ...unlocked } };
  return { next: { ...totp, [whose]: oneMore(totp[whose], now) } };
}

/** @param {Tries} before @param {number} now @returns {Tries} after one more wrong code */
function oneMore({ failures: before, until }, now) {
  const failures = before + 1;
  const lock = Math.min(longestLock, firstLock * 2 ** (Math.floor(failures / tries) - 1));
  return { failures, until: failures % tries === 0 ? now + lock : until };
}

/**
 * Opens codes that were locked: the user came in another way.
 * @param {Transaction} tx
 */
export async function unlockCodes(tx) {
  /** @type {Totp | undefined} */
  const record = await tx.get("totp");
  if (record && record.strangers.failures + record.own.failures > 0) {
    tx.set("totp", { ...record, ...unlocked });
  }
}

/**
 * @param {Transaction} tx
 * @param {string} code of the secret that was made last
 * @param {number} now
 * @returns {Promise<{secret: string, last: number}>} the secret and the code's step; throws `bad-signin`
 */
async function confirmed(tx, code, now) {
  const pending = await tx.get("totp-pending");
  const last = pending &&
    await acceptedStep(fromHex(pending.secret), code.replace(/\s/g, ""), now, 0);
  if (!last) throw new Refusal("bad-signin");
  return { secret: pending.secret, last };
}

/** @type {Record<string, import("./orbit.js").Operation>} */
export const totpOperations = {
  "totp.look": {
    signin: true,
    run: ({ store }) =>
      store.transact(async (tx) => {
        const totp = await tx.get("totp");
        const recovery = (await tx.list("recovery:")).length;
        return { on: totp !== undefined, login: totp?.login ?? null, recovery };
      }),
  },

  /** Makes a secret; it counts once a code of it was given. */
  "totp.prepare": {
    signin: true,
    fresh: true,
    run: ({ store, now }) =>
      store.transact(async (tx) => {
        const bytes = randomBytes(20);
        tx.set("totp-pending", { secret: bytes.toHex() }, now + pendingTime);
        return { secret: base32(bytes), name: (await tx.get("account")).name };
      }),
  },

  /** Begins to turn codes on: with a first one, so that only who has the secret takes a name. */
  "totp.begin": {
    signin: true,
    fresh: true,
    run: ({ store, now }, { code, login }) =>
      store.transact(async (tx) => {
        await confirmed(tx, code, now);
        const id = await lease(tx, now);
        await noteLogin(tx, login);
        return { id, current: (await tx.get("totp"))?.login ?? null };
      }),
  },

  /** Turns codes on, while the lease lasts in which the name was taken. */
  "totp.add": {
    signin: true,
    fresh: true,
    run: ({ store, now }, { id, code, login, address }) =>
      store.transact(async (tx) => {
        if (await tx.get("naming") !== id) throw new Refusal("name-taken");
        const { secret, last } = await confirmed(tx, code, now);
        tx.delete("totp-pending");
        /** @type {Totp} */
        const record = { secret, login, last, ...unlocked };
        tx.set("totp", record);
        await note(tx, now, { what: "codes-on", address });
        return { recovery: await renewRecovery(tx) };
      }),
  },

  "totp.renew": {
    signin: true,
    fresh: true,
    run: ({ store, now }, { address }) =>
      store.transact(async (tx) => {
        if (!await tx.get("totp")) throw new Refusal("not-found");
        await note(tx, now, { what: "recovery-renewed", address });
        return { recovery: await renewRecovery(tx) };
      }),
  },

  /** Turns codes off; answers the lease in which the name is to be given up. */
  "totp.remove": {
    signin: true,
    fresh: true,
    run: ({ store, now }, { address }) =>
      store.transact(async (tx) => {
        const totp = await tx.get("totp");
        if (!totp) throw new Refusal("not-found");
        if ((await tx.list("passkey:")).length === 0) throw new Refusal("last-way-in");
        const id = await lease(tx, now);
        tx.delete("totp");
        for (const { key } of await tx.list("recovery:")) tx.delete(key);
        await note(tx, now, { what: "codes-off", address });
        return { id };
      }),
  },

  /** Whether the account signs in under that name. */
  "totp.known": {
    run: ({ store }, { login }) =>
      store.transact(async (tx) => (await tx.get("totp"))?.login === login),
  },
};

/**
 * @typedef {object} Given
 * @property {string} code as typed
 * @property {string} address
 * @property {boolean} noted whether the log is told when it is wrong
 */

/**
 * Uses a code or throws `bad-signin`; a wrong one is counted and logged.
 * @template T
 * @param {import("./orbit.js").At} at
 * @param {Given} given
 * @param {"strangers" | "own"} whose tries it counts as
 * @param {(tx: Transaction, by: "code" | "recovery") => Promise<T>} then what it allows, in the same transaction
 * @returns {Promise<T>}
 */
export async function withCode(at, { code, address, noted }, whose, then) {
  const { store, now, scope } = at;
  const answer = await store.transact(async (tx) => {
    /** @type {Totp | undefined} */
    const totp = await tx.get("totp") ?? (isNobody(scope) ? decoy : undefined);
    if (!totp) return undefined;
    const { by, next } = await useCode(tx, now, totp, code, whose);
    const right = by && !isNobody(scope);
    if (right || noted) tx.set("totp", next);
    if (right) return { value: await then(tx, by) };
    if (noted) await noteFailure(tx, at, address);
    return undefined;
  });
  if (!answer) throw new Refusal("bad-signin");
  return answer.value;
}
