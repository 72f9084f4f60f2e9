// The relay. An adapter gives it ports and the web client's files; it gives back what to do with requests and sockets.
import { accountOperations } from "./accounts.js";
import { codeOperations } from "./codes.js";
import { Refusal } from "./errors.js";
import { fileServer } from "./files.js";
import { securityHeaders } from "./headers.js";
import { refuse } from "./http.js";
import { inviteOperations } from "./invites.js";
import { addressKey, limiter, limitOperations } from "./limits.js";
import { logOperations } from "./log.js";
import { loginOperations } from "./logins.js";
import { machineOperations } from "./machines.js";
import { passkeyOperations } from "./passkeys.js";
import { closeRevoked, liveConnections, tellPresence } from "./presence.js";
import { probeOperations } from "./probe.js";
import { closed, opened, receive } from "./relay.js";
import { relayOperations, relayState } from "./relay_state.js";
import { route } from "./router.js";
import { signinOperations, storeOfSignin } from "./signins.js";
import { totpOperations } from "./totp.js";

/**
 * @typedef {import("./ports.d.ts").Ports} Ports
 * @typedef {import("./ports.d.ts").Here} Here
 * @typedef {import("./ports.d.ts").Connection} Connection
 * @typedef {import("./ports.d.ts").Json} Json
 */

/** @typedef {{user: string, signin: string, issued: number}} Who a cookie's claims; `issued` in milliseconds */

/**
 * What an operation sees: its scope, the time, the user whose scope it is, and for those that ask the sign-in's record.
 * @typedef {Here & {now: number, user: string, signin: import("./signins.js").Signin}} At
 */

/**
 * What runs inside one scope. `signin`: only for the sign-in that `args.sid` names, which must have its record whenever
 * anything is read or written; `fresh`: and only while its user was verified in the last 5 minutes; `tells`: the user's
 * browsers learn what it did to the machines.
 * @typedef {object} Operation
 * @property {boolean} [signin]
 * @property {boolean} [fresh]
 * @property {boolean} [tells]
 * @property {(at: At, args: Json) => Json} run
 */

/**
 * What an endpoint sees.
 * @typedef {object} Edge
 * @property {Request} request
 * @property {number} now
 * @property {string} address what the client is counted as
 * @property {string} origin
 * @property {boolean} unpinned the origin is what the request says: its deployer has not pinned one yet
 * @property {ReturnType<typeof relayState>} keys
 * @property {ReturnType<typeof limiter>} limits
 * @property {import("./ports.d.ts").Secrets} secrets
 * @property {string} build
 * @property {ReturnType<typeof fileServer>} file
 * @property {Who} [who] on an address that needs the cookie
 * @property {string[]} cookies Set-Cookie headers of the answer
 * @property {(scope: string, name: string, args: Json) => Promise<Json>} call throws what the operation refuses
 * @property {(scope: string, name: string, args: Json) => Promise<Response>} upgrade the same for this request's socket
 */

/** @type {Map<string, Operation>} */
const operations = new Map(Object.entries({
  ...accountOperations,
  ...codeOperations,
  ...inviteOperations,
  ...limitOperations,
  ...logOperations,
  ...loginOperations,
  ...machineOperations,
  ...passkeyOperations,
  ...probeOperations,
  ...relayOperations,
  ...signinOperations,
  ...totpOperations,
}));

/**
 * @param {Ports} ports
 * @param {import("./ports.d.ts").Assets} assets
 */
