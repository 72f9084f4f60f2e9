// Many users of one relay, each with a machine and a signed-in browser, all made through the protocol.
import { signedInMachine } from "../Tests/Orbit/support/client.js";
import { Scene } from "../Tests/Orbit/support/scene.js";

/** So many come from one address: it may have 30 device codes in 10 minutes. */
const PER_ADDRESS = 20;
/** So many are made at a time: an owner may have 16 open invites. */
const AT_ONCE = 6;

/**
 * @typedef {import("../Tests/Orbit/support/client.js").Browser} Browser
 * @typedef {import("../Tests/Orbit/support/client.js").Anchor} Anchor
 * @typedef {import("../Tests/Orbit/support/socket.js").Socket} Socket
 */

/** @template T @param {T[]} list @param {number} atOnce @param {(item: T) => Promise<unknown>} run */
export async function each(list, atOnce, run) {
  const rest = list.values();
  const worker = async () => {
    for (const item of rest) await run(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** A user with a machine and a browser. */
export class Member {
  /** @type {Socket | undefined} */
  machine;
  /** @type {Socket | undefined} */
  page;

  /** @param {Anchor} anchor @param {Browser} browser */
  constructor(anchor, browser) {
    this.anchor = anchor;
    this.browser = browser;
  }

  async connect() {
    this.machine = await this.anchor.connect();
    this.page = await this.browser.connect();
  }

  /** @returns {Promise<boolean>} */
  async isSignedIn() {
    return (await this.browser.post("/api/me")).status === 200;
  }
}

export class Crowd {
  /** @type {Scene[]} */
  scenes = [];
  /** @type {Member[]} */
  members = [];

  /** @param {import("../Tests/Orbit/support/target.js").Target} target @param {number} count */
  static async make(target, count) {
    const crowd = new Crowd();
    const world = {};
    const first = new Scene(target, world);
    crowd.scenes.push(first);
    await first.owner();
    const places = Array.from({ length: Math.ceil(count / PER_ADDRESS) }, (_, index) => index);
    await each(places, AT_ONCE, async (index) => {
      const scene = new Scene(target, world);
      crowd.scenes.push(scene);
      for (
        let made = index * PER_ADDRESS;
        made < Math.min(count, (index + 1) * PER_ADDRESS);
        made++
      ) {
        const browser = await scene.user(`User ${made}`);
        crowd.members.push(new Member(await signedInMachine(browser), browser));
      }
      scene.recorded.clear();
    });
    return crowd;
  }

  async end() {
    await Promise.all(this.scenes.map((scene) => scene.end()));
  }
}
