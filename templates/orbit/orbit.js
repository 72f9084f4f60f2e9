// The relay. An adapter gives it ports and the web client's files; it gives back what to do with requests and sockets.
import { accountEndpoints } from "./account_endpoints.js";
import { accountOperations } from "./accounts.js";
import { codeOperations } from "./codes.js";
import { own } from "./endpoint.js";
import { Refusal } from "./errors.js";
import { take } from "./fields.js";
import { fileServer } from "./files.js";
import { securityHeaders } from "./headers.js";
import { cookie, json, readObject, refuse } from "./http.js";
import { inviteOperations } from "./invites.js";
import { bearer } from "./jwt.js";
import { addressKey, limiter, limitOperations } from "./limits.js";
import { logOperations } from "./log.js";
import { machineEndpoints } from "./machine_endpoints.js";
import { machineOperations, readAnchorToken } from "./machines.js";
import { openEndpoints } from "./open_endpoints.js";
import { ownerEndpoints } from "./owner_endpoints.js";
import { passkeyOperations } from "./passkeys.js";
import { liveConnections } from "./presence.js";
import { closed, opened, receive } from "./relay.js";
import { relayOperations, relayState } from "./relay_state.js";
import { signedInEndpoints } from "./signed_in_endpoints.js";
import { isFresh, signinOperations } from "./signins.js";
import { cookieName, readSignin } from "./tokens.js";
import { totpOperations } from "./totp.js";
import { protocol, version } from "./version.js";

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
 * What runs inside one scope. `signin`: only for the sign-in that `args.sid` names, which must have its record; `fresh`:
 * and only while its user was verified in the last 5 minutes.
 * @typedef {object} Operation
 * @property {boolean} [signin]
 * @property {boolean} [fresh]
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
 * @property {Who} [who]
 * @property {string[]} cookies Set-Cookie headers of the answer
 * @property {(scope: string, name: string, args: Json) => Promise<Json>} call
 */

/** Refusals that count against an address: each is what a guess is answered. */
const failures = new Set(["bad-link", "bad-passkey", "bad-ticket", "bad-code", "bad-signin"]);

/** The most machines that an instance remembers to have been here. */
const maxProven = 10_000;

/** What a relay answers whose platform told its address only once it ran, until its deployer pins that address. */
const beforePinning = new Set(["/health", "/deploy/origin"]);

/** @type {Map<string, Operation>} */
const operations = new Map(Object.entries({
  ...accountOperations,
  ...codeOperations,
  ...inviteOperations,
  ...limitOperations,
  ...logOperations,
  ...machineOperations,
  ...passkeyOperations,
  ...relayOperations,
  ...signinOperations,
  ...totpOperations,
}));

