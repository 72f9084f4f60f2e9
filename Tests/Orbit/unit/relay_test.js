// The relay's core with a room in memory.
import { endSignin } from "../../../templates/orbit/signins.js";
import { equal } from "../support/assert.js";
import { Anchor, Browser, makeClaim } from "../support/client.js";
import { MemoryRelay } from "../support/memory.js";

/** A user with a browser and a machine in the room. */
async function pair() {
  const relay = new MemoryRelay();
  const anchor = await Anchor.make(relay.scene);
  const { link } = await makeClaim(relay.scene, anchor, await relay.deployToken());
  const owner = new Browser(relay.scene);
  await owner.useLink(link);
  const scope = `user:${anchor.user}`;
  await anchor.refused(await relay.anchorToken(anchor));
  const machine =
    /** @type {import("../../../templates/orbit/ports.d.ts").Connection} */ (relay.accepted);
  await owner.refused();
  const browser =
    /** @type {import("../../../templates/orbit/ports.d.ts").Connection} */ (relay.accepted);
  return { relay, owner, anchor, here: relay.at(scope), machine, browser };
}

Deno.test("a relayed frame costs no look at the store", async () => {
  const { relay, here, machine, browser } = await pair();
  for (const driver of relay.drivers.values()) {
    const look = () => Promise.reject(new Error("a look at the store"));
    Object.assign(driver, { get: look, list: look, commit: look });
  }
  const before = here.room.all.get(machine.id)?.sent.length ?? 0;
  const frame = `${JSON.stringify({ type: "data", to: machine.address })}\nhello`;
  equal(relay.orbit.message(here, browser, frame), undefined);
  const sent = here.room.all.get(machine.id)?.sent.slice(before) ?? [];
  const header = { type: "data", from: browser.id, role: "browser", signin: browser.signin };
  equal(sent, [`${JSON.stringify(header)}\nhello`]);
});

Deno.test("a header that came before means the same for its sender only, and of many the last", async () => {
  const { relay, here, machine, browser } = await pair();
  /** @param {typeof machine} sender @param {typeof machine} receiver @param {string} to */
  const passed = async (sender, receiver, to) => {
    const frame = `${JSON.stringify({ type: "data", to })}\nhello`;
    await relay.orbit.message(here, sender, frame);
    const own = JSON.parse(here.room.all.get(sender.id)?.sent.at(-1)?.split("\n")[0] ?? "");
    const got = here.room.all.get(receiver.id)?.sent.at(-1) ?? "";
    return own.type === "error" ? own.code : got.endsWith("\nhello");
  };
  equal(await passed(browser, machine, machine.address), true);
  equal(await passed(machine, browser, browser.id), true);
  // Both were just taken; the other end may not send them.
  equal(await passed(machine, browser, machine.address), "forbidden");
  const sent = here.room.all.get(browser.id)?.sent ?? [];
  for (let count = 0; count < 200; count++) {
    equal(await passed(browser, machine, `m_${String(count).padStart(22, "0")}`), "unreachable");
    sent.pop();
    equal(await passed(browser, machine, machine.address), true);
  }
});

Deno.test("who was silent for fifteen seconds is gone when a frame is for it", async () => {
  const { relay, here, machine, browser } = await pair();
  const frame = `${JSON.stringify({ type: "data", to: machine.address })}\nx`;
  relay.time += 15_000;
  const state = /** @type {any} */ (here.room.all.get(machine.id));
  const count = state.sent.length;
  await relay.orbit.message(here, browser, frame);
  equal([state.sent.length, state.closed], [count + 1, undefined]);
  relay.time += 1;
  await relay.orbit.message(here, browser, frame);
  equal([state.sent.length, state.closed], [count + 1, 1001]);
  const last = here.room.all.get(browser.id)?.sent.at(-1) ?? "";
  equal(JSON.parse(last).code, "unreachable");
});

Deno.test("who was silent is offline when presence is read", async () => {
  const { relay, owner, here, machine } = await pair();
  equal((await owner.call("/api/me")).machines[0].online, true);
  relay.time += 15_001;
  equal((await owner.call("/api/me")).machines[0].online, false);
  equal(here.room.all.get(machine.id)?.closed, 1001);
});

Deno.test("a socket whose sign-in ended while it opened is closed, not greeted", async () => {
  const { relay, owner, here } = await pair();
  const { id } = (await owner.call("/api/me")).signin;
  const answer = await relay.orbit.perform(here, "connect.browser", { sid: id, owner: true });
  const { connection } = /** @type {any} */ (answer).value;
  await owner.call("/api/signout");
  here.room.accept(connection, relay.time);
  await relay.orbit.opened(here, { connection, owner: true });
  const state = here.room.all.get(connection.id);
  equal([state?.closed, state?.sent], [4001, []]);
});

Deno.test("a socket whose sign-in ends while it is greeted is closed", async () => {
  const { relay, owner, here } = await pair();
  const { id } = (await owner.call("/api/me")).signin;
  const answer = await relay.orbit.perform(here, "connect.browser", { sid: id, owner: true });
  const { connection } = /** @type {any} */ (answer).value;
  here.room.accept(connection, relay.time);
  // The sign-in ends after its record was read, and before the room has the connection.
  const { list } = here.room;
  Object.assign(here.room, {
    list: async () => {
      Object.assign(here.room, { list });
      await owner.call("/api/signout");
      return here.room.list();
    },
  });
  await relay.orbit.opened(here, { connection, owner: true });
  equal(here.room.all.get(connection.id)?.closed, 4001);
});

Deno.test("a revocation whose word got lost is found in the records", async () => {
  const { relay, owner, here, machine, browser } = await pair();
  const other = await owner.another();
  await other.refused();
  const kept =
    /** @type {import("../../../templates/orbit/ports.d.ts").Connection} */ (relay.accepted);
  const state = (/** @type {{id: string}} */ { id }) => /** @type {any} */ (here.room.all.get(id));
  relay.time += 1000;
  const start = relay.time;
  // Another instance ends the sign-in, and its word does not come here.
  const signin = /** @type {string} */ (browser.signin);
  await here.store.transact((tx) => endSignin(tx, signin, relay.time));
  const sent = state(machine).sent.length;
  relay.time += 1000;
  await relay.orbit.recheck(here, here.room.list(), start);
  equal([browser, kept, machine].map((one) => state(one).closed), [4001, undefined, undefined]);
  equal(state(machine).sent.slice(sent), [`${JSON.stringify({ type: "revoked", signin })}\n`]);
  // It is told no more, and a machine is looked at as well.
  await here.store.transact((tx) => Promise.resolve(tx.delete(`machine:${machine.address}`)));
  await relay.orbit.recheck(here, here.room.list(), relay.time);
  equal([state(machine).sent.length, state(machine).closed], [sent + 1, 4001]);
  equal(state(kept).closed, undefined);
});

Deno.test("a socket does not outlive its sign-in, unless that was used", async () => {
  const { relay, owner, here, browser } = await pair();
  const month = 30 * 24 * 60 * 60 * 1000;
  const frame = `${JSON.stringify({ type: "data", to: "m_" + "a".repeat(22) })}\nx`;
  relay.time += month - 1;
  await relay.orbit.message(here, browser, frame);
  equal(here.room.all.get(browser.id)?.closed, undefined);
  await owner.call("/api/me");
  relay.time += 1;
  await relay.orbit.message(here, browser, frame);
  equal(here.room.all.get(browser.id)?.closed, 1001);
  // It dials again, and comes in for another month.
  await owner.refused();
  equal(relay.accepted?.until, relay.time - 1 + month);
});
