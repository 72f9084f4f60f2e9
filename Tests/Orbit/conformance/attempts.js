// What a hostile user asks of each address with what is another's: one entry for every address of the relay, whose body is
// Eve's own. Each text in it is then replaced by each identifier of her victim.
import { base64url, random, sha256 } from "../support/bytes.js";
import { Authenticator } from "../support/authenticator.js";

/**
 * @typedef {import("../support/client.js").Browser} Browser
 * @typedef {import("../support/client.js").Anchor} Anchor
 */

/** Who attacks: a browser that is signed in, with a machine of its own. @typedef {{browser: Browser, anchor: Anchor}} Eve */

/** @typedef {(eve: Eve) => Promise<Record<string, any>>} Attempt makes the body, anew for each request */

/** @param {string} kind */
const link = (kind) => `${kind}.u_${random(16)}.${random(32)}`;

/** @param {Browser} browser @param {string} path of the options */
async function assertion(browser, path) {
  const { ticket, publicKey } = await browser.call(path);
  return { ticket, assertion: await browser.authenticator.get(publicKey) };
}

/** @param {Browser} browser */
async function passkey(browser) {
  const { ticket, publicKey } = await browser.call("/api/passkeys/options");
  return {
    ticket,
    name: "Key",
    passkey: await new Authenticator(browser.scene.origin).create(publicKey),
  };
}

/** @param {Eve} eve a user code of her own machine */
const code = async ({ anchor }) => ({ code: (await anchor.requestCode("Eve's")).user_code });

/** @type {Attempt} */
const nothing = () => Promise.resolve({});
/** @param {Record<string, unknown>} body @returns {Attempt} */
const same = (body) => () => Promise.resolve({ ...body });
/** @type {Attempt} */
const claim = async ({ anchor }) => ({
  claim: base64url(await sha256(random(32))),
  machine: { name: "Eve's", jwk: anchor.key.jwk },
});

/** @type {Record<string, Attempt>} */
export const attempts = {
  "/health": nothing,
  "/socket": nothing,
  "/anchor": nothing,
  "/device/code": ({ anchor }) => Promise.resolve({ name: "Eve's", jwk: anchor.key.jwk }),
  "/device/token": async ({ anchor }) => ({
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: (await anchor.requestCode("Eve's")).device_code,
  }),
  "/deploy/probe": nothing,
  "/deploy/origin": nothing,
  "/deploy/claim": claim,
  "/deploy/recover": claim,

  "/api/link/look": same({ link: link("device") }),
  "/api/link/options": same({ link: link("invite"), name: "Eve" }),
  "/api/link/use": async ({ browser }) => ({
    ...await passkey(browser),
    link: link("recover"),
    name: "Eve",
    device: "x",
  }),
  "/api/signin/options": nothing,
  "/api/signin": async ({ browser }) => ({
    ...await assertion(browser, "/api/signin/options"),
    device: "x",
  }),
  "/api/signin/code": same({ name: "Eve", code: "000000", device: "x" }),

  "/api/me": nothing,
  "/api/verify/options": nothing,
  "/api/verify": ({ browser }) => assertion(browser, "/api/verify/options"),
  "/api/verify/code": same({ code: "000000" }),
  "/api/code/look": code,
  "/api/code/approve": code,
  "/api/code/deny": code,
  "/api/machines/rename": ({ anchor }) => Promise.resolve({ id: anchor.machine, name: "Eve's" }),
  "/api/machines/revoke": same({ id: `m_${random(16)}` }),
  "/api/signins/list": nothing,
  "/api/signins/revoke": same({ id: `s_${random(16)}` }),
  "/api/passkeys/list": nothing,
  "/api/passkeys/options": nothing,
  "/api/passkeys/add": ({ browser }) => passkey(browser),
  "/api/passkeys/rename": ({ browser }) =>
    Promise.resolve({ id: browser.authenticator.id, name: "Eve's" }),
  "/api/passkeys/remove": same({ id: random(32) }),
  "/api/totp/look": nothing,
  "/api/totp/options": nothing,
  "/api/totp/add": same({ code: "000000", name: "Eve" }),
  "/api/totp/remove": nothing,
  "/api/recovery/renew": nothing,
  "/api/devices/link": nothing,
  "/api/log": nothing,
  "/api/account/rename": same({ name: "Eve" }),
  "/api/invites/create": nothing,
  "/api/invites/list": nothing,
  "/api/invites/revoke": same({ id: `i_${random(16)}` }),
  "/api/users/list": same({ after: `u_${random(16)}` }),
  "/api/users/remove": same({ id: `u_${random(16)}` }),
  "/api/owner/give": same({ id: `u_${random(16)}` }),
  // Last, since they end what attacks.
  "/api/signout": nothing,
  "/api/account/delete": nothing,
};