export function createOrbit(ports, assets) {
  /** @param {string} scope @param {string} name @param {Json} args */
  const call = async (scope, name, args) => {
    const answer = await ports.call(scope, name, args);
    if ("refusal" in answer) throw Refusal.from(answer.refusal);
    return answer.value;
  };
  /** @param {string} scope @param {string} name @param {Json} args @param {Request} request */
  const upgrade = async (scope, name, args, request) => {
    const response = await ports.upgrade(scope, name, args, request);
    if ("refusal" in response) throw Refusal.from(response.refusal);
    return response;
  };
  const now = () => ports.now();
  const keys = relayState((name) => call("relay", name, {}), now);
  const limits = limiter(call, now);
  const file = fileServer(assets);
  const { build } = assets;

  /** @param {Here} here @returns {At} */
  const at = (here) => ({
    scope: here.scope,
    store: here.store,
    // Asked for each time: it may be another one once the first socket has come.
    get room() {
      return here.room;
    },
    now: now(),
    user: here.scope.slice("user:".length),
    signin: /** @type {any} */ (undefined),
  });

  return {
    /**
     * Answers a request; never rejects.
     * @param {Request} request
     * @returns {Promise<Response>}
     */
    async fetch(request) {
      /** @type {string | null} */
      let origin = ports.config.origin;
      let response;
      try {
        origin ??= (await keys.state()).origin;
        const unpinned = origin === null;
        // What a Host header makes of the address may be no URL.
        const url = URL.parse(request.url);
        if (!url) throw new Refusal("wrong-host");
        origin ??= `https://${url.host}`;
        /** @type {Edge} */
        const edge = {
          request,
          now: now(),
          address: addressKey(ports.address(request)),
          origin,
          unpinned,
          keys,
          limits,
          secrets: ports.secrets,
          build,
          file,
          cookies: [],
          call,
          upgrade: (scope, name, args) => upgrade(scope, name, args, request),
        };
        response = await route(edge, url);
      } catch (error) {
        if (!(error instanceof Refusal)) console.error("The relay failed:", error);
        response = refuse((error instanceof Refusal ? error : new Refusal("failed")).data());
      }
      if (response.status === 101) return response;
      for (const [name, value] of securityHeaders(origin)) response.headers.set(name, value);
      return response;
    },

    /**
     * Runs an operation inside its scope; never rejects.
     * @param {Here} here
     * @param {string} name
     * @param {Json} args
     * @returns {Promise<import("./ports.d.ts").Answer>}
     */
    async perform(here, name, args) {
      try {
        const operation = operations.get(name);
        if (!operation) throw new Error(`There is no operation ${name}.`);
        const view = at(here);
        if (operation.signin) {
          view.store = storeOfSignin(here.store, args.sid, operation.fresh ? view.now : null);
          view.signin = /** @type {At["signin"]} */ (
            await view.store.transact((tx) => tx.get(`signin:${args.sid}`))
          );
        }
        const value = await operation.run(view, args) ?? null;
        if (operation.tells) await tellPresence(at(here));
        return { value };
      } catch (error) {
        if (error instanceof Refusal) return { refusal: error.data() };
        console.error(`The operation ${name} failed:`, error);
        return { refusal: new Refusal("failed").data() };
      }
    },

    /**
     * A socket was accepted and is in the room.
     * @param {Here} here
     * @param {import("./ports.d.ts").Accepted} accepted
     */
    opened: (here, accepted) => opened(at(here), accepted, build),

    /**
     * A message came.
     * @param {Here} here
     * @param {Connection} connection
     * @param {unknown} message
     * @returns {void | Promise<void>}
     */
    message: (here, connection, message) =>
      receive({ room: here.room, now: now() }, connection, message),

    /**
     * Looks who is silent, on platforms where a connection's silence is not seen from everywhere.
     * @param {Here} here
     */
    look: (here) => liveConnections(at(here)),

    /**
     * Looks whose sign-in or machine was revoked, on platforms where word of it can get lost on its way here.
     * @param {Here} here
     * @param {Connection[]} connections those with a socket here
     * @param {number} since when it was looked before, in milliseconds since 1970
     */
    recheck: (here, connections, since) => closeRevoked(at(here), connections, since),

    /**
     * A greeted connection left the room: its socket closed, or the room closed it. Called once for each.
     * @param {Here} here
     * @param {Connection} connection
     */
    closed: (here, connection) => closed(at(here), connection),
  };
}
