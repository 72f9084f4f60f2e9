// The relay's frames: section 3 of docs/protocol.md. A relayed frame costs no look at the store, and of its payload
// nothing is read.
import {
  frame,
  isAlive,
  liveConnections,
  machineViews,
  recordOf,
  sendAll,
  tellPresence,
} from "./presence.js";
import { isConnection, isMachine } from "./ids.js";
import { isProbe, probeOpened } from "./probe.js";
import { protocol } from "./version.js";

/** What each end sends every 5 s on its own hop, and the answer. */
export const ping = "ping";
export const pong = "pong";

/** The largest frame, in bytes of UTF-8. */
const maxFrame = 61_440;
/** The largest header that a client may send, in characters. */
const maxHeader = 1024;
/** The most browser connections of a user; one more closes the oldest. */
const maxBrowsers = 32;

/** @typedef {import("./ports.d.ts").Connection} Connection */
/** @typedef {import("./orbit.js").At} At */

/** @type {Record<string, string>} */
const sentences = {
  "unreachable": "The receiver is not here: nothing was delivered, wait until it is online.",
  "forbidden": "Frames go between a browser and an anchor only: address the other kind.",
  "unknown-type": "The relay does not know this type of frame: update this end or the relay.",
  "bad-frame": "The frame is not a header and a payload: update this end.",
};

/**
 * @param {string} code
 * @param {string} [to] the receiver of the frame that it is about
 * @returns {string}
 */
const errorFrame = (code, to) => frame({ type: "error", code, message: sentences[code], to });

/** The most headers of a sender that are remembered. */
const maxHeaders = 64;

/**
 * What is known of a sender: what its `data` frames begin with when they are passed on, and whom the headers name that it
 * sent; one that comes again means the same.
 * @typedef {{stamp: string, receivers: Map<string, string>}} Sender
 * @type {WeakMap<Connection, Sender>}
 */
const senders = new WeakMap();

/** @param {Connection} connection */
function senderOf(connection) {
  let sender = senders.get(connection);
  if (sender === undefined) {
    const { address, role, signin } = connection;
    const stamp = JSON.stringify({ type: "data", from: address, role, signin });
    senders.set(connection, sender = { stamp, receivers: new Map() });
  }
  return sender;
}

/** @param {Sender} sender @param {string} header @param {string} to */
function remember({ receivers }, header, to) {
  if (receivers.size >= maxHeaders) receivers.clear();
  // A copy: a part of a frame would keep the whole of it.
  receivers.set(JSON.parse(JSON.stringify(header)), to);
}

/** What passing a frame on takes: it is made for each. @typedef {Pick<At, "room" | "now">} Passing */

/**
 * A message that came from a socket.
 * @param {Passing} at
 * @param {Connection} connection its sender
 * @param {unknown} message
 * @returns {void | Promise<void>}
 */
export function receive(at, connection, message) {
  if (connection.until !== undefined && connection.until <= at.now) {
    return at.room.close(connection, 1001, "expired");
  }
  if (message === ping) return settle(at.room.send(connection, pong));
  if (typeof message !== "string") return badFrame(at, connection);
  if (tooLong(message)) return at.room.close(connection, 1009, "too-big");
  const end = message.indexOf("\n");
  if (end < 0 || end > maxHeader) return badFrame(at, connection);
  const head = message.slice(0, end);
  const sender = senderOf(connection);
  let to = sender.receivers.get(head);
  if (to === undefined) {
    let header;
    try {
      header = JSON.parse(head);
    } catch {
      return badFrame(at, connection);
    }
    if (typeof header !== "object" || header === null || typeof header.type !== "string") {
      return badFrame(at, connection);
    }
    if (header.type !== "data") {
      return settle(at.room.send(connection, errorFrame("unknown-type")));
    }
    if (typeof header.to !== "string") return badFrame(at, connection);
    to = String(header.to);
    // A browser speaks to machines, an anchor to browsers; whatever else has the same form of answer.
    if (!(connection.role === "browser" ? isMachine(to) : isConnection(to))) {
      return settle(at.room.send(connection, errorFrame("forbidden", to.slice(0, 64))));
    }
    remember(sender, head, to);
  }
  const text = sender.stamp + message.slice(end);
  const receiver = at.room.find(to);
  if (receiver instanceof Promise) {
    const known = to;
    return receiver.then((found) => pass(at, connection, found, known, text));
  }
  return pass(at, connection, receiver, to, text);
}

/**
 * @param {Passing} at
 * @param {Connection} sender
 * @param {Connection | undefined} receiver
 * @param {string} to
 * @param {string} text
 * @returns {void | Promise<void>}
 */
