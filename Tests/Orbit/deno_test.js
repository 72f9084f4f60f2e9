// What only the adapter for Deno does.
import { within } from "./conformance/suite.js";
import { assert, equal } from "./support/assert.js";
import { utf8 } from "./support/bytes.js";
import { signedInMachine } from "./support/client.js";
import { Scene } from "./support/scene.js";
import { stalled } from "./support/stalled.js";
import { denoTarget } from "./support/target.js";

Deno.test("deno: a receiver that stalls is cut off, not buffered for", async () => {
  const target = await denoTarget();
  const scene = new Scene(target);
  try {
    const owner = await scene.owner();
    const anchor = await signedInMachine(owner);
    const machine = await anchor.connect();
    const reader = await owner.connect();
    const slow = await stalled(owner);
    const before = await target.memory();
    const payload = "x".repeat(60_000);
    let grown = 0;
    // The kernel takes a few megabytes before anything waits in the relay.
    for (let count = 0; count < 1000; count++) {
      machine.data(slow.id, payload);
      if (count % 100 === 99) {
        await machine.settled();
        grown = Math.max(grown, await target.memory() - before);
        if (machine.messages.length > 0) break;
      }
    }
    equal((await machine.frame("error")).header.code, "unreachable");
    assert(grown < 64 * 1024 * 1024, `The relay grew by ${grown} bytes.`);
    machine.data(reader.id, "others go on");
    equal((await reader.frame("data")).payload, "others go on");
    slow.end();
  } finally {
    await scene.end();
    await target.stop();
  }
});

Deno.test("deno: on SIGINT and SIGTERM every socket is told that the relay restarts", async () => {
  const target = await denoTarget();
  const scene = new Scene(target);
  try {
    const owner = await scene.owner();
    const anchor = await signedInMachine(owner);
    for (const signal of /** @type {Deno.Signal[]} */ (["SIGINT", "SIGTERM"])) {
      const sockets = [await anchor.connect(), await owner.connect()];
      Deno.kill(target.pid(), signal);
      for (const socket of sockets) equal(await socket.end(), { code: 1012, reason: "restart" });
      await target.restart();
    }
  } finally {
    await scene.end();
    await target.stop();
  }
});

Deno.test("deno: it ends when it is asked to, though a client says nothing more", async () => {
  const target = await denoTarget();
  const scene = new Scene(target);
  try {
    const owner = await scene.owner();
    const silent = await stalled(owner);
    const { host, port } = new URL(target.origin);
    const half = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    const head = `host: ${host}\r\norigin: ${target.origin}\r\ncontent-length: 100`;
    await half.write(utf8(`POST /api/link/look HTTP/1.1\r\n${head}\r\n\r\n{`));
    await owner.call("/api/me");
    await within(60_000, target.restart());
    await owner.connect();
    half.close();
    silent.end();
  } finally {
    await scene.end();
    await target.stop();
  }
});
