// Every address with another user's identifiers: nothing of theirs is told, and nothing of theirs changes.
import { assert, equal } from "../support/assert.js";
import { base64url, random, utf8 } from "../support/bytes.js";
import { signedInMachine } from "../support/client.js";
import { Seeded } from "../support/seeded.js";
import { totp } from "../support/totp.js";
import { attempts } from "./attempts.js";

/**
 * @typedef {import("../support/scene.js").Scene} Scene
 * @typedef {import("../support/client.js").Browser} Browser
 * @typedef {import("./attempts.js").Eve} Eve
 */

/** What names something that is somebody's: with another's in it no request succeeds. */
const names = new Set(["id", "link", "ticket", "code", "after", "claim", "device_code"]);

/** A user with one of everything, connected. @param {Scene} scene @param {string} login its name to sign in with */
async function victimOf(scene, login) {
  const owner = await scene.owner();
  const invite = await owner.call("/api/invites/create");
  const browser = await scene.user("Ada the second");
  const anchor = await signedInMachine(browser, "hers alone");
  const { secret } = await browser.call("/api/totp/options");
  await browser.call("/api/totp/add", { code: await totp(secret), name: login });
  await browser.call("/api/devices/link");
  const [machine, page] = [await anchor.connect(), await browser.connect()];
  const { user_code: code } = await anchor.requestCode("hers alone");
  await browser.call("/api/code/approve", { code });
  const { signin } = await browser.call("/api/me");
  const { id: user } = browser.user;
  const { ticket } = await browser.call("/api/verify/options");
  const ids = {
    user,
    signin: signin.id,
    machine: anchor.machine,
    connection: page.id,
    place: page.hello.machines[0].connection,
    passkey: browser.authenticator.id,
    handle: base64url(utf8(user)),
    login,
    code,
    ticket,
    "ticket for a passkey": (await browser.call("/api/passkeys/options")).ticket,
    "device link": `device.${user}.${random(32)}`,
    "invite link": `invite.${user}.${random(32)}`,
    "recover link": `recover.${user}.${random(32)}`,
    "claim link": `claim.${user}.${random(32)}`,
    owner: owner.user.id,
    invite: invite.id,
  };
  return { owner, browser, anchor, machine, page, ids };
}

/** What there is of a user that another must not be able to change. @param {Browser} owner @param {Browser} browser */
async function stateOf(owner, browser) {
  const { user, machines } = await browser.call("/api/me");
  const { signins } = await browser.call("/api/signins/list");
  const { entries } = await browser.call("/api/log");
  return {
    user,
    machines: machines.map((/** @type {any} */ one) => ({ ...one, seen: 0 })),
    signins: signins.map((/** @type {any} */ one) => ({ ...one, seen: 0, address: "" })),
    passkeys: await browser.call("/api/passkeys/list"),
    codes: await browser.call("/api/totp/look"),
    events: entries.filter((/** @type {any} */ one) => one.what !== "sign-in-failed"),
    owner: (await owner.call("/api/me")).user,
    invites: await owner.call("/api/invites/list"),
  };
}

/** What one calls oneself is nobody else's, but for the name that one signs in with. @param {string} path @param {string} key */
const freely = (path, key) => key === "device" || (key === "name" && path !== "/api/signin/code");

/**
 * @param {string} path
 * @param {Record<string, any>} body
 * @returns {[key: string, (id: string) => Record<string, any>][]} each text of it, and the body with another in its place
 */
function places(path, body) {
  /** @type {[string, (id: string) => Record<string, any>][]} */
  const found = [];
  for (const [key, value] of Object.entries(body)) {
    if (freely(path, key)) continue;
    if (typeof value === "string") found.push([key, (id) => ({ ...body, [key]: id })]);
    else if (typeof value === "object" && value !== null) {
      for (const inner of ["id", "userHandle"].filter((one) => Object.hasOwn(value, one))) {
        found.push([`${key}.${inner}`, (id) => ({ ...body, [key]: { ...value, [inner]: id } })]);
      }
    }
  }
  return found;
}

/** @param {Scene} scene @returns {Promise<Eve>} */
async function eveOf(scene) {
  const browser = await scene.user("Eve");
  return { browser, anchor: await signedInMachine(browser, "Eve's") };
}

