// The ports on Deno: Deno KV for the scopes, sockets in this process for the rooms, and a mailbox for those elsewhere where
// the platform may run several isolates.
import { Refusal } from "../orbit/errors.js";
import { createOrbit } from "../orbit/orbit.js";
import { storeOf } from "../orbit/store.js";
import { Cluster } from "./cluster.js";
import { sleep } from "./mailbox.js";
import { LocalRoom } from "./room.js";
import { SharedRoom } from "./shared_room.js";
import { driver } from "./store.js";

/**
 * @typedef {import("../orbit/ports.d.ts").Here} Here
 * @typedef {import("../orbit/ports.d.ts").Ports} Ports
 */

/** How often the entries of connections that last are prolonged, in milliseconds. */
const prolongTime = 6 * 60 * 60 * 1000;
/**
 * How often the records of those who are connected are looked at, in milliseconds. A revocation is told at once; this is for
 * what was told by an isolate that died over it, and each look costs reads of the store.
 */
const recheckTime = 5 * 60 * 1000;
/** How much may come before the greeting, in bytes or UTF-16 units: what is sent again comes after it. */
const mostEarly = 256 * 1024;

/**
 * @param {Deno.Kv} kv
 * @param {import("../orbit/ports.d.ts").Assets} assets
 * @param {{origin: string | null, deployKey: string | null, shared: boolean}} settings `shared`: other isolates serve the
 *   same relay over the same store
 */
export function denoOrbit(kv, assets, { origin, deployKey, shared }) {
  /** Those with a socket here, by scope. @type {Map<string, Here & {room: LocalRoom | SharedRoom}>} */
  const places = new Map();
  /** @type {WeakMap<Request, string>} */
  const addresses = new WeakMap();
  /** The open ones. @type {Set<WebSocket>} */
  const sockets = new Set();
  let ending = false;
  const now = () => Date.now();

  /** @param {Promise<unknown>} promise */
  const background = (promise) => {
    promise.catch((error) => console.error("The relay failed in the background:", error));
  };

  const cluster = shared ? clusterOf() : undefined;
  const prolonging = cluster &&
    setInterval(() => background(cluster.prolong()), prolongTime);
  const rechecking = cluster && setInterval(() => {
    for (const here of places.values()) {
      // Twice as far back: what was revoked while the last look was under way is not to be missed.
      background(orbit.recheck(here, here.room.here(), now() - 2 * recheckTime));
    }
  }, recheckTime);

  function clusterOf() {
    /** @type {Cluster} */
    const made = new Cluster(kv, {
      received(envelope, text, from) {
        const { scope, to } = envelope;
        const room = places.get(scope)?.room;
        if (room instanceof SharedRoom) room.receive(envelope, text, from);
        else if (to) made.post(from, { scope, left: to });
      },
      others: () => new Set(sharedRooms().flatMap((room) => [...room.isolates()])),
      lost(isolate) {
        for (const room of sharedRooms()) background(room.lost(isolate));
      },
      fenced() {
        // The clients dial again, and are entered under the new id.
        for (const room of sharedRooms()) room.forget(1012, "restart");
      },
      tick() {
        for (const room of sharedRooms()) {
          if (room.remote.size > 0) background(orbit.look(at(room.scope)));
        }
      },
    });
    return made;
  }

  const rooms = () => Array.from(places.values(), ({ room }) => room);
  const sharedRooms = () => rooms().filter((room) => room instanceof SharedRoom);

  /** @param {string} scope */
  const newRoom = (scope) => {
    /** @param {import("../orbit/ports.d.ts").Connection} connection */
    const left = (connection) => orbit.closed(at(scope), connection);
    return cluster
      ? new SharedRoom(cluster, scope, left)
      : new LocalRoom((connection) => background(left(connection)));
  };

  /** @param {string} scope @returns {Here} */
  const at = (scope) => {
    /** @type {LocalRoom | SharedRoom | undefined} */
    let empty;
    return {
      scope,
      store: storeOf(driver(kv, scope), now),
      // Whatever is under way while a first socket comes must find it there: what is revoked is to reach it.
      get room() {
        return places.get(scope)?.room ?? (empty ??= newRoom(scope));
      },
    };
  };

  /** @type {Ports} */
  const ports = {
    config: { origin },
    secrets: { deployKey },
    now,
    address: (request) => addresses.get(request) ?? "",
    call: (scope, name, args) => orbit.perform(at(scope), name, args),
    async upgrade(scope, name, args, request) {
      const answer = await orbit.perform(at(scope), name, args);
      if ("refusal" in answer) return answer;
      let upgraded;
      try {
        upgraded = Deno.upgradeWebSocket(request);
      } catch {
        // Not quite a handshake: only here it is looked at closely.
        return { refusal: new Refusal("bad-request").data() };
      }
      accept(scope, answer.value, upgraded.socket);
      return upgraded.response;
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
    const here = places.get(scope) ??
      { scope, store: storeOf(driver(kv, scope), now), room: newRoom(scope) };
    const { room } = here;
    places.set(scope, here);
    /** What came before the greeting waits for it, in order. @type {unknown[]} */
    let early = [];
    let kept = 0;
    const member = room.accept(connection, socket, () => {
      const waiting = early;
      early = [];
      // One of them may close the socket.
      for (const data of waiting) if (room.has(connection.id)) handle(data);
    });
    /** @param {unknown} data */
    const handle = (data) => {
      const done = orbit.message(here, connection, data);
      if (done) background(done);
    };
    socket.binaryType = "arraybuffer";
    const greet = async () => {
      try {
        await orbit.opened(here, accepted);
      } catch (error) {
        console.error("A socket could not be opened:", error);
        room.close(connection, 1011, "failed");
      }
    };
    // A listener that is gone afterwards: a thousand sockets that do nothing should hold little.
    socket.addEventListener("open", greet, { once: true });
    socket.onmessage = ({ data }) => {
      member.heard = now();
      if (room.has(connection.id)) return handle(data);
      kept += data.length ?? data.byteLength;
      if (kept <= mostEarly) early.push(data);
      else room.close(connection, 1009, "too-big");
    };
    sockets.add(socket);
    socket.onclose = () => {
      sockets.delete(socket);
      room.gone(connection);
      // A socket that was given up may end late: by then the scope can have another room, with others in it.
      if (room.empty && places.get(scope) === here) places.delete(scope);
    };
  }

  return {
    /** @param {Request} request @param {Deno.ServeHandlerInfo<Deno.NetAddr>} info */
    fetch(request, info) {
      if (ending) return new Response(null, { status: 503, headers: { "retry-after": "1" } });
      addresses.set(request, info.remoteAddr.hostname);
      return orbit.fetch(request);
    },
    end,
  };

  /** Closes every socket, so that its owner dials again at once. Resolves when they are closed, or after a second. */
  async function end() {
    ending = true;
    clearInterval(prolonging);
    clearInterval(rechecking);
    const closed = Array.from(
      sockets,
      (socket) => new Promise((resolve) => socket.addEventListener("close", resolve)),
    );
    for (const room of rooms()) room.end(1012, "restart");
    await Promise.race([Promise.all(closed), sleep(1000)]);
    await cluster?.end();
    places.clear();
  }
}
