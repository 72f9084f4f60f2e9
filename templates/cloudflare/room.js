// The live connections of one user: the sockets of its Durable Object, which sleep while nothing happens. Who they are
// is in their attachments, from which the room is built again after a sleep.

/**
 * @typedef {import("../orbit/ports.d.ts").Connection} Connection
 * @typedef {import("../orbit/ports.d.ts").Room} Room
 * @typedef {import("./platform.d.ts").ObjectState} ObjectState
 * @typedef {import("./platform.d.ts").ServerSocket} ServerSocket
 */

/** @typedef {{connection: Connection, socket: ServerSocket, heard: number}} Member */

/** @implements {Room} */
export class HibernatingRoom {
  /** Greeted members by connection id, the oldest first. @type {Map<string, Member>} */
  members = new Map();
  /** The newest member of each address. @type {Map<string, Member>} */
  addresses = new Map();
  /** Accepted, not greeted, by connection id. @type {Map<string, Member>} */
  waiting = new Map();
  /** @type {WeakMap<ServerSocket, Member>} */
  bySocket = new WeakMap();

  /**
   * @param {ObjectState} ctx
   * @param {(connection: Connection) => void} left called once for each greeted connection that left
   */
  constructor(ctx, left) {
    this.ctx = ctx;
    this.left = left;
    /** @type {Member[]} */
    const woken = [];
    for (const socket of ctx.getWebSockets()) {
      const attachment = socket.deserializeAttachment();
      // One without was not greeted, or was closed by us and is on its way out.
      if (!attachment) continue;
      woken.push({ connection: attachment, socket, heard: attachment.since });
    }
    woken.sort((a, b) => a.connection.since - b.connection.since);
    for (const member of woken) this.add(member);
  }

  /** @param {Member} member */
  add(member) {
    this.members.set(member.connection.id, member);
    this.addresses.set(member.connection.address, member);
    this.bySocket.set(member.socket, member);
  }

  /** @param {ServerSocket} socket @returns {Connection | undefined} of a greeted one, which was just heard */
  hear(socket) {
    const member = this.bySocket.get(socket);
    if (!member || !this.members.has(member.connection.id)) return undefined;
    member.heard = Date.now();
    return member.connection;
  }

  /** @param {Connection} connection @param {ServerSocket} socket */
  accept(connection, socket) {
    const member = { connection, socket, heard: Date.now() };
    this.waiting.set(connection.id, member);
    this.bySocket.set(socket, member);
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
    const member = this.members.get(id);
    if (!member) return 0;
    const answered = this.ctx.getWebSocketAutoResponseTimestamp(member.socket);
    return Math.max(member.heard, answered?.getTime() ?? 0);
  }

  /** @param {Connection} connection @param {string} text */
  greet(connection, text) {
    const member = this.waiting.get(connection.id);
    if (!member) return;
    this.waiting.delete(connection.id);
    member.socket.serializeAttachment(connection);
    this.add(member);
    member.socket.send(text);
  }

  /** @param {Connection} connection @param {string} text */
  send({ id }, text) {
    const member = this.members.get(id);
    if (!member) return false;
    try {
      member.socket.send(text);
      return true;
    } catch {
      // Its close is on the way here.
      return false;
    }
  }

  /** @param {Connection} connection @param {number} code @param {string} reason */
  close(connection, code, reason) {
    const member = this.members.get(connection.id) ?? this.waiting.get(connection.id);
    if (!member) return;
    member.socket.serializeAttachment(null);
    member.socket.close(code, reason);
    this.gone(member.socket);
  }

  /** @param {ServerSocket} socket it closed */
  gone(socket) {
    const member = this.bySocket.get(socket);
    if (!member) return;
    const { id, address } = member.connection;
    this.bySocket.delete(socket);
    this.waiting.delete(id);
    if (!this.members.delete(id)) return;
    if (this.addresses.get(address) === member) this.addresses.delete(address);
    this.left(member.connection);
  }
}
