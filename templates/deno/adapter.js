// The ports on Deno: Deno KV for the scopes, sockets in this process for the rooms.
import { createOrbit } from "../orbit/orbit.js";
import { storeOf } from "../orbit/store.js";
import { LocalRoom } from "./room.js";
import { driver } from "./store.js";

/**
 * @typedef {import("../orbit/ports.d.ts").Here} Here
 * @typedef {import("../orbit/ports.d.ts").Ports} Ports
 */

/**
 * @param {Deno.Kv} kv
 * @param {import("../orbit/ports.d.ts").Assets} assets
 * @param {{origin: string | null, deployKey: string | null}} settings
 */
export function denoOrbit(kv, assets, { origin, deployKey }) {
  /** @type {Map<string, LocalRoom>} */
  const rooms = new Map();
  /** @type {WeakMap<Request, string>} */
  const addresses = new WeakMap();
  /** The open sockets, each with the promise of its end. @type {Map<WebSocket, Promise<void>>} */
  const sockets = new Map();
  let ending = false;
  const now = () => Date.now();

  /** @param {Promise<unknown>} promise */
  const background = (promise) => {
    promise.catch((error) => console.error("The relay failed in the background:", error));
  };

  /** @param {string} scope @returns {Here & {room: LocalRoom}} */
  const at = (scope) => {
    const room = rooms.get(scope) ??
      new LocalRoom((connection) => background(orbit.closed(at(scope), connection)));
    return { scope, store: storeOf(driver(kv, scope), now), room };
  };

  /** @type {Ports} */
  const ports = {
    config: { origin },
    secrets: { deployKey },
    now,
    address: (request) => addresses.get(request) ?? "",
    background,
    call: (scope, name, args) => orbit.perform(at(scope), name, args),
    async upgrade(scope, name, args, request) {
      const answer = await orbit.perform(at(scope), name, args);
      if ("refusal" in answer) return answer;
      const { socket, response } = Deno.upgradeWebSocket(request);
      accept(scope, answer.value, socket);
      return response;
    },
  };
  const orbit = createOrbit(ports, assets);

  /**
   * @param {string} scope
   * @param {import("../orbit/ports.d.ts").Accepted} accepted
   * @param {WebSocket} socket
   */
  function accept(scope, accepted, socket) {
    const { connection } = accepted;
    const here = at(scope);
    const { room } = here;
    rooms.set(scope, room);
    const member = room.accept(connection, socket);
    /** Messages that come before the greeting wait for it. @type {Promise<void> | undefined} */
    let opening;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      opening = orbit.opened(here, accepted).catch((error) => {
        console.error("A socket could not be opened:", error);
        room.close(connection, 1011, "failed");
      }).then(() => {
        opening = undefined;
      });
    };
    socket.onmessage = ({ data }) => {
      member.heard = now();
      const handle = () => {
        if (!room.members.has(connection.id)) return;
        const done = orbit.message(here, connection, data);
        if (done) background(done);
      };
      if (opening) opening.then(handle);
      else handle();
    };
    socket.onerror = () => {};
    const { promise, resolve } = Promise.withResolvers();
    sockets.set(socket, promise);
    socket.onclose = () => {
      sockets.delete(socket);
      resolve(undefined);
      room.gone(connection);
      if (room.empty) rooms.delete(scope);
    };
  }

  return {
    /** @param {Request} request @param {Deno.ServeHandlerInfo<Deno.NetAddr>} info */
    fetch(request, info) {
      if (ending) return new Response(null, { status: 503, headers: { "retry-after": "1" } });
      addresses.set(request, info.remoteAddr.hostname);
      return orbit.fetch(request);
    },
    /** Closes every socket, so that its owner dials again at once. Resolves when they are closed, or after a second. */
    async end() {
      ending = true;
      for (const room of rooms.values()) room.end(1012, "restart");
      rooms.clear();
      const late = new Promise((resolve) => setTimeout(resolve, 1000));
      await Promise.race([Promise.all(sockets.values()), late]);
    },
  };
}
