// The rooms of the adapter for Deno, with sockets that the test opens and ends.
import { denoOrbit } from "../../../templates/deno/adapter.js";
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

Deno.test("a socket that ends late does not part the others of its user", async () => {
  const kv = await Deno.openKv(":memory:");
  const { upgradeWebSocket } = Deno;
  try {
    const origin = "https://relay.example";
    const deployKey = random(32);
    const orbit = denoOrbit(kv, { build: "0123456789abcdef", files: {} }, {
      origin,
      deployKey,
      shared: false,
    });
    const info = /** @type {any} */ ({ remoteAddr: { hostname: "192.0.2.1" } });
    /** @type {HeldSocket[]} */
    const sockets = [];
    Object.assign(Deno, {
      upgradeWebSocket: () => {
        const socket = new HeldSocket();
        sockets.push(socket);
        return { socket, response: new Response() };
      },
    });
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
  } finally {
    Object.assign(Deno, { upgradeWebSocket });
    kv.close();
  }
});
