// A round trip that the relay's deployer tries after a change (docs/protocol.md, section 2): two throw-away sockets in a
// room of their own, in which frames pass under the ordinary rules and of which no record stays. Only a deploy token
// opens one, and no user can have such a room: users' ids begin otherwise.
import { newConnection, newMachine } from "./ids.js";
import { frame } from "./presence.js";
import { protocol } from "./version.js";

/** @typedef {import("./orbit.js").At} At */
/** @typedef {import("./ports.d.ts").Accepted} Accepted */
/** @typedef {import("./ports.d.ts").Connection} Connection */

const prefix = "probe_";
/** How long a probe's sockets may speak, in milliseconds. */
const probeTime = 60_000;

/**
 * @param {string | null} room 128 random bits that the deployer chose
 * @returns {string | undefined} the scope of that room; undefined for what is no name of one
 */
export const probeScope = (room) =>
  room && /^[A-Za-z0-9_-]{22}$/.test(room) ? `user:${prefix}${room}` : undefined;

/** @param {Connection} connection */
export const isProbe = ({ user }) => user.startsWith(prefix);

/** @type {Record<string, import("./orbit.js").Operation>} */
export const probeOperations = {
  "connect.probe": {
    run: ({ user, now }, { role, close }) => {
      if (!user.startsWith(prefix)) throw new Error("A probe is for a room of its own.");
      const id = newConnection();
      const address = role === "anchor" ? newMachine() : id;
      const connection = { id, address, role, user, since: now, until: now + probeTime };
      return { connection, owner: false, close };
    },
  },
};

/**
 * Greets a probe's socket; it has no record that could be looked at.
 * @param {At} at
 * @param {Accepted} accepted
 * @param {string} build
 */
export async function probeOpened({ room, now }, { connection }, build) {
  const { address: id, role } = connection;
  const machines = role === "browser" ? [] : undefined;
  await room.greet(
    connection,
    frame({ type: "hello", id, role, user: null, machines, protocol, build, time: now }),
  );
}
