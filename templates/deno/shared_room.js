// The live connections of one user, some here and some on other isolates. What is here is served here; what is elsewhere
// goes through the other isolate's mailbox.
import { LocalRoom } from "./room.js";

/**
 * @typedef {import("../orbit/ports.d.ts").Connection} Connection
 * @typedef {import("../orbit/ports.d.ts").Room} Room
 */

/** How often a second the store is asked for an address that nobody here has. */
const maxLookups = 10;

/** @implements {Room} */
export class SharedRoom {
  /** Connections elsewhere, by id; kept up to date while something is here. @type {Map<string, {connection: Connection, isolate: string}>} */
  remote = new Map();
  /** Of those elsewhere the ones that were told to close: nothing is sent to them, though they are entered yet. @type {Set<string>} */
  closing = new Set();
  /** How many readings began, and the newest that took effect. */
  begun = 0;
  done = 0;
  lookedUp = 0;
  /** How often the store was asked for an unknown address since `lookedUp`. */
  lookups = 0;

  /**
   * @param {import("./cluster.js").Cluster} cluster
   * @param {string} scope
   * @param {(connection: Connection) => void | Promise<void>} left called once for each greeted connection that left, on one isolate
   */
  constructor(cluster, scope, left) {
    this.cluster = cluster;
    this.scope = scope;
    this.left = left;
    this.local = new LocalRoom((connection) => cluster.run(this.leave(connection)));
  }

  get empty() {
    return this.local.empty;
  }

  /** @param {Connection} connection @param {WebSocket} socket @param {() => void} greeted */
  accept(connection, socket, greeted) {
    return this.local.accept(connection, socket, greeted);
  }

  /** @param {string} id @returns {boolean} whether it is here, and greeted */
  has(id) {
    return this.local.has(id);
  }

  /** @param {Connection} connection */
  gone(connection) {
    this.local.gone(connection);
  }

  /** @returns {Connection[]} those whose sockets are here */
  here() {
    return this.local.list();
  }

  /** @returns {Set<string>} the other isolates */
  isolates() {
    return new Set(Array.from(this.remote.values(), ({ isolate }) => isolate));
  }

  /** @param {import("./mailbox.js").Envelope} envelope without its scope */
  tell(envelope) {
    for (const isolate of this.isolates()) this.cluster.post(isolate, envelope);
  }

  /** Reads who is elsewhere; those on dead isolates go. */
  async read() {
    const mine = ++this.begun;
    const found = new Map();
    const entries = await this.cluster.entries(this.scope);
    for (const entry of entries) {
      if (await this.cluster.alive(entry.isolate)) found.set(entry.connection.id, entry);
      else await this.bury(entry.connection);
    }
    // One that began later knows better.
    if (mine < this.done) return;
    this.done = mine;
    const entered = new Set(entries.map(({ connection }) => connection.id));
    for (const id of this.closing) {
      found.delete(id);
      if (!entered.has(id)) this.closing.delete(id);
    }
    this.remote = found;
  }

  /** @returns {Connection[]} */
  all() {
    const elsewhere = Array.from(this.remote.values(), ({ connection }) => connection);
    return [...this.local.list(), ...elsewhere].sort((a, b) => a.since - b.since);
  }

  /** Reads anew: what is revoked must reach one that came a moment ago, before it was heard of here. */
  async list() {
    await this.read();
    return this.all();
  }

  /** @param {string} address */
  find(address) {
    const newest = () => this.all().findLast((connection) => connection.address === address);
    const known = this.remote.size > 0 ? newest() : this.local.find(address);
    if (known) return known;
    // One that came a moment ago may be entered elsewhere without our having heard of it. Who asks for nobody again and
    // again has it looked up now and then.
    const now = Date.now();
    if (now - this.lookedUp > 1000) [this.lookedUp, this.lookups] = [now, 0];
    return this.lookups++ < maxLookups ? this.read().then(newest) : undefined;
  }

  /** @param {Connection} connection */
  heard(connection) {
    // The isolate that has its socket looks, and says when it is gone.
    return this.local.has(connection.id) ? this.local.heard(connection) : Date.now();
  }

  /** @param {Connection} connection @param {string} text */
  async greet(connection, text) {
    const { cluster, scope } = this;
    await cluster.start();
    // Entered first, read afterwards: of two that come at once, one at least sees the other.
    await cluster.enter(scope, connection);
    await this.read();
    this.tell({ scope, joined: connection });
    this.local.greet(connection, text);
    if (this.local.has(connection.id)) return;
    this.tell({ scope, left: connection.id });
    await cluster.leave(scope, connection.id);
  }

  /** @param {Connection} connection @param {string} text */
  send(connection, text) {
    if (this.local.has(connection.id)) return this.local.send(connection, text);
    const entry = this.remote.get(connection.id);
    if (!entry) return false;
    return this.cluster.post(entry.isolate, { scope: this.scope, to: connection.id }, text);
  }

  /** @param {Connection} connection @param {number} code @param {string} reason */
  close(connection, code, reason) {
    const { id } = connection;
    const entry = this.remote.get(id);
    if (!entry) return this.local.close(connection, code, reason);
    this.remote.delete(id);
    this.closing.add(id);
    this.cluster.post(entry.isolate, { scope: this.scope, close: [id, code, reason] });
  }

  /** @param {Connection} connection one of this isolate that left */
  async leave(connection) {
    this.tell({ scope: this.scope, left: connection.id });
    await this.cluster.leave(this.scope, connection.id);
    await this.left(connection);
  }

  /** @param {Connection} connection one of a dead isolate; who removes its entry says so */
  async bury(connection) {
    this.remote.delete(connection.id);
    if (await this.cluster.leave(this.scope, connection.id)) await this.left(connection);
  }

  /** @param {string} isolate it is dead */
  async lost(isolate) {
    const dead = [...this.remote.values()].filter((entry) => entry.isolate === isolate);
    for (const { connection } of dead) await this.bury(connection);
  }

  /** @param {import("./mailbox.js").Envelope} envelope @param {string} text @param {string} from */
  receive({ to, close, joined, left }, text, from) {
    if (joined) this.remote.set(joined.id, { connection: joined, isolate: from });
    if (left) this.remote.delete(left);
    if (close) {
      const [id, code, reason] = close;
      const connection = this.local.members.get(id)?.connection;
      if (connection) this.local.close(connection, code, reason);
    }
    if (to) {
      const connection = this.local.members.get(to)?.connection;
      if (connection) this.local.send(connection, text);
      else this.cluster.post(from, { scope: this.scope, left: to });
    }
  }

  /** @param {number} code @param {string} reason closes all that are here; the others learn that they left */
  end(code, reason) {
    for (const connection of this.local.list()) this.local.close(connection, code, reason);
    this.forget(code, reason);
  }

  /** @param {number} code @param {string} reason closes all that are here without a word to the others */
  forget(code, reason) {
    this.local.end(code, reason);
    this.remote.clear();
  }
}
