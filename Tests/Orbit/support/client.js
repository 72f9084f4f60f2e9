// What a browser, an anchor and a deployer do, over HTTP and WebSocket only.
import { Authenticator } from "./authenticator.js";
import { base64url, random, sha256 } from "./bytes.js";
import { deployToken, MachineKey } from "./tokens.js";

/** @typedef {import("./scene.js").Scene} Scene */

/** @typedef {{status: number, body: any, headers: Headers}} Answer */

/** @param {Record<string, string>} headers */
const given = (headers) =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ""));

/** The name of the relay's cookie: another for each port of a host. @param {{origin: string}} scene */
export function cookieName({ origin }) {
  const { port } = new URL(origin);
  return port === "" ? "__Host-signin" : `__Host-signin-${port}`;
}

/** A browser with its own cookie jar and authenticator. */
export class Browser {
  /** @param {Scene} scene @param {number} [algorithm] of its passkey */
  constructor(scene, algorithm) {
    this.scene = scene;
    this.authenticator = new Authenticator(scene.origin, algorithm);
    /** @type {string | undefined} */
    this.cookie = undefined;
    /** @type {any} */
    this.user = undefined;
  }

  /** What its pages' requests carry. @returns {Record<string, string>} */
  get headers() {
    return { origin: this.scene.origin, ...(this.cookie ? { cookie: this.cookie } : {}) };
  }

  /**
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, string>} [headers] an empty one is left out
   * @returns {Promise<Answer>}
   */
  async post(path, body = {}, headers = {}) {
    const all = { "content-type": "application/json", ...this.headers, ...headers };
    const answer = await this.scene.request("browser", path, {
      method: "POST",
      headers: given(all),
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair] = cookie.split(";");
      this.cookie = pair.endsWith("=") ? undefined : pair;
    }
    return answer;
  }

  /** @param {string} path @param {unknown} [body] @returns {Promise<any>} the body; throws unless it is a success */
  async call(path, body = {}) {
    const answer = await this.post(path, body);
    if (answer.status === 200) return answer.body;
    throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  /** @param {string} link @param {string} [name] */
  async useLink(link, name = "Ada") {
    const { ticket, publicKey } = await this.call("/api/link/options", { link, name });
    const passkey = await this.authenticator.create(publicKey);
    const body = { link, ticket, name, device: "Test browser", passkey };
    const { user } = await this.call("/api/link/use", body);
    this.user = user;
    return user;
  }

  async signIn() {
    const { ticket, publicKey } = await this.call("/api/signin/options");
    const assertion = await this.authenticator.get(publicKey);
    const { user } = await this.call("/api/signin", { ticket, assertion, device: "Test browser" });
    this.user = user;
    return user;
  }

  async verify() {
    const { ticket, publicKey } = await this.call("/api/verify/options");
    return await this.call("/api/verify", {
      ticket,
      assertion: await this.authenticator.get(publicKey),
    });
  }

  /** Another browser with the same passkey, signed in. */
  async another() {
    const other = new Browser(this.scene);
    other.authenticator = this.authenticator;
    await other.signIn();
    return other;
  }

  /** @param {Record<string, string>} [headers] @param {string} [query] */
  dial(headers = {}, query = "?protocol=1") {
    return this.scene.dial("browser", "/socket" + query, given({ ...this.headers, ...headers }));
  }

  /** What a refused upgrade answers. @param {Record<string, string>} [headers] @returns {Promise<Answer>} */
  refused(headers = {}) {
    return this.scene.upgrade(
      "browser",
      "/socket?protocol=1",
      given({ ...this.headers, ...headers }),
    );
  }

  /** A socket that was greeted, with its hello. */
  async connect() {
    const socket = this.dial();
    const { header } = await socket.next();
    return Object.assign(socket, { hello: header, id: header.id });
  }
}

/** An anchor: a key and what the relay calls it. */
export class Anchor {
  /** @param {Scene} scene @param {MachineKey} key */
  constructor(scene, key) {
    this.scene = scene;
    this.key = key;
    this.user = "";
    this.machine = "";
  }

  /** @param {Scene} scene */
  static async make(scene) {
    return new Anchor(scene, await MachineKey.make());
  }

  /** @param {Record<string, unknown>} [claims] @param {Record<string, unknown>} [header] */
  token(claims, header) {
    const { user, machine } = this;
    return this.key.token({ user, machine, origin: this.scene.origin }, claims, header);
  }

  /** @param {string} path @param {unknown} body @param {Record<string, string>} [headers] @returns {Promise<Answer>} */
  post(path, body, headers = {}) {
    const form = body instanceof URLSearchParams;
    const type = form ? "application/x-www-form-urlencoded" : "application/json";
    return this.scene.request("anchor", path, {
      method: "POST",
      headers: { "content-type": type, ...headers },
      body: form ? String(body) : typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  /** @param {string} token @param {Record<string, string>} [headers] @param {string} [query] */
  dial(token, headers = {}, query = "?protocol=1") {
    const all = { authorization: `Bearer ${token}`, ...headers };
    return this.scene.dial("anchor", "/anchor" + query, all);
  }

  /** What a refused upgrade answers. @param {string} token @param {Record<string, string>} [headers] */
  refused(token, headers = {}) {
    const all = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers };
    return this.scene.upgrade("anchor", "/anchor?protocol=1", all);
  }

  /** A socket that was greeted, with its hello. */
  async connect() {
    const socket = this.dial(await this.token());
    const { header } = await socket.next();
    return Object.assign(socket, { hello: header });
  }

  /** @param {string} [name] */
  async requestCode(name = "workshop") {
    const { body } = await this.post("/device/code", { name, jwk: this.key.jwk });
    return body;
  }

  /** @param {string} code a device code */
  poll(code) {
    const form = new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code: code,
    });
    return this.post("/device/token", form);
  }
}

/**
 * Makes a claim link as a deployer does.
 * @param {Scene} scene
 * @param {Anchor} [anchor] registered with it
 * @param {string} [token] another than the deployer's
 */
export async function makeClaim(scene, anchor, token) {
  const secret = random(32);
  const claim = base64url(await sha256(secret));
  const bearer = token ?? await deployToken(scene.deployKey, scene.origin);
  const answer = await scene.request("anchor", "/deploy/claim", {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({
      claim,
      machine: anchor ? { name: "workshop", jwk: anchor.key.jwk } : null,
    }),
  });
  const { status, body } = answer;
  if (status === 200 && anchor) Object.assign(anchor, { user: body.user, machine: body.machine });
  return { ...answer, link: `claim.${body.user}.${secret}` };
}

/** A further machine of a user, by device code. @param {Browser} browser @param {string} [name] */
export async function signedInMachine(browser, name = "laptop") {
  const anchor = await Anchor.make(browser.scene);
  const { device_code, user_code } = await anchor.requestCode(name);
  await browser.call("/api/code/approve", { code: user_code });
  const { body } = await anchor.poll(device_code);
  return Object.assign(anchor, { user: body.user, machine: body.machine });
}
