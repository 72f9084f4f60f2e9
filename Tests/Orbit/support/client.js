// What a browser, an anchor and a deployer do, over HTTP and WebSocket only.
import { Authenticator } from "./authenticator.js";
import { base64url, random, sha256 } from "./bytes.js";
import { Socket } from "./socket.js";
import { deployToken, MachineKey } from "./tokens.js";

/** @typedef {import("./target.js").Target} Target */

/** @typedef {{status: number, body: any, headers: Headers}} Answer */

/** A browser with its own cookie jar, authenticator and address. */
export class Browser {
  /** @param {Target} target @param {{base?: string, address?: string, algorithm?: number}} [options] */
  constructor(target, { base, address, algorithm } = {}) {
    this.target = target;
    this.base = base ?? target.browserBase ?? target.base;
    this.authenticator = new Authenticator(target.origin, algorithm);
    this.client = address ? target.clientFrom(address) : undefined;
    /** @type {string | undefined} */
    this.cookie = undefined;
    /** @type {any} */
    this.user = undefined;
  }

  /**
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<Answer>}
   */
  async post(path, body = {}, headers = {}) {
    // Deno's own option `client` is not in the types of the Web's `fetch`.
    const init = /** @type {RequestInit} */ ({
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...this.target.headers,
        origin: this.target.origin,
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
      client: this.client,
    });
    const response = await fetch(this.base + path, init);
    for (const cookie of response.headers.getSetCookie()) {
      const [pair] = cookie.split(";");
      this.cookie = pair.endsWith("=") ? undefined : pair;
    }
    return { status: response.status, body: await response.json(), headers: response.headers };
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
    const other = new Browser(this.target);
    other.authenticator = this.authenticator;
    await other.signIn();
    return other;
  }

  /** @param {Record<string, string>} [headers] @param {string} [query] */
  dial(headers = {}, query = "?protocol=1") {
    const all = {
      ...this.target.headers,
      origin: this.target.origin,
      ...(this.cookie ? { cookie: this.cookie } : {}),
      ...headers,
    };
    return new Socket(this.base.replace(/^http/, "ws") + "/socket" + query, all, this.client);
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
  /** @param {Target} target @param {MachineKey} key */
  constructor(target, key) {
    this.target = target;
    this.base = target.anchorBase ?? target.base;
    this.key = key;
    this.user = "";
    this.machine = "";
  }

  /** @param {Target} target */
  static async make(target) {
    return new Anchor(target, await MachineKey.make());
  }

  /** @param {Record<string, unknown>} [claims] @param {Record<string, unknown>} [header] */
  token(claims, header) {
    const { user, machine } = this;
    return this.key.token({ user, machine, origin: this.target.origin }, claims, header);
  }

  /** @param {string} path @param {unknown} body @param {Record<string, string>} [headers] @returns {Promise<Answer>} */
  async post(path, body, headers = {}) {
    const form = body instanceof URLSearchParams;
    const response = await fetch(this.base + path, {
      method: "POST",
      headers: {
        ...this.target.headers,
        "content-type": form ? "application/x-www-form-urlencoded" : "application/json",
        ...headers,
      },
      body: form ? String(body) : JSON.stringify(body),
    });
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  /** @param {string} token @param {Record<string, string>} [headers] @param {string} [query] */
  dial(token, headers = {}, query = "?protocol=1") {
    const all = { ...this.target.headers, authorization: `Bearer ${token}`, ...headers };
    return new Socket(this.base.replace(/^http/, "ws") + "/anchor" + query, all);
  }

  /** What a refused upgrade answers. @param {Record<string, string>} headers @returns {Promise<Answer>} */
  async refused(headers) {
    return await upgrade(this.base + "/anchor?protocol=1", { ...this.target.headers, ...headers });
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
 * Asks for an upgrade by hand, to see what a refusal says: `fetch` may not.
 * @param {string} url
 * @param {Record<string, string>} headers
 * @returns {Promise<Answer>}
 */
export async function upgrade(url, headers) {
  const { hostname, port, host, pathname, search } = new URL(url);
  const lines = Object.entries({
    host,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return await raw(
    hostname,
    Number(port),
    `GET ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`,
  );
}

/**
 * Sends bytes as they are and reads one answer.
 * @param {string} hostname
 * @param {number} port
 * @param {string} text
 * @returns {Promise<Answer>}
 */
export async function raw(hostname, port, text) {
  const address = hostname === "localhost" ? "127.0.0.1" : hostname;
  const socket = await Deno.connect({ hostname: address, port });
  try {
    await socket.write(new TextEncoder().encode(text));
    let received = "";
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const head = received.indexOf("\r\n\r\n");
      if (head >= 0) {
        const [first, ...rest] = received.slice(0, head).split("\r\n");
        const status = Number(first.split(" ")[1]);
        const headers = new Headers();
        for (const line of rest) {
          const colon = line.indexOf(":");
          headers.append(line.slice(0, colon), line.slice(colon + 1));
        }
        const body = received.slice(head + 4);
        const length = Number(headers.get("content-length") ?? 0);
        if (status === 101) return { status, headers, body: undefined };
        if (body.length >= length) return { status, headers, body: parsed(body.slice(0, length)) };
      }
      const count = await socket.read(buffer);
      if (count === null) {
        throw new Error(`The connection ended after ${JSON.stringify(received)}.`);
      }
      received += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
  } finally {
    socket.close();
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Makes a claim link as a deployer does.
 * @param {Target} target
 * @param {Anchor} [anchor] registered with it
 * @param {string} [name]
 */
export async function makeClaim(target, anchor, name = "workshop") {
  const secret = random(32);
  const claim = base64url(await sha256(secret));
  const response = await fetch(target.base + "/deploy/claim", {
    method: "POST",
    headers: {
      ...target.headers,
      authorization: `Bearer ${await deployToken(target.deployKey, target.origin)}`,
    },
    body: JSON.stringify({ claim, machine: anchor ? { name, jwk: anchor.key.jwk } : null }),
  });
  const body = await response.json();
  if (response.status !== 200) return { status: response.status, body, link: "" };
  if (anchor) Object.assign(anchor, { user: body.user, machine: body.machine });
  return { status: 200, body, link: `claim.${body.user}.${secret}` };
}

/** A relay with an owner and a connected machine. @param {Target} target */
export async function claimed(target) {
  const anchor = await Anchor.make(target);
  const { link } = await makeClaim(target, anchor);
  const owner = new Browser(target);
  await owner.useLink(link);
  return { owner, anchor };
}

/** Another user, invited by the owner. @param {Browser} owner @param {string} [name] */
export async function invited(owner, name = "Grace") {
  const { link } = await owner.call("/api/invites/create");
  const guest = new Browser(owner.target);
  await guest.useLink(link, name);
  return guest;
}

/** A further machine of a user, by device code. @param {Browser} browser @param {string} [name] */
export async function signedInMachine(browser, name = "laptop") {
  const anchor = await Anchor.make(browser.target);
  const { device_code, user_code } = await anchor.requestCode(name);
  await browser.call("/api/code/approve", { code: user_code });
  const { body } = await anchor.poll(device_code);
  return Object.assign(anchor, { user: body.user, machine: body.machine });
}
