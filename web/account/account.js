// The ceremonies of an account: links, signing in, passkeys (WebAuthn level 3). What needs none is a plain `call`.
import { ApiError, call, toBase64url } from "./api.js";

/** @param {string} text base64url @returns {Uint8Array<ArrayBuffer>} */
export function fromBase64url(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

/** The JSON form of creation or request options to what the browser takes. @param {any} options @returns {any} */
export function parseOptions(options) {
  const credential = (/** @type {any} */ entry) => ({ ...entry, id: fromBase64url(entry.id) });
  return {
    ...options,
    challenge: fromBase64url(options.challenge),
    ...(options.user && { user: { ...options.user, id: fromBase64url(options.user.id) } }),
    ...(options.excludeCredentials &&
      { excludeCredentials: options.excludeCredentials.map(credential) }),
    ...(options.allowCredentials && { allowCredentials: options.allowCredentials.map(credential) }),
  };
}

/** A word for this browser in the list of sign-ins. */
export function deviceName() {
  const agent = globalThis.navigator?.userAgent ?? "";
  const system = /iPhone|iPad|Android|Windows|Mac OS|CrOS|Linux/.exec(agent)?.[0] ?? "";
  const browser = /Firefox|Edg|OPR|Chrome|Safari/.exec(agent)?.[0] ?? "Browser";
  const names = /** @type {Record<string, string>} */ ({
    Edg: "Edge",
    OPR: "Opera",
    "Mac OS": "macOS",
    CrOS: "ChromeOS",
  });
  return [names[browser] ?? browser, names[system] ?? system].filter(Boolean).join(", ");
}

/** Whether this browser can have passkeys at all (secure context and WebAuthn). */
export const canUsePasskeys = () => typeof globalThis.PublicKeyCredential === "function";

/** The browser's refusals as codes. @param {unknown} error @returns {never} */
function refuse(error) {
  const name = error instanceof DOMException ? error.name : "";
  const codes = /** @type {Record<string, [string, string]>} */ ({
    NotAllowedError: [
      "passkey-cancelled",
      "The passkey dialog was closed or took too long; try again.",
    ],
    AbortError: ["passkey-cancelled", "The passkey dialog was closed; try again."],
    InvalidStateError: [
      "passkey-known",
      "This device has a passkey for this account already; sign in with it.",
    ],
    NotSupportedError: [
      "passkey-unsupported",
      "This device cannot make such a passkey; use another one.",
    ],
    SecurityError: [
      "passkey-origin",
      "The browser makes no passkeys for this address; open the relay's own address.",
    ],
  });
  const [code, message] = codes[name] ??
    ["passkey-failed", "The browser could not use a passkey; try again."];
  throw new ApiError(code, message, 0);
}

/** @param {any} publicKey JSON form @returns {Promise<any>} the `passkey` of the protocol */
async function createPasskey(publicKey) {
  /** @type {any} */
  const credential = await navigator.credentials.create({ publicKey: parseOptions(publicKey) })
    .catch(refuse);
  const { response } = credential;
  return {
    id: toBase64url(credential.rawId),
    clientDataJSON: toBase64url(response.clientDataJSON),
    authenticatorData: toBase64url(response.getAuthenticatorData()),
    publicKey: toBase64url(response.getPublicKey()),
    algorithm: response.getPublicKeyAlgorithm(),
    transports: response.getTransports?.() ?? [],
  };
}

/**
 * @param {any} publicKey JSON form @param {CredentialMediationRequirement} [mediation] @param {AbortSignal} [signal]
 * @returns {Promise<any>} the `assertion` of the protocol
 */
async function usePasskey(publicKey, mediation, signal) {
  /** @type {any} */
  const credential = await navigator.credentials
    .get({
      publicKey: parseOptions(publicKey),
      ...(mediation && { mediation }),
      ...(signal && { signal }),
    })
    .catch(refuse);
  const { response } = credential;
  return {
    id: toBase64url(credential.rawId),
    userHandle: toBase64url(response.userHandle),
    clientDataJSON: toBase64url(response.clientDataJSON),
    authenticatorData: toBase64url(response.authenticatorData),
    signature: toBase64url(response.signature),
  };
}

/** What a link is for, without using it. @param {string} link */
export const lookLink = (link) => call("/api/link/look", { link });

/**
 * Makes the account (or the further passkey) the link is for, and signs in.
 * @param {string} link @param {string} name of the account that it makes
 */
export async function useLink(link, name) {
  const { ticket, publicKey } = await call("/api/link/options", { link, name });
  const passkey = await createPasskey(publicKey);
  return call("/api/link/use", { link, ticket, name, device: deviceName(), passkey });
}

/** Whether passkeys can be offered in the name field's autofill. */
export async function canAutofill() {
  return canUsePasskeys() &&
    (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;
}

/** @param {{autofill?: boolean, signal?: AbortSignal}} [how] */
export async function signIn({ autofill = false, signal } = {}) {
  const { ticket, publicKey } = await call("/api/signin/options");
  const assertion = await usePasskey(publicKey, autofill ? "conditional" : undefined, signal);
  return call("/api/signin", { ticket, assertion, device: deviceName() });
}

/** Proves again that it is the person: good for 5 minutes. @param {AbortSignal} [signal] */
export async function verify(signal) {
  const { ticket, publicKey } = await call("/api/verify/options");
  const assertion = await usePasskey(publicKey, undefined, signal);
  return call("/api/verify", { ticket, assertion });
}

/** @param {string} name a person's word for it */
export async function addPasskey(name) {
  const { ticket, publicKey } = await call("/api/passkeys/options");
  return call("/api/passkeys/add", { ticket, name, passkey: await createPasskey(publicKey) });
}

/** With a one-time code, or a recovery code. @param {string} name @param {string} code */
export const signInWithCode = (name, code) =>
  call("/api/signin/code", { name, code, device: deviceName() });
