// Machines: an account's records of its anchors, and how an anchor proves that it is one.
import { base64url } from "./encoding.js";
import { Refusal } from "./errors.js";
import { fingerprint, isMachine, isUser, newConnection, newMachine, thumbprint } from "./ids.js";
import { note } from "./log.js";
import { signinEnd } from "./signins.js";
import { es256Key, readToken, verifyES256 } from "./jwt.js";
import { liveConnections, machineView } from "./presence.js";

/** The most machines of a user. */
const maxMachines = 32;
/** The longest life of an anchor's token, in seconds. */
const maxTokenLife = 60;
/** How far an anchor's clock may be off, in seconds. */
const clockError = 5;

/** @typedef {import("./presence.js").Machine} Machine */
/** @typedef {import("./ports.d.ts").Transaction} Transaction */

/**
 * @param {string} name
 * @param {import("./fields.js").PublicKey} jwk
 * @param {number} now
 * @returns {Promise<Machine>}
 */
async function newMachineRecord(name, jwk, now) {
  const print = await thumbprint(jwk);
  const kid = base64url(print);
  return { name, jwk, kid, fingerprint: fingerprint(print), created: now, seen: now };
}

/**
 * Stores a machine; one with the same key keeps its id and takes the new name.
 * @param {Transaction} tx
 * @param {string} id for a new one
 * @param {Machine} machine
 * @returns {Promise<string>} its id; throws `limit` past the most
 */
async function putMachine(tx, id, machine) {
  const machines = await tx.list("machine:");
  const same = machines.find(({ value }) => value.kid === machine.kid);
  if (same) {
    tx.set(same.key, { ...same.value, name: machine.name });
    return same.key.slice("machine:".length);
  }
  if (machines.length >= maxMachines) throw tooMany();
  tx.set(`machine:${id}`, machine);
  return id;
}

const tooMany = () =>
  new Refusal("limit", {
    message: `An account has at most ${maxMachines} machines: revoke one first.`,
    extra: { limit: "machines" },
  });

/**
 * What of an anchor's token can be checked without its key.
 * @param {string | undefined} text
 * @param {string} origin
 * @param {number} now
 * @returns {{user: string, machine: string}} throws `bad-token`, or `clock` with the server's time
 */
export function readAnchorToken(text, origin, now) {
  const token = readToken(text);
  if (!token || token.header.typ !== "anchor+jwt" || token.header.alg !== "ES256") {
    throw new Refusal("bad-token");
  }
  const { iss, sub, aud, iat, exp, jti } = token.claims;
  const known = isMachine(iss) && isUser(sub) && aud === origin && typeof jti === "string" &&
    /^[A-Za-z0-9_-]{22}$/.test(jti);
  if (!known || typeof iat !== "number" || typeof exp !== "number") throw new Refusal("bad-token");
  if (!(exp > iat) || exp - iat > maxTokenLife) throw new Refusal("bad-token");
  const seconds = now / 1000;
  if (exp <= seconds - clockError || iat > seconds + clockError) {
    throw new Refusal("clock", { extra: { time: now } });
  }
  return { user: sub, machine: iss };
}

