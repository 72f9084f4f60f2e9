// The relay in this process, over a store in memory and a clock that the test sets: for what takes days.
import { createOrbit } from "../../../templates/orbit/orbit.js";
import { storeOf } from "../../../templates/orbit/store.js";
import { Authenticator } from "./authenticator.js";
import { Browser, makeClaim } from "./client.js";
import { deployToken } from "./tokens.js";
import { random } from "./bytes.js";

/**
 * @typedef {import("../../../templates/orbit/ports.d.ts").Driver} Driver
 * @typedef {import("../../../templates/orbit/ports.d.ts").Stored} Stored
 * @typedef {import("../../../templates/orbit/ports.d.ts").Connection} Connection
 */

/** @returns {Driver & {entries: Map<string, Stored>, before?: () => Promise<void>}} `before` runs before each commit */
export function memoryDriver() {
  /** @type {Map<string, Stored>} */
  const entries = new Map();
  let version = 0;
  return {
    entries,
    before: undefined,
    get(key) {
      return Promise.resolve(structuredClone(entries.get(key)));
    },
    list(prefix, most) {
      const keys = [...entries.keys()].filter((key) => key.startsWith(prefix)).sort().slice(
        0,
        most,
      );
      return Promise.resolve(
        keys.map((key) => structuredClone(/** @type {Stored} */ (entries.get(key)))),
      );
    },
    async commit(checks, writes) {
      await this.before?.();
      if (checks.some(([key, seen]) => (entries.get(key)?.version ?? null) !== seen)) return false;
      for (const [key, written] of writes) {
        if (written === null) entries.delete(key);
        else entries.set(key, { key, ...structuredClone(written), version: ++version });
      }
      return true;
    },
  };
}

/** A room whose sockets are lists of what was sent. */
export class MemoryRoom {
  /** @type {Map<string, {connection: Connection, sent: string[], closed?: number, heard: number, slow?: boolean}>} */
  all = new Map();

  /** @param {Connection} connection @param {number} heard */
  accept(connection, heard) {
    this.all.set(connection.id, { connection, sent: [], heard });
  }

  live() {
    return [...this.all.values()].filter(({ closed, sent }) => closed === undefined && sent.length);
  }
  list() {
    return this.live().map(({ connection }) => connection);
  }
  /** @param {string} address */
  find(address) {
    return this.list().findLast((connection) => connection.address === address);
  }
  /** @param {Connection} connection */
  heard({ id }) {
    return this.all.get(id)?.heard ?? 0;
  }
  /** @param {Connection} connection @param {string} text */
  greet({ id }, text) {
    this.all.get(id)?.sent.push(text);
  }
  /** @param {Connection} connection @param {string} text */
  send({ id }, text) {
    const member = this.all.get(id);
    if (!member || member.closed !== undefined) return false;
    member.sent.push(text);
    return true;
  }
  /** @param {Connection} connection @param {number} code */
  close({ id }, code) {
    const member = this.all.get(id);
    if (member) member.closed ??= code;
  }
}

/** A relay in memory; it is a scene for `Browser` and `Anchor`. */
export class MemoryRelay {
  origin = "https://relay.example";
  deployKey = random(32);
  /** Milliseconds since 1970. */
  time = Date.UTC(2026, 10, 21);
  address = "192.0.2.1";
  /** @type {Map<string, ReturnType<typeof memoryDriver>>} */
  drivers = new Map();
  /** @type {Map<string, MemoryRoom>} */
  rooms = new Map();
  /** How often an operation ran. @type {Map<string, number>} */
  calls = new Map();
  /** @type {Connection | undefined} */
  accepted;

  /** @param {{unpinned?: boolean}} [options] `unpinned`: its platform did not say where it is */
  constructor({ unpinned = false } = {}) {
    this.unpinned = unpinned;
    this.orbit = this.instance();
  }

  /** Another instance of the relay over the same store. */
  instance() {
    const orbit = createOrbit({
      config: { origin: this.unpinned ? null : this.origin },
      secrets: { deployKey: this.deployKey },
      now: () => this.time,
      address: () => this.address,
      call: (scope, name, args) => {
        this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
        return orbit.perform(this.at(scope), name, structuredClone(args));
      },
      upgrade: async (scope, name, args) => {
        const answer = await orbit.perform(this.at(scope), name, args);
        if ("refusal" in answer) return answer;
        this.accepted = answer.value.connection;
        this.at(scope).room.accept(answer.value.connection, this.time);
        await orbit.opened(this.at(scope), answer.value);
        return new Response(null, { status: 200 });
      },
    }, { build: "0123456789abcdef", files: {} });
    return orbit;
  }

  /** @param {string} scope */
  at(scope) {
    const driver = this.drivers.get(scope) ?? memoryDriver();
    this.drivers.set(scope, driver);
    const room = this.rooms.get(scope) ?? new MemoryRoom();
    this.rooms.set(scope, room);
    return { scope, store: storeOf(driver, () => this.time), room };
  }

  /** @param {string} _ @param {string} path @param {RequestInit} [init] */
  async request(_, path, init) {
    const response = await this.orbit.fetch(new Request(this.origin + path, init));
    const text = await response.text();
    const body = text ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, body };
  }

  /** @param {string} side @param {string} path @param {Record<string, string>} headers */
  upgrade(side, path, headers) {
    return this.request(side, path, { headers: { ...headers, upgrade: "websocket" } });
  }

  /** @returns {never} */
  dial() {
    throw new Error("There are no sockets in memory: use upgrade.");
  }

  /** @returns {import("./scene.js").Scene} */
  get scene() {
    return /** @type {any} */ (this);
  }

  async owner() {
    const browser = new Browser(this.scene);
    browser.authenticator = new Authenticator(this.origin);
    const { link } = await makeClaim(this.scene, undefined, await this.deployToken());
    await browser.useLink(link);
    return browser;
  }

  deployToken() {
    const exp = Math.floor(this.time / 1000) + 60;
    return deployToken(this.deployKey, this.origin, { exp });
  }

  /** @param {import("./client.js").Anchor} anchor */
  anchorToken(anchor) {
    const iat = Math.floor(this.time / 1000);
    return anchor.token({ iat, exp: iat + 60 });
  }
}
