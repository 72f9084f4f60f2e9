// The live connections of one user whose sockets are in this process.

/**
 * @typedef {import("../orbit/ports.d.ts").Connection} Connection
 * @typedef {import("../orbit/ports.d.ts").Room} Room
 */

/** A receiver that has more waiting is cut off, in bytes. */
export const maxWaiting = 4 * 1024 * 1024;

/**
 * @typedef {object} Member
 * @property {Connection} connection
 * @property {WebSocket} socket
 * @property {number} heard
 * @property {() => void} greeted called once, right after its greeting
 */

/** @implements {Room} */
export class LocalRoom {
  /** Greeted members by connection id, the oldest first. @type {Map<string, Member>} */
  members = new Map();
  /** The newest member of each address. @type {Map<string, Member>} */
  addresses = new Map();
  /** Accepted, not greeted. @type {Map<string, Member>} */
  waiting = new Map();

  /** @param {(connection: Connection) => void} left called once for each greeted connection that left */
  constructor(left) {
    this.left = left;
  }

  get empty() {
    return this.members.size === 0 && this.waiting.size === 0;
  }

  /** @param {string} id @returns {boolean} whether it is here, and greeted */
  has(id) {
    return this.members.has(id);
  }

  /** @param {Connection} connection @param {WebSocket} socket @param {() => void} greeted @returns {Member} */
  accept(connection, socket, greeted) {
    const member = { connection, socket, heard: Date.now(), greeted };
    this.waiting.set(connection.id, member);
    return member;
  }

  /** @param {Connection} connection its socket closed */
  gone({ id }) {
    this.waiting.delete(id);
    const member = this.members.get(id);
    if (!member) return;
    this.members.delete(id);
    const { connection } = member;
    if (this.addresses.get(connection.address) === member) {
      this.addresses.delete(connection.address);
    }
    this.left(connection);
  }

  /** @returns {Connection[]} those whose sockets are here */
  here() {
    return this.list();
  }

  list() {
    return Array.from(this.members.values(), ({ connection }) => connection);
  }

  /** @param {string} address */
  find(address) {
    return this.addresses.get(address)?.connection;
  }

  /** @param {Connection} connection */
  heard({ id }) {
    return this.members.get(id)?.heard ?? 0;
  }

  /** @param {Connection} connection @param {string} text */
  greet(connection, text) {
    const member = this.waiting.get(connection.id);
    if (!member) return;
    this.waiting.delete(connection.id);
    this.members.set(connection.id, member);
    this.addresses.set(connection.address, member);
    member.socket.send(text);
    member.greeted();
  }

  /** @param {Connection} connection @param {string} text */
  send(connection, text) {
    const member = this.members.get(connection.id);
    if (member?.socket.readyState !== WebSocket.OPEN) return false;
    if (member.socket.bufferedAmount > maxWaiting) {
      this.close(connection, 4004, "too-slow");
      return false;
    }
    member.socket.send(text);
    return true;
  }

  /** @param {Connection} connection @param {number} code @param {string} reason */
  close(connection, code, reason) {
    const member = this.members.get(connection.id) ?? this.waiting.get(connection.id);
    member?.socket.close(code, reason);
    this.gone(connection);
  }

  /** @param {number} code @param {string} reason closes all without a word to the others */
  end(code, reason) {
    for (const { socket } of [...this.members.values(), ...this.waiting.values()]) {
      socket.close(code, reason);
    }
    this.members.clear();
    this.addresses.clear();
    this.waiting.clear();
  }
}