/** @type {Record<string, import("./orbit.js").Operation>} */
export const machineOperations = {
  /** Proves an anchor and consumes its token. */
  "connect.anchor": {
    run: async ({ store, now, user }, { token: text, machine, owner, close }) => {
      const key = `machine:${machine}`;
      const record = await store.transact((tx) => tx.get(key));
      if (!record) throw new Refusal("unknown-machine");
      const token = readToken(text);
      if (!token || token.header.kid !== record.kid) throw new Refusal("bad-token");
      if (!await verifyES256(token, await es256Key(record.jwk))) throw new Refusal("bad-token");
      const { jti, exp } = token.claims;
      await store.transact(async (tx) => {
        const current = await tx.get(key);
        if (!current) throw new Refusal("unknown-machine");
        if (await tx.get(`spent:${jti}`)) throw new Refusal("bad-token");
        tx.set(`spent:${jti}`, true, (Number(exp) + clockError) * 1000);
        tx.set(key, { ...current, seen: now });
      });
      const id = newConnection();
      return {
        connection: { id, address: machine, role: "anchor", user, since: now },
        owner,
        close,
      };
    },
  },

  "connect.browser": {
    signin: true,
    run: ({ now, user, signin }, { sid, owner, close }) => {
      const id = newConnection();
      const until = signinEnd(signin);
      return {
        connection: { id, address: id, role: "browser", user, signin: sid, since: now, until },
        owner,
        close,
      };
    },
  },

  /** Registers the machine of a relay that has no owner yet, together with the claim's hash; voids what was before. */
  "claim.make": {
    run: async (at, { claim, machine, expires }) => {
      const { store, now } = at;
      const record = machine ? await newMachineRecord(machine.name, machine.jwk, now) : undefined;
      const { id, dropped } = await store.transact(async (tx) => {
        if (await tx.get("account")) throw new Refusal("owned");
        for (const { key } of await tx.list("link:")) tx.delete(key);
        tx.set(`link:claim:${claim}`, { expires, by: null }, expires);
        if (!record) return { id: null, dropped: /** @type {string[]} */ ([]) };
        // The claim page shows one machine and approves one: an earlier one with another key goes.
        const others = (await tx.list("machine:")).filter(({ value }) => value.kid !== record.kid);
        for (const { key } of others) tx.delete(key);
        const id = await putMachine(tx, newMachine(), record);
        return { id, dropped: others.map(({ key }) => key.slice("machine:".length)) };
      });
      for (const connection of await at.room.list()) {
        if (dropped.includes(connection.address)) await at.room.close(connection, 4001, "revoked");
      }
      return { machine: id };
    },
  },

  /** The id that a machine with this key has, or will have; throws `limit` when there is no room for it. */
  "machines.place": {
    signin: true,
    fresh: true,
    run: async ({ store }, { jwk }) => {
      const kid = base64url(await thumbprint(jwk));
      return await store.transact(async (tx) => {
        const machines = await tx.list("machine:");
        const same = machines.find(({ value }) => value.kid === kid);
        if (!same && machines.length >= maxMachines) throw tooMany();
        return { id: same ? same.key.slice("machine:".length) : newMachine() };
      });
    },
  },

  /** Adds a machine under the id that was chosen for it; once more does no harm. The code is noted while it is kept. */
  "machines.add": {
    signin: true,
    fresh: true,
    tells: true,
    run: async (at, { id, name, jwk, code, expires, address }) => {
      const record = await newMachineRecord(name, jwk, at.now);
      await at.store.transact(async (tx) => {
        await putMachine(tx, id, record);
        tx.set(`code:${code}`, true, expires);
        await note(tx, at.now, { what: "machine-added", name, address });
      });
      return { machine: machineView(id, record) };
    },
  },

  "machines.known": {
    run: ({ store }, { id }) =>
      store.transact(async (tx) => (await tx.get(`machine:${id}`))?.name ?? null),
  },

  "machines.rename": {
    signin: true,
    tells: true,
    run: async (at, { id, name }) => {
      const machine = await at.store.transact(async (tx) => {
        const current = await tx.get(`machine:${id}`);
        if (!current) throw new Refusal("not-found");
        const next = { ...current, name };
        tx.set(`machine:${id}`, next);
        return next;
      });
      const connections = await liveConnections(at);
      return { machine: machineView(id, machine, connections.find((one) => one.address === id)) };
    },
  },

  /** Removes a machine; its socket closes at once. */
  "machines.revoke": {
    signin: true,
    fresh: true,
    tells: true,
    run: async (at, { id, address }) => {
      await at.store.transact(async (tx) => {
        const machine = await tx.get(`machine:${id}`);
        if (!machine) throw new Refusal("not-found");
        tx.delete(`machine:${id}`);
        await note(tx, at.now, { what: "machine-revoked", name: machine.name, address });
      });
      for (const connection of await at.room.list()) {
        if (connection.address === id) await at.room.close(connection, 4001, "revoked");
      }
      return {};
    },
  },
};
