// Bodies and frames made at random, while others never end: the relay fails at none and lets nothing through.
import { assert, equal } from "../support/assert.js";
import { Anchor, Browser, signedInMachine } from "../support/client.js";
import { exchange } from "../support/raw.js";
import { Seeded } from "../support/seeded.js";
import { attempts } from "./attempts.js";

/**
 * @typedef {import("../support/scene.js").Scene} Scene
 * @typedef {import("../support/socket.js").Socket} Socket
 */

const full = Boolean(Deno.env.get("TEST_FULL"));
/** How many of each, on the quicker platforms and the others. */
const rounds = (/** @type {Scene} */ { target }) => full ? 10_000 : target.quick ? 400 : 150;
/** How many bodies are begun and never ended. */
const slow = 50;

/** Not those that end the sign-in with any body. */
const paths = Object.keys(attempts).filter((path) =>
  !/signout|delete|^\/(health|socket|anchor)$/.test(path)
);

const keys = [
  "link",
  "name",
  "ticket",
  "device",
  "code",
  "id",
  "all",
  "after",
  "claim",
  "machine",
  "jwk",
  "passkey",
  "assertion",
  "__proto__",
  "constructor",
  "toString",
];

/** @param {Seeded} seed @returns {() => unknown} makes a value of any kind */
const values = (seed) => {
  /** @returns {unknown} */
  const value = () =>
    seed.pick([
      () => seed.pick([null, true, false, 0, -1, 1e308, "", "x", [], {}]),
      () => "x".repeat(seed.below(3000)),
      () => "\u0000\ud800\udfff\u202e\n".repeat(seed.below(20)),
      () => seed.pick(["m_", "s_", "u_", "i_"]) + "A".repeat(22),
      () => Array.from({ length: seed.below(5) }, value),
      () => JSON.parse(`{${JSON.stringify(seed.pick(keys))}:${JSON.stringify(value())}}`),
    ])();
  return value;
};

/** @param {Scene} scene @param {Seeded} seed */
async function bodies(scene, seed) {
  const owner = await scene.owner();
  const anchor = await Anchor.make(scene);
  const value = values(seed);
  const plausible = { name: "x", device: "x", passkey: { id: "x" }, assertion: { id: "x" } };
  for (let round = 0; round < rounds(scene); round++) {
    const path = seed.pick(paths);
    const members = Object.entries(plausible);
    for (let count = seed.below(6); count >= 0; count--) {
      members.push([seed.pick(keys), /** @type {any} */ (value())]);
    }
    // Never all sign-ins at once: the owner goes on.
    const text = members.filter(([key]) => key !== "all").map(([key, one]) =>
      `${JSON.stringify(key)}:${JSON.stringify(one)}`
    );
    const whole = `{${text.join(",")}}`;
    const body = seed.below(10) === 0 ? whole.slice(0, seed.below(whole.length)) : whole;
    const { status } = path.startsWith("/api/")
      ? await owner.post(path, body)
      : await anchor.post(path, body);
    assert(status < 500, `${status} of ${path} for ${body}, ${seed}`);
    if (status === 429) scene.moveOn();
  }
  equal((await owner.call("/api/me")).user.owner, true, String(seed));
}

/** @param {Scene} scene @param {Seeded} seed @param {Browser} ada @param {Browser} eve */
async function frames(scene, seed, ada, eve) {
  const [hers, his] = [await signedInMachine(ada), await signedInMachine(eve)];
  const [machine, page] = [await hers.connect(), await ada.connect()];
  const value = values(seed);
  const types = [
    "data",
    "data",
    "data",
    "hello",
    "presence",
    "owner",
    "revoked",
    "error",
    "ping",
    "__proto__",
  ];
  const receivers = [
    hers.machine,
    page.id,
    ada.user.id,
    his.machine,
    "relay",
    "",
    "__proto__",
    "x".repeat(900),
  ];
  /** @returns {string} */
  const frame = () =>
    seed.pick([
      () => {
        const header = {
          type: seed.pick(types),
          to: seed.pick(receivers),
          from: hers.machine,
          role: "anchor",
        };
        return `${JSON.stringify(header)}\n${JSON.stringify(value())}`;
      },
      () => `${JSON.stringify({ type: value(), to: value() })}\n`,
      () => `{"__proto__":{"type":"data"},"to":${JSON.stringify(hers.machine)}}\nx`,
      () => `${JSON.stringify(value())}\n${JSON.stringify(value())}`,
      () => "\n".repeat(seed.below(5)) + JSON.stringify(value()),
      () => "x".repeat(seed.below(70_000)),
    ])();
  /** @type {(Socket | undefined)[]} */
  const sockets = [undefined, undefined];
  for (let round = 0; round < rounds(scene); round++) {
    const side = seed.below(2);
    let socket = sockets[side];
    if (!socket || socket.closed) {
      socket = sockets[side] = side === 0 ? await eve.connect() : await his.connect();
    }
    const text = frame();
    socket.send(text);
    const answered = await socket.settled().then(() => true, () => false);
    const codes = socket.messages.splice(0).map((one) =>
      JSON.parse(one.slice(0, one.indexOf("\n")))
    )
      .filter(({ type }) => type === "error").map(({ code }) => code);
    const known = ["unreachable", "forbidden", "unknown-type", "bad-frame"];
    const shown = `${JSON.stringify(text.slice(0, 200))}: ${codes} ${socket.closed?.code}, ${seed}`;
    assert(codes.every((code) => known.includes(code)), shown);
    if (answered) continue;
    // A ping that crosses the close may end the connection before its code was read.
    assert([4003, 1009, 0, 1006].includes((await socket.end()).code), shown);
  }
  await Promise.all([machine.settled(), page.settled()]);
  equal([machine.messages, page.messages.filter((one) => one.includes('"data"'))], [[], []]);
  page.data(hers.machine, "still hers");
  equal((await machine.frame("data")).payload, "still hers");
}

/** @param {Scene} scene @param {Browser} user bodies that begin and never end: they are answered, and hold up nobody */
async function endless(scene, user) {
  const { hostname, port } = new URL(scene.base("browser"));
  const { host } = new URL(scene.origin);
  const head = [
    `host: ${host}`,
    `origin: ${scene.origin}`,
    `cookie: ${user.cookie}`,
    "content-length: 100",
  ];
  const text = `POST /api/account/rename HTTP/1.1\r\n${
    head.join("\r\n")
  }\r\n\r\n{"name":"Mallory"}`;
  const answers = Array.from({ length: slow }, () => exchange(hostname, Number(port), text));
  for (const answer of await Promise.all(answers)) {
    assert(!answer || answer.status === 400 || answer.status === 408, String(answer?.status));
  }
  equal(
    (await user.call("/api/me")).user.name,
    "Ada",
    "What came of a body was taken for the whole.",
  );
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const fuzz = {
  "random bodies and frames, while others never end": async (scene) => {
    const [ada, eve] = [await scene.user("Ada"), await scene.user("Eve")];
    // They take their ten seconds: two platforms show it, all of them with TEST_FULL.
    const stalled = scene.target.quick || full ? endless(scene, ada) : Promise.resolve();
    await Promise.all([
      bodies(scene, new Seeded()).then(() => frames(scene, new Seeded(), ada, eve)),
      stalled,
    ]);
    await new Browser(scene).call("/api/signin/options");
  },
};
