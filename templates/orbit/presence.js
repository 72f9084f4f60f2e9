// Who is here: the live connections of a user, the state of the machines, and what is told to whom when it changes.

/** A connection that was silent for longer counts as gone, in milliseconds. */
export const silence = 15_000;

/** @typedef {import("./ports.d.ts").Connection} Connection */
/** @typedef {import("./orbit.js").At} At */

/**
 * @param {Record<string, unknown>} header
 * @returns {string} a frame without payload
 */
export const frame = (header) => JSON.stringify(header) + "\n";

/**
 * @param {Pick<At, "room" | "now">} at
 * @param {Connection} connection
 * @returns {boolean} whether it is alive; one that is not is closed, so that its owner dials again
 */
export function isAlive({ room, now }, connection) {
  // One whose sign-in would have ended dials again: if that was used meanwhile, it comes in.
  const expired = connection.until !== undefined && connection.until <= now;
  if (!expired && now - room.heard(connection) <= silence) return true;
  room.close(connection, 1001, expired ? "expired" : "silent");
  return false;
}

/**
 * @param {Pick<At, "room" | "now">} at
 * @returns {Promise<Connection[]>} the oldest first
 */
export async function liveConnections(at) {
  return (await at.room.list()).filter((connection) => isAlive(at, connection));
}

/**
 * @typedef {object} Machine the record
 * @property {string} name
 * @property {import("./fields.js").PublicKey} jwk
 * @property {string} kid RFC 7638 thumbprint
 * @property {string} fingerprint what a person compares
 * @property {number} created
 * @property {number} seen when it was last here
 */

/**
 * @param {string} id
 * @param {Machine} machine
 * @param {Connection} [connection] of its anchor, if it is here
 */
export const machineView = (id, { name, fingerprint, seen, created }, connection) => ({
  id,
  name,
  fingerprint,
  online: connection !== undefined,
  connection: connection?.id ?? null,
  seen,
  created,
});

/**
 * @template {{created: number}} T
 * @param {import("./ports.d.ts").Entry<T>[]} entries
 * @returns {import("./ports.d.ts").Entry<T>[]} the oldest first: the order of ids means nothing to a person
 */
export const byAge = (entries) => [...entries].sort((a, b) => a.value.created - b.value.created);

/**
 * @param {import("./ports.d.ts").Entry<Machine>[]} records
 * @param {Connection[]} connections live ones
 */
export function machineViews(records, connections) {
  const here = new Map(connections.map((connection) => [connection.address, connection]));
  return byAge(records).map(({ key, value }) => {
    const id = key.slice("machine:".length);
    return machineView(id, value, here.get(id));
  });
}

/**
 * Tells every browser of the user which machines there are.
 * @param {Pick<At, "room" | "now" | "store">} at
 */
export async function tellPresence(at) {
  const records = await at.store.transact((tx) => tx.list("machine:"));
  const connections = await liveConnections(at);
  const text = frame({ type: "presence", machines: machineViews(records, connections) });
  await sendAll(at, connections.filter(({ role }) => role === "browser"), text);
}

/**
 * @param {Pick<At, "room">} at
 * @param {Connection[]} connections
 * @param {string} text
 */
export async function sendAll({ room }, connections, text) {
  await Promise.all(connections.map((connection) => room.send(connection, text)));
}

/**
 * Closes the sockets of sign-ins that were ended, and tells the anchors to end their sessions.
 * @param {Pick<At, "room" | "now">} at
 * @param {string[]} [signins] all when undefined
 */
export async function revokeConnections(at, signins) {
  if (signins?.length === 0) return;
  const connections = await at.room.list();
  for (const connection of connections) {
    const { role, signin = "" } = connection;
    if (role === "browser" && (!signins || signins.includes(signin))) {
      await at.room.close(connection, 4001, "revoked");
    }
  }
  const anchors = connections.filter(({ role }) => role === "anchor");
  const headers = signins
    ? signins.map((signin) => ({ type: "revoked", signin }))
    : [{ type: "revoked", all: true }];
  for (const header of headers) await sendAll(at, anchors, frame(header));
}

/** The record without which a connection is nobody's. @param {Connection} connection */
export const recordOf = ({ role, signin, address }) =>
  role === "browser" ? `signin:${signin}` : `machine:${address}`;

/**
 * Looks whether those who are connected may still be, for platforms where word of a revocation can get lost on its way
 * from one instance to another: closes the sockets of ended sign-ins and revoked machines, and tells the anchors.
 * @param {Pick<At, "room" | "store">} at
 * @param {Connection[]} connections those with a socket here
 * @param {number} since when this was looked at before, in milliseconds since 1970
 */
export async function closeRevoked(at, connections, since) {
  const anchors = connections.filter(({ role }) => role === "anchor");
  const { ended, revoked } = await at.store.transact(async (tx) => {
    /** @type {Connection[]} */
    const ended = [];
    for (const connection of connections) {
      if (!await tx.get(recordOf(connection))) ended.push(connection);
    }
    return { ended, revoked: anchors.length > 0 ? await tx.list("revoked:") : [] };
  });
  for (const connection of ended) await at.room.close(connection, 4001, "revoked");
  for (const { key, value } of revoked) {
    if (value < since) continue;
    const signin = key.slice("revoked:".length);
    await sendAll(at, anchors, frame({ type: "revoked", signin }));
  }
}