const open = new Map(Object.entries(openEndpoints));
const signedIn = new Map(Object.entries({
  ...signedInEndpoints,
  ...accountEndpoints,
  ...ownerEndpoints,
}));
const forMachines = new Map(Object.entries(machineEndpoints));

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
  const now = () => ports.now();
  const keys = relayState((name) => call("relay", name, {}), now);
  const limits = limiter(call, now);
  const file = fileServer(assets);
  const { build } = assets;
  /** Machines that proved themselves to this instance, whose ids nobody else can guess. @type {Set<string>} */
  const proven = new Set();

  /** @param {Here} here @returns {At} */
  const at = (here) => ({
    ...here,
    now: now(),
    user: here.scope.slice("user:".length),
    signin: /** @type {any} */ (undefined),
  });

  /** @param {Edge} edge @param {URL} url @returns {Promise<Response>} */
  async function route(edge, url) {
    const { request } = edge;
    const path = url.pathname;
    if (new URL(edge.origin).host !== url.host) throw new Refusal("wrong-host");
    if (edge.unpinned && !beforePinning.has(path)) throw new Refusal("wrong-host");
    if (path === "/health") {
      needs(request, "GET");
      return json({ ok: true, version, build, protocol, time: edge.now });
    }
    if (path === "/socket") return await socket(edge, url);
    if (path === "/anchor") return await anchor(edge, url);
    const machine = forMachines.get(path);
    if (machine) {
      needs(request, "POST");
      noPage(request);
      return await machine(edge);
    }
    const endpoint = open.get(path) ?? signedIn.get(path);
    if (!endpoint) {
      const found = await file(request, path);
      if (!found) throw new Refusal("not-found");
      return found;
    }
    needs(request, "POST");
    ownPage(edge);
    if (!open.has(path)) edge.who = await signinOf(edge);
    return await answer(edge, endpoint);
  }

  /**
   * @param {Edge} edge
   * @param {import("./endpoint.js").Endpoint} endpoint
   */
  async function answer(edge, endpoint) {
    // Who is signed in answers for their own attempts: behind a front, strangers have the same address.
    const counted = edge.who?.signin ?? edge.address;
    if (endpoint.counts) limits.check(endpoint.counts, counted);
    const fields = take(await readObject(edge.request), endpoint.take);
    if (endpoint.owner) await ownerOnly(edge);
    try {
      const value = endpoint.run
        ? await endpoint.run(edge, fields)
        : await own(edge, /** @type {string} */ (endpoint.operation), fields);
      const response = json(value);
      for (const cookie of edge.cookies) response.headers.append("set-cookie", cookie);
      return response;
    } catch (error) {
      if (endpoint.counts && error instanceof Refusal && failures.has(error.code)) {
        await limits.count(endpoint.counts, counted);
      }
      throw error;
    }
  }

  /** @param {Edge} edge throws `not-owner`; ownership is read anew */
  async function ownerOnly(edge) {
    await own(edge, "signins.check");
    const { owner } = await keys.fresh();
    if (edge.who?.user !== owner) throw new Refusal("not-owner");
  }

  /** @param {Edge} edge @returns {Promise<Who>} */
  const signinOf = ({ request, origin, now }) =>
    readSignin(keys, origin, cookie(request.headers.get("cookie"), cookieName(origin)), now);

  /** @param {Edge} edge @param {URL} url */
  async function socket(edge, url) {
    needs(edge.request, "GET");
    ownPage(edge);
    const { user, signin } = await signinOf(edge);
    needsUpgrade(edge.request);
    const args = { sid: signin, owner: await keys.isOwner(user), close: mismatch(url) };
    return await upgrade(`user:${user}`, "connect.browser", args, edge.request);
  }

  /** @param {Edge} edge @param {URL} url */
  async function anchor(edge, url) {
    needs(edge.request, "GET");
    noPage(edge.request);
    needsUpgrade(edge.request);
    const token = bearer(edge.request);
    try {
      const { user, machine } = readAnchorToken(token, edge.origin, edge.now);
      // One that was here may always come back: behind a front, strangers have the same address.
      if (!proven.has(machine)) limits.check("token", edge.address);
      const args = { token, machine, owner: await keys.isOwner(user), close: mismatch(url) };
      const response = await upgrade(`user:${user}`, "connect.anchor", args, edge.request);
      proven.add(machine);
      if (proven.size > maxProven) {
        proven.delete(/** @type {string} */ (proven.values().next().value));
      }
      return response;
    } catch (error) {
      // A wrong clock is no attempt at anything.
      if (error instanceof Refusal && error.code !== "clock" && error.code !== "slow-down") {
        limits.check("token", edge.address);
        await limits.count("token", edge.address);
      }
      throw error;
    }
  }

  /** @param {string} scope @param {string} name @param {Json} args @param {Request} request */
  async function upgrade(scope, name, args, request) {
    const response = await ports.upgrade(scope, name, args, request);
    if ("refusal" in response) throw Refusal.from(response.refusal);
    return response;
  }

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
        origin ??= `https://${new URL(request.url).host}`;
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
          cookies: [],
          call,
        };
        response = await route(edge, new URL(request.url));
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
          const record = await here.store.transact((tx) => tx.get(`signin:${args.sid}`));
          if (!record) throw new Refusal("signed-out");
          if (operation.fresh && !isFresh(record, view.now)) throw new Refusal("verify-first");
          view.signin = record;
        }
        return { value: await operation.run(view, args) ?? null };
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
    message: (here, connection, message) => receive(at(here), connection, message),

    /**
     * Looks who is silent, on platforms where a connection's silence is not seen from everywhere.
     * @param {Here} here
     */
    look: (here) => liveConnections(at(here)),

    /**
     * A greeted connection left the room: its socket closed, or the room closed it. Called once for each.
     * @param {Here} here
     * @param {Connection} connection
     */
    closed: (here, connection) => closed(at(here), connection),
  };
}

/** @param {Request} request @param {string} method throws `wrong-method` */
function needs(request, method) {
  if (request.method === method || (method === "GET" && request.method === "HEAD")) return;
  throw new Refusal("wrong-method");
}

/** @param {Request} request throws `bad-request` unless it asks for a WebSocket */
function needsUpgrade(request) {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new Refusal("bad-request", {
      message: "This address speaks WebSocket only: ask for an upgrade.",
    });
  }
}

/** @param {Request} request throws `wrong-origin` when a page sent it */
function noPage(request) {
  if (request.headers.has("origin")) throw new Refusal("wrong-origin");
}

/** @param {Edge} edge throws `wrong-origin` unless a page of the pinned origin sent it */
function ownPage({ request, origin }) {
  if (request.headers.get("origin") !== origin) throw new Refusal("wrong-origin");
}

/** @param {URL} url @returns {import("./ports.d.ts").Accepted["close"]} set when the relay does not speak that protocol */
function mismatch(url) {
  const asked = url.searchParams.get("protocol") ?? "";
  const known = /^\d{1,4}$/.test(asked) && Number(asked) >= protocol.min &&
    Number(asked) <= protocol.max;
  return known ? undefined : { code: 4002, reason: "protocol" };
}
