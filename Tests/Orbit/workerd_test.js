// What only the adapter for Cloudflare does.
import { assert, equal, refused } from "./support/assert.js";
import { signedInMachine } from "./support/client.js";
import { Scene } from "./support/scene.js";
import { findWorkerd, workerdTarget } from "./support/workerd.js";

const workerd = await findWorkerd();
if (workerd) {
  Deno.test("workerd: an anchor and a hidden page let their object sleep", async () => {
    const target = await workerdTarget(workerd, { evict: false });
    const scene = new Scene(target);
    try {
      const owner = await scene.owner();
      const anchor = await signedInMachine(owner);
      const [machine, browser] = [await anchor.connect(), await owner.connect()];
      for (let count = 0; count < 30; count++) {
        refused(await owner.post("/api/link/look", { link: "x" }), 403, "bad-link");
      }
      const before = target.built();
      // Their pings go on, and nothing else, until a frame finds the object built anew: it sleeps after 10 s.
      for (let count = 0; count < 10 && target.built() === before; count++) {
        await new Promise((resolve) => setTimeout(resolve, 13_000));
        browser.data(anchor.machine, "to the machine");
        equal(await machine.next(), {
          header: {
            type: "data",
            from: browser.id,
            role: "browser",
            signin: (await owner.call("/api/me")).signin.id,
          },
          payload: "to the machine",
        });
      }
      assert(target.built() > before, "The object never slept.");
      machine.data(browser.id, "to the browser");
      equal((await browser.frame("data")).payload, "to the browser");
      const { machines } = await owner.call("/api/me");
      equal([machines[0].online, machines[0].connection === null], [true, false]);
      refused(await owner.post("/api/link/look", { link: "x" }), 429, "slow-down");
      await machine.close();
      await browser.presence(([one]) => !one.online);
    } finally {
      await scene.end();
      await target.stop();
    }
  });
} else {
  console.error("workerd is neither on PATH nor in $WORKERD: the tests on it are skipped.");
}
