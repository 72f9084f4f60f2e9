// The endpoints of machines and deployers: no cookie is read, and a request from a page is refused.
import { slice, utf8 } from "./encoding.js";
import { codeTime, newCode, pollInterval } from "./codes.js";
import { Refusal } from "./errors.js";
import * as field from "./fields.js";
import { json, readObject, readText } from "./http.js";
import { showUserCode } from "./ids.js";
import { bearer, hmacKey, readToken, verifyHS256 } from "./jwt.js";

/** @typedef {import("./orbit.js").Edge} Edge */

/** How long a claim link works, in milliseconds. */
const claimTime = 60 * 60 * 1000;
/** The shortest deploy key, in characters: a shorter one could be guessed, and counts as none. */
const minDeployKey = 32;
/** The longest life of a deployer's token, in milliseconds. */
const maxDeployLife = 10 * 60 * 1000;

const grantType = "urn:ietf:params:oauth:grant-type:device_code";

/** @type {field.Field<string>} */
const hash = (value) => field.bytes(32)(value)?.length === 32 ? String(value) : undefined;

/** @type {Record<string, (edge: Edge) => Promise<Response>>} */
export const machineEndpoints = {
  "/device/code": async (edge) => {
    const { name, jwk } = field.take(await readObject(edge.request), {
      name: field.name,
      jwk: field.publicKey,
    });
    edge.limits.check("code", edge.address);
    await edge.limits.count("code", edge.address);
    for (;;) {
      const { code, secret } = newCode();
      const scope = await slice("code", code);
      if (!await edge.call(scope, "code.make", { code, secret, name, jwk })) continue;
      const shown = showUserCode(code);
      return json({
        device_code: `${scope.slice("code:".length)}.${secret}`,
        user_code: shown,
        verification_uri: `${edge.origin}/`,
        verification_uri_complete: `${edge.origin}/#code=${shown}`,
        expires_in: codeTime / 1000,
        interval: pollInterval,
      });
    }
  },

  "/device/token": async (edge) => {
    const form = new URLSearchParams(await readText(edge.request));
    const match = /^([0-9a-f]{2})\.([A-Za-z0-9_-]{43})$/.exec(form.get("device_code") ?? "");
    if (form.get("grant_type") !== grantType) return json({ error: "unsupported_grant_type" }, 400);
    if (!match) return json({ error: "invalid_request" }, 400);
    const answer = await edge.call(`code:${match[1]}`, "code.poll", { secret: match[2] });
    if (answer.error === "expired_token") await edge.limits.failed("token", edge.address);
    if (answer.error) return json({ error: answer.error }, 400);
    const { user, machine } = answer;
    const name = await edge.call(`user:${user}`, "machines.known", { id: machine });
    // Approved, but its user's scope does not have it yet: the approval has another step to go.
    if (name === null) return json({ error: "authorization_pending" }, 400);
    return json({ user, machine, name, origin: edge.origin });
  },

  "/deploy/origin": async (edge) => {
    await deployer(edge);
    const { origin } = await edge.call("relay", "relay.pin", { origin: edge.origin });
    if (origin !== edge.origin) throw new Refusal("wrong-host");
    await edge.keys.fresh();
    return json({ origin });
  },

  "/deploy/claim": async (edge) => {
    await deployer(edge);
    const { claim, machine } = field.take(await readObject(edge.request), {
      claim: hash,
      machine: field.optional(field.object({ name: field.name, jwk: field.publicKey })),
    });
    const { owner } = await edge.keys.fresh();
    const expires = edge.now + claimTime;
    const made = await edge.call(`user:${owner}`, "claim.make", { claim, machine, expires });
    return json({ user: owner, machine: made.machine, expires });
  },

  "/deploy/recover": async (edge) => {
    await deployer(edge);
    const { claim } = field.take(await readObject(edge.request), { claim: hash });
    const { owner } = await edge.keys.fresh();
    const { address } = edge;
    if (!await edge.call(`user:${owner}`, "account.look", {})) throw new Refusal("unowned");
    const { expires } = await edge.call(`user:${owner}`, "link.recover", { hash: claim, address });
    return json({ user: owner, expires });
  },
};

/**
 * Proves that a request comes from who deployed the relay, and consumes its token.
 * @param {Edge} edge
 */
export async function deployer(edge) {
  const token = readToken(bearer(edge.request));
  const { deployKey } = edge.secrets;
  const now = edge.now;
  const valid = token && deployKey && deployKey.length >= minDeployKey &&
    token.header.typ === "deploy+jwt" &&
    await verifyHS256(token, await hmacKey(utf8(deployKey)));
  const { aud, exp, jti } = valid ? token.claims : {};
  const ends = typeof exp === "number" ? exp * 1000 : 0;
  if (aud !== edge.origin || ends <= now || ends > now + maxDeployLife || typeof jti !== "string") {
    await edge.limits.failed("token", edge.address);
    throw new Refusal("bad-token", {
      message: "This token was not accepted: sign it with the deploy key of this relay.",
    });
  }
  if (!/^[A-Za-z0-9_-]{16,64}$/.test(jti)) throw new Refusal("bad-token");
  await edge.call("relay", "relay.consume", { jti, deadline: ends });
}
