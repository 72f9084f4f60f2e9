// The relay's frames.
import { assert, equal } from "../support/assert.js";
import { random, utf8 } from "../support/bytes.js";
import { signedInMachine } from "../support/client.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @param {import("../support/socket.js").Socket} socket @returns {string[]} what it was sent, but for who is here */
const sentTo = ({ messages }) => messages.filter((text) => !text.startsWith('{"type":"presence"'));

/** A user with a machine, both connected. @param {Scene} scene */
async function pair(scene) {
  const user = await scene.user();
  const anchor = await signedInMachine(user);
  const machine = await anchor.connect();
  const browser = await user.connect();
  return { user, anchor, machine, browser };
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const frames = {
  "hello comes first and says who is here": async (scene) => {
    const { user, anchor, machine, browser } = await pair(scene);
    const { time, ...rest } = machine.hello;
    const common = { protocol: { min: 1, max: 1 }, build: scene.web.build };
    equal(rest, {
      type: "hello",
      id: anchor.machine,
      role: "anchor",
      user: user.user,
      ...common,
    });
    assert(Math.abs(time - Date.now()) < 60_000);
    const { machines, time: _, ...other } = browser.hello;
    equal(other, { type: "hello", id: browser.id, role: "browser", user: user.user, ...common });
    equal([machines.length, machines[0].online], [1, true]);
  },

  "data goes both ways, untouched, in order, with its sender": async (scene) => {
    const { user, anchor, machine, browser } = await pair(scene);
    const { signin } = await user.call("/api/me");
    const payloads = [
      "",
      "{}",
      "a\nb\n",
      "\u0000\u2028\ud83d\ude00",
      '"}\n{"type":"data"}',
      "ping",
    ];
    await scene.pause();
    for (const payload of payloads) browser.data(anchor.machine, payload);
    for (const payload of payloads) {
      equal(await machine.next(), {
        header: { type: "data", from: browser.id, role: "browser", signin: signin.id },
        payload,
      });
    }
    await scene.pause();
    for (const payload of payloads) machine.data(browser.id, payload);
    for (const payload of payloads) {
      equal(await browser.frame("data"), {
        header: { type: "data", from: anchor.machine, role: "anchor" },
        payload,
      });
    }
  },

  "what comes before the greeting waits for it, in order": async (scene) => {
    const { user, anchor, machine } = await pair(scene);
    const browser = user.dial();
    await browser.opened;
    for (const payload of ["1", "2", "3"]) browser.data(anchor.machine, payload);
    for (const payload of ["1", "2", "3"]) equal((await machine.next()).payload, payload);
  },

  "all that one sends again comes in right after the greeting": async (scene) => {
    const { user, anchor, machine } = await pair(scene);
    const payloads = Array.from({ length: 17 }, (_, index) => `${index} `.padEnd(60_000, "x"));
    for (let round = 0; round < 20; round++) {
      const browser = await user.connect();
      for (const payload of payloads) browser.data(anchor.machine, payload);
      for (const payload of payloads) equal((await machine.frame("data")).payload, payload);
    }
  },

  "a sender cannot say who it is": async (scene) => {
    const { anchor, machine, browser } = await pair(scene);
    const lies = { from: "m_x", role: "anchor", signin: "s_x", user: "u_x", __proto__x: 1 };
    browser.send(`${JSON.stringify({ type: "data", to: anchor.machine, ...lies })}\nx`);
    const { header } = await machine.next();
    equal([header.from, header.role], [browser.id, "browser"]);
    equal(Object.keys(header), ["type", "from", "role", "signin"]);
  },

  "each frame reaches its receiver only": async (scene) => {
    const { user, machine, browser } = await pair(scene);
    const other = await user.connect();
    await scene.pause();
    machine.data(browser.id, "for one");
    await scene.pause();
    machine.data(other.id, "for the other");
    equal((await browser.frame("data")).payload, "for one");
    equal((await other.frame("data")).payload, "for the other");
    await Promise.all([browser.settled(), other.settled()]);
    equal([sentTo(browser), sentTo(other)], [[], []]);
  },

  "a thousand frames arrive once and in order": async (scene) => {
    const { anchor, machine, browser } = await pair(scene);
    for (let count = 0; count < 1000; count++) browser.data(anchor.machine, `${count}`);
    for (let count = 0; count < 1000; count++) equal((await machine.next()).payload, `${count}`);
    for (let count = 0; count < 1000; count++) machine.data(browser.id, `${count}`);
    for (let count = 0; count < 1000; count++) {
      equal((await browser.frame("data")).payload, `${count}`);
    }
  },

  "another user's connections are out of reach": async (scene) => {
    const [ada, eve] = [await pair(scene), await pair(scene)];
    eve.browser.data(ada.anchor.machine, "x");
    const nobody = `m_${random(16)}`;
    eve.browser.data(nobody, "x");
    const [foreign, unknown] = [await eve.browser.frame("error"), await eve.browser.frame("error")];
    equal(foreign.header, { ...unknown.header, to: ada.anchor.machine });
    equal(unknown.header.code, "unreachable");
    eve.machine.data(ada.browser.id, "x");
    equal((await eve.machine.frame("error")).header.code, "unreachable");
    await Promise.all([ada.browser.settled(), ada.machine.settled()]);
    equal([sentTo(ada.browser), sentTo(ada.machine)], [[], []]);
  },

  "browsers speak to machines only, machines to browsers only": async (scene) => {
    const { user, anchor, machine, browser } = await pair(scene);
    const laptop = await (await signedInMachine(user)).connect();
    const other = await user.connect();
    const strange = ["", "m_", "c_x", user.user.id, "relay", "__proto__", "x".repeat(900)];
    for (const to of [other.id, browser.id, ...strange]) {
      browser.data(to, "x");
      const { header } = await browser.frame("error");
      equal([header.code, header.to], ["forbidden", to.slice(0, 64)]);
    }
    for (const to of [anchor.machine, laptop.hello.id, ...strange]) {
      machine.data(to, "x");
      equal((await machine.frame("error")).header.code, "forbidden");
    }
    await Promise.all([other.settled(), laptop.settled()]);
    equal([other.messages.filter((text) => text.includes('"data"')), laptop.messages], [[], []]);
  },

  "types that clients do not send are unknown": async (scene) => {
    const { machine, browser } = await pair(scene);
    const types = ["hello", "presence", "owner", "revoked", "error", "x", "", "__proto__"];
    for (const type of types) {
      for (const socket of [browser, machine]) {
        socket.send(`${JSON.stringify({ type, to: "x", machines: [] })}\n`);
        const { header } = await socket.frame("error");
        equal([header.code, "to" in header], ["unknown-type", false], type);
      }
    }
    await Promise.all([browser.settled(), machine.settled()]);
  },

  "what is no frame closes its socket": async (scene) => {
    const { user, anchor } = await pair(scene);
    const wrong = [
      "",
      "x",
      "pong",
      "\n",
      '{"type":"data"}',
      "null\nx",
      "[]\nx",
      "7\nx",
      "{\nx",
      "{}\nx",
      '{"type":7}\nx',
      '{"type":"data"}\nx',
      '{"type":"data","to":7}\nx',
      `{"type":"data","to":"${anchor.machine}","x":"${"x".repeat(1024)}"}\nx`,
      "[".repeat(1000) + "\nx",
      utf8("x\n"),
      new Uint8Array(0),
    ];
    for (const text of wrong) {
      for (const socket of [await user.connect(), await anchor.connect()]) {
        await scene.pause();
        socket.send(text);
        equal((await socket.frame("error")).header.code, "bad-frame", String(text).slice(0, 40));
        equal((await socket.end()).code, 4003);
      }
    }
  },

  "a frame has at most 61,440 bytes": async (scene) => {
    const { user, anchor, machine, browser } = await pair(scene);
    const head = `${JSON.stringify({ type: "data", to: anchor.machine })}\n`;
    const room = 61_440 - head.length;
    for (
      const payload of ["x".repeat(room), "ж".repeat(room / 2), "€".repeat(Math.floor(room / 3))]
    ) {
      browser.send(head + payload);
      equal((await machine.next()).payload === payload, true);
    }
    for (const payload of ["x".repeat(room + 1), "ж".repeat(room / 2 + 1), "x".repeat(1_000_000)]) {
      const other = await user.connect();
      other.send(head + payload);
      equal((await other.end()).code, 1009);
    }
    await machine.settled();
    equal(machine.messages, []);
  },

  "ping is answered pong, to its sender only": async (scene) => {
    const { machine, browser } = await pair(scene);
    for (let count = 0; count < 3; count++) {
      await scene.pause();
      browser.send("ping");
      machine.send("ping");
    }
    for (const socket of [browser, machine]) {
      await socket.until(() => socket.pongs >= 3 && socket.pongs === socket.pings);
    }
    equal([sentTo(browser), sentTo(machine)], [[], []]);
  },

  "the thirty-third browser connection closes the oldest": async (scene) => {
    const user = await scene.user();
    const sockets = [];
    for (let count = 1; count <= 33; count++) {
      await scene.pause();
      sockets.push(await user.connect());
    }
    equal(await sockets[0].end(), { code: 4005, reason: "limit" });
    for (const socket of sockets.slice(1)) await socket.settled();
  },

  "an unknown protocol is told so": async (scene) => {
    const { user, anchor } = await pair(scene);
    for (const query of ["", "?protocol=0", "?protocol=2", "?protocol=x", "?protocol=1e0"]) {
      equal((await user.dial({}, query).end()).code, 4002, query);
      equal((await anchor.dial(await anchor.token(), {}, query).end()).code, 4002, query);
    }
  },

  "a silent connection counts as gone": async (scene) => {
    const { user, anchor, machine, browser } = await pair(scene);
    // Nothing is heard from the machine from here on, while the browser goes on.
    machine.fallSilent();
    const start = Date.now();
    await machine.settled();
    for (;;) {
      const [{ online }] = (await user.call("/api/me")).machines;
      if (!online) break;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    assert(Date.now() - start > 14_000, "It counted as gone too soon.");
    browser.data(anchor.machine, "x");
    equal((await browser.frame("error")).header.code, "unreachable");
    equal((await machine.end()).code, 1001);
  },
};
