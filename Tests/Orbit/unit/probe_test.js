// What a deployer's probe leaves behind, how long it may speak, and which deploy key counts.
import { equal, refused } from "../support/assert.js";
import { random } from "../support/bytes.js";
import { MemoryRelay } from "../support/memory.js";

/** @param {MemoryRelay} relay @param {string} role @param {string} room */
async function probe(relay, role, room) {
  const authorization = `Bearer ${await relay.deployToken()}`;
  const path = `/deploy/probe?protocol=1&role=${role}&room=${room}`;
  const answer = await relay.upgrade("anchor", path, { authorization });
  return {
    answer,
    connection: /** @type {any} */ (relay.accepted),
    at: relay.at(`user:probe_${room}`),
  };
}

Deno.test("a probe leaves no record but that of its used tokens", async () => {
  const relay = new MemoryRelay();
  const room = random(16);
  const anchor = await probe(relay, "anchor", room);
  const browser = await probe(relay, "browser", room);
  const text = `{"type":"data","to":"${anchor.connection.address}"}\nhere`;
  await relay.orbit.message(browser.at, browser.connection, text);
  equal(anchor.at.room.all.get(anchor.connection.id)?.sent.at(-1)?.endsWith("\nhere"), true);
  await relay.orbit.closed(anchor.at, anchor.connection);
  const kept = [...relay.drivers].flatMap(([scope, { entries }]) =>
    [...entries.keys()].map((key) => `${scope} ${key.split(":")[0]}`)
  );
  equal(kept.filter((key) => key.includes("probe") || key.startsWith("user:")), []);
});

Deno.test("a probe may speak for a minute", async () => {
  const relay = new MemoryRelay();
  const { connection, at } = await probe(relay, "anchor", random(16));
  relay.time += 60_001;
  await relay.orbit.message(at, connection, `{"type":"data","to":"${connection.id}"}\nx`);
  equal(at.room.all.get(connection.id)?.closed, 1001);
});

Deno.test("a deploy key that could be guessed is none", async () => {
  const relay = new MemoryRelay();
  relay.deployKey = "x".repeat(31);
  relay.orbit = relay.instance();
  refused((await probe(relay, "anchor", random(16))).answer, 401, "bad-token");
  relay.deployKey = "x".repeat(32);
  relay.orbit = relay.instance();
  equal((await probe(relay, "anchor", random(16))).answer.status, 200);
});
