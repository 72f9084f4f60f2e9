// The rooms of the adapter for Deno, with sockets that the test opens and ends.
import { denoOrbit } from "../../../templates/deno/adapter.js";
import { driver } from "../../../templates/deno/store.js";
import { endSignin } from "../../../templates/orbit/signins.js";
import { storeOf } from "../../../templates/orbit/store.js";
import { equal } from "../support/assert.js";
import { random } from "../support/bytes.js";
import { Anchor, Browser, makeClaim } from "../support/client.js";

/** A socket that the platform accepted. */
class HeldSocket {
  /** @type {number} */
  readyState = WebSocket.OPEN;
  bufferedAmount = 0;
  /** @type {string[]} */
  sent = [];
  greeted = Promise.withResolvers();
  /** @type {() => void} */
  onopen = () => {};
  onclose = () => {};
  /** @type {(event: {data: string}) => void} */
  onmessage = () => {};

  /** @param {string} type @param {() => void} listener */
  addEventListener(type, listener) {
    if (type === "open") this.onopen = listener;
    // Whoever waits for its end has closed it.
    else listener();
  }
  /** @param {string} text */
  send(text) {
    this.sent.push(text);
    this.greeted.resolve(undefined);
  }
  /** The closing handshake is not answered: `onclose` is the test's to call. */
  close() {
    this.readyState = WebSocket.CLOSING;
  }
  get id() {
    return JSON.parse(this.sent[0]).id;
  }
}

/**
 * The adapter's relay over a store in memory, with its clockwork in the test's hand.
 * @param {boolean} shared
 * @param {(world: {scene: any, kv: Deno.Kv, greeted: (upgrade: Promise<unknown>) => Promise<HeldSocket>,
 *   clockwork: Map<number, () => void>, hold: () => () => void}) => Promise<void>} run `clockwork`: what runs now and then,
 *   by its interval; `hold`: from now on no write of the store is done until what it answers is called
 */
async function held(shared, run) {
  const kv = await Deno.openKv(":memory:");
  /** @type {Promise<unknown>} */
  let gate = Promise.resolve();
  const atomic = kv.atomic.bind(kv);
  kv.atomic = () => {
    const made = atomic();
    const commit = made.commit.bind(made);
    made.commit = () => gate.then(() => commit());
    return made;
  };
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers();
    gate = promise;
    return () => resolve(undefined);
  };
  const { upgradeWebSocket } = Deno;
  const { setInterval } = globalThis;
  /** @type {Map<number, () => void>} */
  const clockwork = new Map();
  /** @type {HeldSocket[]} */
  const sockets = [];
  Object.assign(globalThis, {
    /** @param {() => void} run @param {number} time */
    setInterval: (run, time) => clockwork.set(time, run).size,
  });
  Object.assign(Deno, {
    upgradeWebSocket: () => {
      const socket = new HeldSocket();
      sockets.push(socket);
      return { socket, response: new Response() };
    },
  });
  const origin = "https://relay.example";
  const deployKey = random(32);
  const assets = { build: "0123456789abcdef", files: {} };
  const orbit = denoOrbit(kv, assets, { origin, deployKey, shared });
  const info = /** @type {any} */ ({ remoteAddr: { hostname: "192.0.2.1" } });
  const scene = /** @type {any} */ ({
    origin,
    deployKey,
    /** @param {string} _ @param {string} path @param {RequestInit} [init] */
    request: async (_, path, init) => {
      const response = await orbit.fetch(new Request(origin + path, init), info);
      const text = await response.text();
      const body = text ? JSON.parse(text) : undefined;
      return { status: response.status, headers: response.headers, body };
    },
    /** @param {string} side @param {string} path @param {Record<string, string>} headers */
    upgrade: (side, path, headers) =>
      scene.request(side, path, { headers: { ...headers, upgrade: "websocket" } }),
  });
  /** @param {Promise<unknown>} upgrade */
  const greeted = async (upgrade) => {
    await upgrade;
    const socket = sockets[sockets.length - 1];
    socket.onopen();
    await socket.greeted.promise;
    return socket;
  };
  try {
    await run({ scene, kv, greeted, clockwork, hold });
    await orbit.end();
  } finally {
    Object.assign(globalThis, { setInterval });
    Object.assign(Deno, { upgradeWebSocket });
    kv.close();
  }
}

Deno.test("a socket that ends late does not part the others of its user", () =>
  held(false, async ({ scene, greeted }) => {
    const anchor = await Anchor.make(scene);
    const owner = new Browser(scene);
    await owner.useLink((await makeClaim(scene, anchor)).link);
    const phone = await owner.another();
    const lost = await greeted(phone.refused());
    const tab = await greeted(owner.refused());
    // The phone is out of reach when its sign-in ends; everyone else leaves, and the machine comes.
    await phone.call("/api/signout");
    tab.onclose();
    const machine = await greeted(anchor.refused(await anchor.token()));
    lost.onclose();
    const reader = await greeted(owner.refused());
    machine.onmessage({ data: `${JSON.stringify({ type: "data", to: reader.id })}\nhello` });
    equal(reader.sent.at(-1)?.split("\n")[1], "hello");
  }));

Deno.test("an isolate that did not hear of a revocation finds it in the records", () =>
  held(true, async ({ scene, kv, greeted, clockwork }) => {
    const anchor = await Anchor.make(scene);
    const owner = new Browser(scene);
    await owner.useLink((await makeClaim(scene, anchor)).link);
    const phone = await owner.another();
    const { id } = (await phone.call("/api/me")).signin;
    const stolen = await greeted(phone.refused());
    const machine = await greeted(anchor.refused(await anchor.token()));
    // The isolate that ends the sign-in dies before it tells.
    const store = storeOf(driver(kv, `user:${anchor.user}`), Date.now);
    await store.transact((tx) => endSignin(tx, id, Date.now()));
    const told = new Promise((resolve) => {
      const { send } = machine;
      machine.send = (text) => {
        send.call(machine, text);
        if (text.includes('"revoked"')) resolve(text);
      };
    });
    clockwork.get(5 * 60 * 1000)?.();
    equal(await told, `${JSON.stringify({ type: "revoked", signin: id })}\n`);
    equal(stolen.readyState, WebSocket.CLOSING);
  }));

Deno.test("a first socket that comes while its sign-in is being revoked is closed", () =>
  held(false, async ({ scene, greeted, hold }) => {
    const owner = new Browser(scene);
    await owner.useLink((await makeClaim(scene)).link);
    const thief = await owner.another();
    const go = hold();
    const revoking = owner.post("/api/signins/revoke", { all: true });
    // It is greeted, and looked at again, before the revocation is written.
    const socket = await greeted(thief.refused());
    go();
    equal((await revoking).status, 200);
    equal(socket.readyState, WebSocket.CLOSING);
  }));
