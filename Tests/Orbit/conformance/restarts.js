// What survives the end of the relay's process.
import { assert, equal, refused } from "../support/assert.js";
import { signedInMachine } from "../support/client.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const restarts = {
  "a restart tells the sockets, and nobody is signed out": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const used = await anchor.token();
    const [machine, browser] = [anchor.dial(used), await user.connect()];
    await machine.next();
    const ticket = await user.call("/api/signin/options");
    await scene.target.restart();
    for (const socket of [machine, browser]) {
      const { code } = await socket.end();
      assert(scene.target.goodbye.includes(code), `Closed with ${code}.`);
    }
    refused(await anchor.refused(used), 401, "bad-token");
    const again = await anchor.connect();
    const back = await user.connect();
    equal(back.hello.machines.map((/** @type {any} */ one) => one.online), [true]);
    back.data(anchor.machine, "x");
    equal((await again.frame("data")).payload, "x");
    // A ceremony that was begun before ends after it.
    const assertion = await user.authenticator.get(ticket.publicKey);
    const body = { ticket: ticket.ticket, assertion, device: "x" };
    equal((await user.post("/api/signin", body)).status, 200);
  },

  "what was answered survives kill -9": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    await anchor.connect();
    await user.call("/api/machines/rename", { id: anchor.machine, name: "Attic" });
    await scene.target.kill();
    // Where several isolates serve, it takes some seconds to notice that one died.
    for (;;) {
      const { machines, user: known } = await user.call("/api/me");
      equal([known.id, machines[0].name], [user.user.id, "Attic"]);
      if (!machines[0].online) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await anchor.connect();
  },
};
