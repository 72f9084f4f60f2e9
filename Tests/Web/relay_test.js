// The socket to the relay: found dead, dialled again, given up only when the relay says so.
import { BACKOFF_MAX, DEAD_AFTER, Relay } from "../../web/link/relay.js";
import { Clock } from "./support/clock.js";
import { equal, ok } from "./support/random.js";

/** @type {FakeSocket[]} */
let sockets = [];

class FakeSocket {
  readyState = 0;
  /** @type {string[]} */
  sent = [];
  closed = 0;
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onclose = null;
  /** @param {string} url */
  constructor(url) {
    this.url = url;
    sockets.push(this);
  }
  /** @param {string} text */
  send(text) {
    this.sent.push(text);
  }
  /** @param {number} code */
  close(code) {
    this.closed = code;
  }
  /** The relay greets. */
  hello() {
    this.readyState = 1;
    this.onmessage?.({ data: '{"type":"hello","id":"c_1","machines":[]}' });
  }
  /** @param {number} code */
  end(code) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

/** @param {string} name @param {(world: any) => Promise<void>} body */
function test(name, body) {
  Deno.test(name, async () => {
    sockets = [];
    const clock = new Clock();
    await clock.with(async () => {
      /** @type {any} */
      const world = { clock, me: "ok", trusted: true, statuses: [], data: [] };
      const nothing = () => {};
      world.relay = new Relay({
        url: "ws://relay",
        WebSocket: /** @type {any} */ (FakeSocket),
        now: () => clock.now,
        me: () => Promise.resolve(world.me),
        trusted: () => world.trusted,
        events: {
          status: (status, reason) => world.statuses.push(reason ? `${status} ${reason}` : status),
          heard: nothing,
          hello: () => world.statuses.push("hello"),
          presence: nothing,
          data: (from, header, body) => world.data.push([from, header.type, body]),
          error: nothing,
          wake: nothing,
        },
      });
      world.relay.start();
      await clock.settle();
      try {
        await body(world);
      } finally {
        world.relay.stop();
      }
    });
  });
}

test("it pings every 5 s and dials anew after 15 s of silence", async ({ clock, relay, statuses }) => {
  const [socket] = sockets;
  socket.hello();
  await clock.pass(5000);
  equal(socket.sent, ["ping"]);
  socket.onmessage?.({ data: "pong" });
  await clock.pass(DEAD_AFTER - 1);
  equal(sockets.length, 1);
  await clock.pass(1 + BACKOFF_MAX);
  ok(sockets.length > 1, "dialled again");
  equal(socket.closed, 1000);
  equal(statuses.slice(0, 3), ["connecting", "hello", "reconnecting"]);
  ok(!relay.send("m", "x"), "nothing leaves while the link is down");
});

test("any message proves the link", async ({ clock }) => {
  const [socket] = sockets;
  socket.hello();
  for (let i = 0; i < 10; i++) {
    await clock.pass(4000);
    socket.onmessage?.({ data: '{"type":"presence","machines":[]}' });
  }
  equal(sockets.length, 1);
});

test("the delays double up to 30 s, with full jitter", async ({ clock }) => {
  for (let i = 0; i < 12; i++) {
    sockets.at(-1)?.end(1006);
    const before = sockets.length;
    const bound = clock.now + Math.min(BACKOFF_MAX, 500 * 2 ** i);
    while (sockets.length === before && clock.now < bound) await clock.pass(50);
    equal(sockets.length, before + 1, `dial ${i}`);
  }
});

test("a sign-in that is gone stops it, whatever the socket does", async (world) => {
  sockets[0].hello();
  world.me = "signed-out";
  sockets[0].end(4001);
  await world.clock.pass(60_000);
  equal(world.statuses.at(-1), "refused signed-out");
  equal(sockets.length, 2);
});

test("a first visitor is asked for before anything is dialled", async (world) => {
  world.relay.stop();
  sockets = [];
  world.trusted = false;
  world.me = "signed-out";
  world.relay.start();
  await world.clock.pass(60_000);
  equal(sockets.length, 0);
  equal(world.statuses.at(-1), "refused signed-out");
});

for (const [code, reason] of /** @type {const} */ ([[4002, "update"], [4005, "limit"]])) {
  test(`close code ${code} is not dialled against`, async ({ clock, statuses }) => {
    sockets[0].hello();
    sockets[0].end(code);
    await clock.pass(120_000);
    equal([sockets.length, statuses.at(-1)], [1, `refused ${reason}`]);
  });
}

test("a relay that restarts is dialled within half a second", async ({ clock }) => {
  sockets[0].hello();
  sockets[0].end(1012);
  await clock.pass(500);
  equal(sockets.length, 2);
});

test("frames are read, and what is no frame is ignored", async ({ clock, relay, data }) => {
  const [socket] = sockets;
  socket.hello();
  for (
    const text of [
      "",
      "{",
      "[]\nx",
      "null",
      '{"type":"news"}',
      '{"type":"data","from":"m_1"}\nnonsense',
    ]
  ) {
    socket.onmessage?.({ data: text });
  }
  socket.onmessage?.({ data: new Uint8Array(3) });
  socket.onmessage?.({
    data: '{"type":"data","from":"m_1","role":"anchor"}\n{"type":"message","seq":1}\na\nb',
  });
  equal(data, [["m_1", "message", "a\nb"]]);
  ok(relay.send("m_1", '{"type":"ack"}'));
  equal(socket.sent.at(-1), '{"type":"data","to":"m_1"}\n{"type":"ack"}');
  socket.onmessage?.({ data: "ping" });
  equal(socket.sent.at(-1), "pong");
  await clock.settle();
});
