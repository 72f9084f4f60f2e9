// Where one case of the black-box tests takes place: a relay, an address of its own, sockets that are closed at its end.
import { Browser, makeClaim } from "./client.js";
import { raw } from "./raw.js";
import { masked } from "./record.js";
import { Socket } from "./socket.js";
import { client } from "./target.js";

/**
 * @typedef {import("./target.js").Target} Target
 * @typedef {import("./client.js").Answer} Answer
 * @typedef {"browser" | "anchor"} Side
 */

/** The owner of a relay, for as long as it lives. @typedef {{cookie: string, authenticator: import("./authenticator.js").Authenticator, user: any}} Owner */

/** How long after its last verification the owner is verified again: long before that has grown old. In milliseconds. */
const freshTime = 120_000;

let addresses = 0;

/** @returns {string} an address of this machine that no case has had */
function newAddress() {
  addresses++;
  return `127.1.${Math.floor(addresses / 254)}.${addresses % 254 + 1}`;
}

export class Scene {
  /** @type {Socket[]} */
  sockets = [];
  /** @type {Deno.HttpClient[]} */
  clients = [];
  /** What was answered, without what is new each time. @type {Set<string>} */
  recorded = new Set();

  /** @param {Target} target @param {{owner?: Owner, verified?: number}} world what the cases of one relay share */
  constructor(target, world = {}) {
    this.target = target;
    this.world = world;
    this.origin = target.origin;
    this.deployKey = target.deployKey;
    /** The web client that it serves. */
    this.web = target.client ?? client;
    this.address = newAddress();
    this.client = this.clientFrom(this.address);
  }

  /** @param {string} localAddress */
  clientFrom(localAddress) {
    const client = Deno.createHttpClient({ localAddress, allowHost: true });
    this.clients.push(client);
    return client;
  }

  /** Another address for what comes now. */
  moveOn() {
    this.address = newAddress();
    this.client = this.clientFrom(this.address);
  }

  /** What the target does between two steps of a case: it may evict what is in memory. */
  async pause() {
    await this.target.between?.();
  }

  /** What every request carries. @returns {Record<string, string>} */
  get host() {
    return this.target.host ? { host: this.target.host } : {};
  }

  /** @param {Side} side */
  base(side) {
    return this.target.base[side];
  }

  /**
   * @param {Side} side
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<Answer>}
   */
  async request(side, path, init) {
    await this.pause();
    // Deno's own option `client` is not in the types of the Web's `fetch`.
    const all = /** @type {RequestInit} */ ({
      redirect: "manual",
      ...init,
      headers: { ...this.host, .../** @type {Record<string, string>} */ (init?.headers) },
      client: this.client,
    });
    const response = await fetch(this.base(side) + path, all);
    const text = await response.text();
    const { status, headers } = response;
    this.recorded.add(masked(`${init?.method ?? "GET"} ${path}`, response, text));
    const json = headers.get("content-type") === "application/json" && text !== "";
    return { status, headers, body: json ? JSON.parse(text) : text };
  }

  /** @param {Side} side @param {string} path @param {Record<string, string>} headers */
  dial(side, path, headers) {
    const url = this.base(side).replace(/^http/, "ws") + path;
    const socket = new Socket(url, { ...this.host, ...headers }, this.client);
    this.sockets.push(socket);
    return socket;
  }

  /**
   * Asks for an upgrade as `fetch` can, to see what a refusal says.
   * @param {Side} side
   * @param {string} path
   * @param {Record<string, string>} headers
   */
  upgrade(side, path, headers) {
    return this.request(side, path, {
      headers: {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...headers,
      },
    });
  }

  /**
   * Sends a request by hand, with any Host or none (an empty one), and any path.
   * @param {Side} side
   * @param {string} method
   * @param {string} path
   * @param {Record<string, string>} [headers]
   * @param {string} [body]
   * @returns {Promise<Answer>}
   */
  async raw(side, method, path, headers = {}, body = "") {
    await this.pause();
    const { hostname, port } = new URL(this.base(side));
    const { host } = new URL(this.origin);
    /** @type {Record<string, string>} */
    const all = { host, ...(body ? { "content-length": String(body.length) } : {}), ...headers };
    const lines = Object.entries(all).filter(([, value]) => value !== "")
      .map(([name, value]) => `${name}: ${value}\r\n`);
    const text = `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
    return await raw(hostname, Number(port), text);
  }

  /** The relay's owner, in a browser that is signed in and freshly verified. @returns {Promise<Browser>} */
  async owner() {
    const browser = new Browser(this);
    if (!this.world.owner) {
      const { link } = await makeClaim(this);
      await browser.useLink(link, "Ada");
      const { cookie = "", authenticator, user } = browser;
      this.world.owner = { cookie, authenticator, user };
      this.world.verified = Date.now();
    }
    Object.assign(browser, this.world.owner);
    if (Date.now() - (this.world.verified ?? 0) > freshTime) {
      // Only on a slow machine: what is compared with other platforms is not to have it.
      const recorded = new Set(this.recorded);
      await browser.verify();
      this.recorded = recorded;
      this.world.verified = Date.now();
    }
    return browser;
  }

  /** A user of their own for this case. @param {string} [name] @returns {Promise<Browser>} */
  async user(name = "Grace") {
    const { link } = await (await this.owner()).call("/api/invites/create");
    const browser = new Browser(this);
    await browser.useLink(link, name);
    return browser;
  }

  async end() {
    await Promise.all(this.sockets.map((socket) => socket.close()));
    for (const client of this.clients) client.close();
  }
}
