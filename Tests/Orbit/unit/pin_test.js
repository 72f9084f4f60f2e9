// A relay whose platform tells its address only once it runs: its deployer pins it.
import { equal, refused } from "../support/assert.js";
import { MemoryRelay } from "../support/memory.js";
import { deployToken } from "../support/tokens.js";
import { random } from "../support/bytes.js";

/** @param {MemoryRelay} relay @param {string} [key] @param {string} [audience] */
async function pin(relay, key = relay.deployKey, audience = relay.origin) {
  const exp = Math.floor(relay.time / 1000) + 60;
  const authorization = `Bearer ${await deployToken(key, audience, { exp })}`;
  return await relay.request("anchor", "/deploy/origin", {
    method: "POST",
    headers: { authorization },
  });
}

Deno.test("an unpinned relay answers its health and its deployer only", async () => {
  const relay = new MemoryRelay({ unpinned: true });
  equal((await relay.request("browser", "/health")).status, 200);
  for (const path of ["/", "/anchor", "/socket", "/api/me", "/deploy/claim", "/device/code"]) {
    refused(await relay.request("browser", path, { method: "POST" }), 421, "wrong-host");
  }
});

Deno.test("the deploy key pins the address it was asked at, for good", async () => {
  const relay = new MemoryRelay({ unpinned: true });
  refused(await pin(relay, random(32)), 401, "bad-token");
  refused(await pin(relay, relay.deployKey, "https://evil.example"), 401, "bad-token");
  refused(await relay.request("browser", "/deploy/claim", { method: "POST" }), 421, "wrong-host");

  equal(await pin(relay).then(({ body }) => body), { origin: relay.origin });
  equal((await pin(relay)).status, 200);
  await relay.owner();

  const pinned = relay.origin;
  relay.origin = "https://other.example";
  refused(await pin(relay), 421, "wrong-host");
  refused(await relay.request("browser", "/health"), 421, "wrong-host");
  relay.origin = pinned;
  // Another instance reads it from the store.
  relay.orbit = relay.instance();
  equal((await relay.request("browser", "/health")).status, 200);
});