/** Asks as Eve; anew from another place where she tried too often. @param {Eve} eve @param {string} path @param {any} body */
async function ask(eve, path, body) {
  const { browser, anchor } = eve;
  if (path.startsWith("/api/")) return await browser.post(path, body);
  if (path === "/device/token") return await anchor.post(path, new URLSearchParams(body));
  const headers = { authorization: `Bearer ${await anchor.token()}` };
  return await anchor.post(path, body, path.startsWith("/deploy/") ? headers : {});
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const foreign = {
  "every address with another user's identifiers": async (scene) => {
    const victim = await victimOf(scene, "ada@one.example");
    const before = await stateOf(victim.owner, victim.browser);
    const eve = await eveOf(scene);
    const ids = Object.entries(victim.ids);
    const seed = new Seeded();
    // What an operation works with, as if a body could say it.
    const lies = {
      user: victim.ids.user,
      sub: victim.ids.user,
      sid: victim.ids.signin,
      signin: victim.ids.signin,
      scope: `user:${victim.ids.user}`,
      owner: true,
      fresh: true,
      address: "192.0.2.1",
    };
    for (const [path, attempt] of Object.entries(attempts)) {
      if (["/health", "/socket", "/anchor"].includes(path)) continue;
      const count = places(path, await attempt(eve)).length;
      for (let place = 0; place < Math.max(1, count); place++) {
        for (const [name, id] of count === 0 ? [["", ""]] : seed.sample(ids, 5)) {
          const own = await attempt(eve);
          const [key, put] = places(path, own)[place] ?? ["", () => own];
          const body = put(id);
          let answer = await ask(eve, path, { ...lies, ...body });
          if (answer.status === 429) {
            scene.moveOn();
            await eve.browser.signIn();
            answer = await ask(eve, path, { ...lies, ...body });
          }
          const text = JSON.stringify(answer.body);
          const what = `${path} with ${name} as ${key}: ${answer.status} ${text} (${seed})`;
          assert(answer.status < 500, what);
          assert(answer.status !== 200 || !names.has(key), what);
          const sent = JSON.stringify(body);
          for (const [other, one] of ids) {
            assert(sent.includes(one) || !text.includes(one), `${what} tells ${other}.`);
          }
        }
      }
    }
    equal(await stateOf(victim.owner, victim.browser), before);
    await Promise.all([victim.machine.settled(), victim.page.settled()]);
    equal([victim.machine.messages, victim.page.messages.filter(isData)], [[], []]);
    victim.page.data(victim.anchor.machine, "still hers");
    equal((await victim.machine.frame("data")).payload, "still hers");
  },

  "every frame and every token with another user's identifiers": async (scene) => {
    const victim = await victimOf(scene, "ada@two.example");
    const { browser, anchor } = await eveOf(scene);
    const [machine, page] = [await anchor.connect(), await browser.connect()];
    const { user, signin, machine: theirs } = victim.ids;
    for (const id of Object.values(victim.ids)) {
      for (const socket of [page, machine]) {
        const lies = { from: user, user, signin, role: "anchor" };
        socket.send(`${JSON.stringify({ ...lies, type: "data", to: id })}\nx`);
        const { code } = (await socket.frame("error")).header;
        assert(code === "forbidden" || code === "unreachable", code);
      }
    }
    /** @type {Record<string, unknown>[]} */
    const claims = [
      { sub: user },
      { iss: theirs },
      { sub: user, iss: theirs },
      { sub: user, iss: user },
      { sub: victim.ids.owner },
    ];
    for (const claim of claims) {
      const answer = await anchor.refused(await anchor.token(claim));
      equal(answer.status, 401, JSON.stringify(claim));
    }
    // Neither the address nor a header says who one is.
    const query = `?protocol=1&user=${user}&signin=${signin}&machine=${theirs}`;
    const headers = {
      "x-orbit-operation": encodeURIComponent(JSON.stringify({ scope: `user:${user}` })),
    };
    const other = browser.dial(headers, query);
    equal((await other.next()).header.user.id, browser.user.id);
    const second = anchor.dial(await anchor.token(), headers, query);
    equal((await second.next()).header.id, anchor.machine);
    await Promise.all([victim.machine.settled(), victim.page.settled()]);
    equal([victim.machine.messages, victim.page.messages.filter(isData)], [[], []]);
  },
};

/** @param {string} text a frame */
const isData = (text) => JSON.parse(text.slice(0, text.indexOf("\n"))).type === "data";
