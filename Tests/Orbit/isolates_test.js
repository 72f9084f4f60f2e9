// Two isolates of Deno, of which one goes.
import { within } from "./conformance/suite.js";
import { assert, equal } from "./support/assert.js";
import { signedInMachine } from "./support/client.js";
import { clusterTarget } from "./support/cluster.js";
import { Scene } from "./support/scene.js";

/** @param {any[]} machines the only one of which is here, or not */
const online = ([machine]) => machine.online;
/** @param {any[]} machines */
const offline = ([machine]) => !machine.online;

/**
 * A user whose browser is on one isolate and whose machine is on the other.
 * @param {(world: {target: Awaited<ReturnType<typeof clusterTarget>>, scene: Scene, anchor: any, machine: any,
 *   owner: any, browser: any}) => Promise<void>} run
 */
async function apart(run) {
  const target = await clusterTarget();
  const scene = new Scene(target);
  try {
    const owner = await scene.owner();
    const anchor = await signedInMachine(owner);
    const [machine, browser] = [await anchor.connect(), await owner.connect()];
    await within(300_000, run({ target, scene, owner, anchor, machine, browser }));
  } finally {
    await scene.end();
    await target.stop();
  }
}

Deno.test("deno, two isolates: one that dies is missed", () =>
  apart(async ({ target, owner, anchor, machine, browser }) => {
    const start = Date.now();
    await target.isolate("kill", 1);
    // Nobody takes these any more.
    for (let count = 0; count < 20; count++) browser.data(anchor.machine, "x".repeat(50_000));
    const [gone] = await browser.presence(offline);
    assert(gone.seen >= start - 1000, "It was last seen just now.");
    browser.data(anchor.machine, "x");
    equal((await browser.frame("error")).header.code, "unreachable");
    for (;;) {
      const entries = await target.dump();
      const left = entries.filter(({ key }) => /^(mail|room|isolate|head|interest) /.test(key));
      const [mine] = left.filter(({ key }) => key.startsWith("room ")).map(({ value }) =>
        value.isolate
      );
      // Of the dead one nothing is left: no mail, no connection, no beat.
      const others = left.filter(({ key, value }) => !key.includes(mine) && value.isolate !== mine);
      if (others.length === 0) break;
      assert(Date.now() - start < 90_000, `There is still ${others.map(({ key }) => key)}.`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await machine.end();
    await target.isolate("start", 1);
    const again = await anchor.connect();
    await browser.presence(online);
    browser.data(anchor.machine, "back");
    equal((await again.frame("data")).payload, "back");
    equal((await owner.call("/api/me")).machines[0].online, true);
  }));

Deno.test("deno, two isolates: one that is asked to end is missed at once", () =>
  apart(async ({ target, anchor, machine, browser }) => {
    await target.isolate("end", 1);
    equal((await machine.end()).code, 1012);
    // Nobody has to find out that it is gone: it has said so.
    const left = (await target.dump()).filter(({ key }) => /^(room|isolate) /.test(key));
    equal(new Set(left.map(({ key, value }) => value.isolate ?? key.split(" ")[1])).size, 1);
    await browser.presence(offline);
    await target.isolate("start", 1);
    await anchor.connect();
    await browser.presence(online);
  }));

Deno.test("deno, two isolates: the browser's may die as well", () =>
  apart(async ({ target, owner, anchor, machine, browser }) => {
    await target.isolate("kill", 0);
    await browser.end();
    await target.isolate("start", 0);
    machine.data(browser.id, "to nobody");
    const back = await owner.connect();
    equal(back.hello.machines[0].online, true);
    back.data(anchor.machine, "hello again");
    equal((await machine.frame("data")).payload, "hello again");
    machine.data(back.id, "hello");
    equal((await back.frame("data")).payload, "hello");
  }));

Deno.test("deno, two isolates: a machine that moves over replaces its socket", () =>
  apart(async ({ target, anchor, machine, browser }) => {
    anchor.scene.target = { ...target, base: { ...target.base, anchor: target.base.browser } };
    const moved = await anchor.connect();
    equal((await machine.end()).code, 4000);
    browser.data(anchor.machine, "now local");
    equal((await moved.frame("data")).payload, "now local");
  }));

Deno.test("deno, two isolates: one that was taken for dead begins anew", () =>
  apart(async ({ target, owner, anchor, machine, browser }) => {
    const kv = await Deno.openKv(`${target.folder}/relay.kv`);
    try {
      for await (const { key } of kv.list({ prefix: ["cluster", "isolate"] })) await kv.delete(key);
    } finally {
      kv.close();
    }
    equal([(await machine.end()).code, (await browser.end()).code], [1012, 1012]);
    const [again, back] = [await anchor.connect(), await owner.connect()];
    equal(back.hello.machines[0].online, true);
    back.data(anchor.machine, "still one relay");
    equal((await again.frame("data")).payload, "still one relay");
  }));
