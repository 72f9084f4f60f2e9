// Which address is answered by what, and who may ask: section 2 of docs/protocol.md.
import { accountEndpoints } from "./account_endpoints.js";
import { own } from "./endpoint.js";
import { Refusal } from "./errors.js";
import { take } from "./fields.js";
import { cookie, json, readObject } from "./http.js";
import { unguessable } from "./limits.js";
import { machineEndpoints } from "./machine_endpoints.js";
import { openEndpoints } from "./open_endpoints.js";
import { ownerEndpoints } from "./owner_endpoints.js";
import { signedInEndpoints } from "./signed_in_endpoints.js";
import { cookieName, readSignin } from "./tokens.js";
import { anchorSocket, browserSocket, probeSocket } from "./upgrades.js";
import { protocol, version } from "./version.js";

/** @typedef {import("./orbit.js").Edge} Edge */
/** @typedef {import("./endpoint.js").Endpoint} Endpoint */

/**
 * @typedef {object} Route
 * @property {"GET" | "POST"} method HEAD is answered where GET is
 * @property {"anyone" | "page" | "signed-in" | "machine"} from who may ask: `page` is one of the pinned origin, `signed-in`
 *   such a page with a cookie; to `machine` a page is refused and a cookie means nothing
 * @property {(edge: Edge, url: URL) => Response | Promise<Response>} answer
 */

/** Refusals that count against an address: each is what a guess is answered. */
const failures = new Set(["bad-link", "bad-passkey", "bad-ticket", "bad-code", "bad-signin"]);

/** What a relay answers whose platform told its address only once it ran, until its deployer pins that address. */
const beforePinning = new Set(["/health", "/deploy/origin"]);

/** @param {Edge} edge */
const health = ({ build, now }) => json({ ok: true, version, build, protocol, time: now });

/** @param {Record<string, Endpoint>} endpoints @param {Route["from"]} from @returns {[string, Route][]} */
const posts = (endpoints, from) =>
  Object.entries(endpoints).map(([path, endpoint]) => [
    path,
    { method: "POST", from, answer: (edge) => answer(edge, endpoint) },
  ]);

/** Every address but those of the web client's files. @type {Map<string, Route>} */
export const routes = new Map([
  ["/health", { method: "GET", from: "anyone", answer: health }],
  ["/socket", { method: "GET", from: "signed-in", answer: browserSocket }],
  ["/anchor", { method: "GET", from: "machine", answer: anchorSocket }],
  ["/deploy/probe", { method: "GET", from: "machine", answer: probeSocket }],
  ...Object.entries(machineEndpoints).map((
    [path, answer],
  ) => /** @type {[string, Route]} */ ([path, { method: "POST", from: "machine", answer }])),
  ...posts(openEndpoints, "page"),
  ...posts(signedInEndpoints, "signed-in"),
  ...posts(accountEndpoints, "signed-in"),
  ...posts(ownerEndpoints, "signed-in"),
]);

/**
 * @param {Edge} edge
 * @param {URL} url
 * @returns {Promise<Response>} throws a `Refusal`
 */
export async function route(edge, url) {
  const { request } = edge;
  const path = url.pathname;
  if (new URL(edge.origin).host !== url.host) throw new Refusal("wrong-host");
  if (edge.unpinned && !beforePinning.has(path)) throw new Refusal("wrong-host");
  const found = routes.get(path);
  if (!found) {
    const file = await edge.file(request, path);
    if (!file) throw new Refusal("not-found");
    return file;
  }
  const { method, from } = found;
  if (request.method !== method && !(method === "GET" && request.method === "HEAD")) {
    throw new Refusal("wrong-method");
  }
  const origin = request.headers.get("origin");
  if (from === "machine" && origin !== null) throw new Refusal("wrong-origin");
  if (from === "page" || from === "signed-in") {
    if (origin !== edge.origin) throw new Refusal("wrong-origin");
    if (from === "signed-in") edge.who = await signinOf(edge);
  }
  return await found.answer(edge, url);
}

/** @param {Edge} edge @returns {Promise<import("./orbit.js").Who>} throws `signed-out` */
const signinOf = ({ keys, request, origin, now }) =>
  readSignin(keys, origin, cookie(request.headers.get("cookie"), cookieName(origin)), now);

/**
 * @param {Edge} edge
 * @param {Endpoint} endpoint
 */
async function answer(edge, endpoint) {
  // Who is signed in answers for their own attempts: behind a front, strangers have the same address.
  const { who, address, limits } = edge;
  const fields = take(await readObject(edge.request), endpoint.take);
  const { counts } = endpoint;
  const kind = typeof counts === "function" ? counts(fields) : counts;
  const counted = (kind === "guess" ? who?.user : who?.signin) ?? address;
  const end = kind && !unguessable.has(kind) ? limits.begin(kind, counted) : undefined;
  try {
    if (endpoint.owner) await ownerOnly(edge);
    const value = endpoint.run
      ? await endpoint.run(edge, fields)
      : await own(edge, /** @type {string} */ (endpoint.operation), fields);
    const response = json(value);
    for (const cookie of edge.cookies) response.headers.append("set-cookie", cookie);
    return response;
  } catch (error) {
    if (kind && error instanceof Refusal && failures.has(error.code)) {
      await limits.failed(kind, counted);
    }
    throw error;
  } finally {
    end?.();
  }
}

/** @param {Edge} edge throws `not-owner`; ownership is read anew */
async function ownerOnly(edge) {
  await own(edge, "signins.check");
  const { owner } = await edge.keys.fresh();
  if (edge.who?.user !== owner) throw new Refusal("not-owner");
}
