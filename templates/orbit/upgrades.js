// Requests that become sockets: a page's, an anchor's, and those that a deployer tries.
import { admit, who } from "./endpoint.js";
import { Refusal } from "./errors.js";
import { bearer } from "./jwt.js";
import { deployer } from "./machine_endpoints.js";
import { readAnchorToken } from "./machines.js";
import { probeScope } from "./probe.js";
import { protocol } from "./version.js";

/** @typedef {import("./orbit.js").Edge} Edge */

/** @param {Edge} edge @param {URL} url @returns {Promise<Response>} */
export async function browserSocket(edge, url) {
  const { user, signin } = who(edge);
  needsUpgrade(edge.request);
  const args = { sid: signin, owner: await edge.keys.isOwner(user), close: mismatch(url) };
  return await edge.upgrade(`user:${user}`, "connect.browser", args);
}

/** @param {Edge} edge @param {URL} url @returns {Promise<Response>} */
export async function anchorSocket(edge, url) {
  const { request, limits, address } = edge;
  needsUpgrade(request);
  const token = bearer(request);
  try {
    const { user, machine } = readAnchorToken(token, edge.origin, edge.now);
    await admit(edge, "token", user);
    const args = { token, machine, owner: await edge.keys.isOwner(user), close: mismatch(url) };
    return await edge.upgrade(`user:${user}`, "connect.anchor", args);
  } catch (error) {
    // A wrong clock is no attempt at anything.
    if (error instanceof Refusal && error.code !== "clock") await limits.failed("token", address);
    throw error;
  }
}

/** @param {Edge} edge @param {URL} url @returns {Promise<Response>} */
export async function probeSocket(edge, url) {
  needsUpgrade(edge.request);
  await deployer(edge);
  const scope = probeScope(url.searchParams.get("room"));
  const role = url.searchParams.get("role");
  if (!scope || (role !== "anchor" && role !== "browser")) throw new Refusal("bad-request");
  return await edge.upgrade(scope, "connect.probe", { role, close: mismatch(url) });
}

/** @param {Request} request throws `bad-request` unless it asks for a WebSocket */
function needsUpgrade(request) {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new Refusal("bad-request", {
      message: "This address speaks WebSocket only: ask for an upgrade.",
    });
  }
}

/** @param {URL} url @returns {import("./ports.d.ts").Accepted["close"]} set when the relay does not speak that protocol */
function mismatch(url) {
  const asked = url.searchParams.get("protocol") ?? "";
  const known = /^\d{1,4}$/.test(asked) && Number(asked) >= protocol.min &&
    Number(asked) <= protocol.max;
  return known ? undefined : { code: 4002, reason: "protocol" };
}
