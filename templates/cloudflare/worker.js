// The relay on Cloudflare: a Worker that checks what can be checked without state, and a Durable Object for each scope,
// which is also the room of its user. Bindings: SCOPE (the namespace of `Scope`), ORIGIN, DEPLOY_KEY.
// @ts-types="./workers.d.ts"
import { DurableObject, waitUntil } from "cloudflare:workers";
import * as assets from "../assets.js";
import { createOrbit } from "../orbit/orbit.js";
import { ping, pong } from "../orbit/relay.js";
import { storeOf } from "../orbit/store.js";
import { HibernatingRoom } from "./room.js";
import { SqlDriver } from "./store.js";

/**
 * @typedef {import("../orbit/ports.d.ts").Answer} Answer
 * @typedef {import("../orbit/ports.d.ts").Json} Json
 * @typedef {import("./platform.d.ts").Environment} Environment
 * @typedef {import("./platform.d.ts").ObjectState} ObjectState
 * @typedef {import("./platform.d.ts").ServerSocket} ServerSocket
 */

/** What an upgrade that goes to an object carries beside the client's request. */
const header = "x-orbit-operation";

/** @param {Promise<unknown>} promise */
const background = (promise) =>
  waitUntil(promise.catch((error) => console.error("The relay failed in the background:", error)));

/**
 * The edge overwrites the header; where there is no edge in front, the runtime tells the socket's own address and port.
 * @param {Request} request
 * @returns {string}
 */
function address(request) {
  const peer = Reflect.get(request, "cf")?.clientIp;
  if (peer === undefined) return request.headers.get("cf-connecting-ip") ?? "";
  const [, six, four] = /^(?:\[(.*)\]|([\d.]+)):\d+$/.exec(peer) ?? [];
  return six ?? four ?? peer;
}

/** @param {Environment} env */
function orbitOf(env) {
  return createOrbit({
    config: { origin: env.ORIGIN || null },
    secrets: { deployKey: env.DEPLOY_KEY || null },
    now: () => Date.now(),
    address,
    call: (scope, name, args) => env.SCOPE.getByName(scope).perform(scope, name, args),
    async upgrade(scope, name, args, request) {
      const inner = new Request(request);
      inner.headers.set(header, encodeURIComponent(JSON.stringify({ scope, name, args })));
      const response = await env.SCOPE.getByName(scope).fetch(inner);
      return response.status === 101 ? response : { refusal: await response.json() };
    },
  }, assets);
}

/** @type {ReturnType<typeof orbitOf> | undefined} */
let orbit;

export default {
  /** @param {Request} request @param {Environment} env @returns {Promise<Response>} */
  fetch(request, env) {
    orbit ??= orbitOf(env);
    return orbit.fetch(request);
  },
};

export class Scope extends DurableObject {
  /** @param {ObjectState} ctx @param {Environment} env */
  constructor(ctx, env) {
    super(ctx, env);
    this.orbit = orbitOf(env);
    this.state = ctx;
    this.driver = new SqlDriver(ctx.storage);
    this.room = new HibernatingRoom(ctx, (connection) => {
      background(this.orbit.closed(this.at(`user:${connection.user}`), connection));
    });
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(ping, pong));
  }

  /** @param {string} scope its own name: the platform does not always tell it */
  at(scope) {
    return { scope, store: storeOf(this.driver, Date.now), room: this.room };
  }

  /** @param {string} scope @param {string} name @param {Json} args @returns {Promise<Answer>} */
  perform(scope, name, args) {
    return this.orbit.perform(this.at(scope), name, args);
  }

  /** An upgrade, from the Worker only: nothing else can name an object. @param {Request} request */
  async fetch(request) {
    const asked = JSON.parse(decodeURIComponent(request.headers.get(header) ?? ""));
    const here = this.at(asked.scope);
    const answer = await this.orbit.perform(here, asked.name, asked.args);
    if ("refusal" in answer) return Response.json(answer.refusal);
    const [client, server] = Object.values(new WebSocketPair());
    this.state.acceptWebSocket(server);
    this.room.accept(answer.value.connection, server);
    await this.orbit.opened(here, answer.value);
    const init = /** @type {ResponseInit} */ ({ status: 101, webSocket: client });
    return new Response(null, init);
  }

  /** @param {ServerSocket} socket @param {unknown} message */
  webSocketMessage(socket, message) {
    const connection = this.room.hear(socket);
    if (!connection) return;
    return this.orbit.message(this.at(`user:${connection.user}`), connection, message);
  }

  /** @param {ServerSocket} socket @param {number} code */
  webSocketClose(socket, code) {
    this.room.gone(socket);
    try {
      socket.close(code === 1005 || code === 1006 ? 1000 : code);
    } catch {
      // It is closed already.
    }
  }

  /** @param {ServerSocket} socket */
  webSocketError(socket) {
    this.room.gone(socket);
  }

  alarm() {
    return this.driver.sweep();
  }
}