function pass(at, sender, receiver, to, text) {
  // The room holds the connections of one user only, so another user's id is not found here.
  const sent = receiver !== undefined && receiver.role !== sender.role && isAlive(at, receiver) &&
    at.room.send(receiver, text);
  if (sent === true) return;
  const fail = () => settle(at.room.send(sender, errorFrame("unreachable", to)));
  if (sent === false) return fail();
  return sent.then((done) => done ? undefined : fail());
}

/** @param {unknown} result @returns {void | Promise<void>} the same without its value */
const settle = (result) => result instanceof Promise ? result.then(() => {}) : undefined;

/** @param {Passing} at @param {Connection} connection */
async function badFrame({ room }, connection) {
  await room.send(connection, errorFrame("bad-frame"));
  await room.close(connection, 4003, "bad-frame");
}

/** @param {string} text @returns {boolean} whether it is longer than `maxFrame` bytes of UTF-8 */
function tooLong(text) {
  if (text.length * 3 <= maxFrame) return false;
  if (text.length > maxFrame) return true;
  return new TextEncoder().encode(text).length > maxFrame;
}

/**
 * A socket that was accepted: looks at its record once more, since it may have been revoked while the socket opened,
 * greets it and tells the others.
 * @param {At} at
 * @param {import("./ports.d.ts").Accepted} accepted
 * @param {string} build
 */
export async function opened(at, accepted, build) {
  const { connection, owner, close } = accepted;
  const { room, store, now } = at;
  if (close) return await room.close(connection, close.code, close.reason);
  if (isProbe(connection)) return await probeOpened(at, accepted, build);
  const { id, role, address, user } = connection;
  const record = recordOf(connection);
  const state = await store.transact(async (tx) => ({
    known: await tx.get(record),
    account: await tx.get("account"),
    machines: await tx.list("machine:"),
  }));
  if (!state.known) return await room.close(connection, 4001, "revoked");
  const views = async () => machineViews(state.machines, await liveConnections(at));
  const machines = await views();
  await room.greet(
    connection,
    frame({
      type: "hello",
      id: role === "anchor" ? address : id,
      role,
      user: state.account ? { id: user, name: state.account.name, owner } : null,
      machines: role === "browser" ? machines : undefined,
      protocol,
      build,
      time: now,
    }),
  );
  // A revocation reaches who is in the room; what was revoked before this one was there is read only now.
  const { known, revoked } = await store.transact(async (tx) => ({
    known: await tx.get(record),
    revoked: role === "anchor" ? await tx.list("revoked:") : [],
  }));
  if (!known) return await room.close(connection, 4001, "revoked");
  await makeRoom(at, connection);
  if (role === "browser") {
    // A machine that came or went on another isolate meanwhile did not know of this browser yet.
    const current = await views();
    if (JSON.stringify(current) !== JSON.stringify(machines)) {
      await room.send(connection, frame({ type: "presence", machines: current }));
    }
    return;
  }
  for (const { key } of revoked) {
    await room.send(connection, frame({ type: "revoked", signin: key.slice("revoked:".length) }));
  }
  await tellPresence(at);
}

/**
 * Closes what a new connection replaces: the machine's other sockets, the user's oldest browsers past the limit.
 * @param {At} at
 * @param {Connection} connection
 */
async function makeRoom(at, { role, address }) {
  const others = (await liveConnections(at)).filter((other) => other.role === role);
  const [code, reason] = role === "anchor" ? [4000, "replaced"] : [4005, "limit"];
  const kept = role === "anchor" ? 1 : maxBrowsers;
  const rivals = role === "anchor" ? others.filter((other) => other.address === address) : others;
  for (const other of rivals.slice(0, -kept)) await at.room.close(other, code, reason);
}

/**
 * A socket that closed, or was given up by its platform.
 * @param {At} at
 * @param {Connection} connection
 */
export async function closed(at, connection) {
  if (connection.role !== "anchor" || isProbe(connection)) return;
  const other = await at.room.find(connection.address);
  // Another socket of the machine took over: nothing changed for the browsers.
  if (other && other.id !== connection.id) return;
  await at.store.transact(async (tx) => {
    const machine = await tx.get(`machine:${connection.address}`);
    if (machine) tx.set(`machine:${connection.address}`, { ...machine, seen: at.now });
  });
  await tellPresence(at);
}

/**
 * Tells the anchors whose account was just made.
 * @param {At} at
 * @param {{id: string, name: string, owner: boolean}} user
 */
export async function tellOwner(at, user) {
  const connections = await liveConnections(at);
  const anchors = connections.filter(({ role }) => role === "anchor");
  await sendAll(at, anchors, frame({ type: "owner", user }));
}
