// Bodies that are not what an endpoint expects.
import { equal, refused } from "../support/assert.js";
import { browserPaths } from "./origins.js";
import { Anchor } from "../support/client.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const bodies = {
  "what is no JSON object is refused": async (scene) => {
    const owner = await scene.owner();
    const wrong = [
      "x",
      "{",
      "null",
      "7",
      '"x"',
      "[]",
      "[{}]",
      "\ufeff{}",
      "[".repeat(8000),
      `${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`.slice(0, -1),
      '{"a":1e999999999}x',
    ];
    for (const path of browserPaths) {
      for (const body of wrong) {
        refused(await owner.post(path, body), 400, "bad-request", `${path} ${body.slice(0, 20)}`);
      }
    }
  },

  "bodies of more than 16 KiB are refused": async (scene) => {
    const owner = await scene.owner();
    const big = JSON.stringify({ x: "x".repeat(16_384) });
    for (const path of browserPaths) refused(await owner.post(path, big), 413, "too-large", path);
    const anchor = await Anchor.make(scene);
    for (const path of ["/device/code", "/device/token"]) {
      refused(await anchor.post(path, big), 413, "too-large", path);
    }
    // Without a length in the header it is counted as it comes.
    const stream = new ReadableStream({
      start(controller) {
        for (let count = 0; count < 20; count++) controller.enqueue(new Uint8Array(1024).fill(32));
        controller.close();
      },
    });
    const answer = await scene.request("browser", "/api/me", {
      method: "POST",
      headers: owner.headers,
      body: stream,
    });
    refused(answer, 413, "too-large");
    const fits = JSON.stringify({ x: "x".repeat(16_384 - 8) });
    equal([fits.length, (await owner.post("/api/me", fits)).status], [16_384, 200]);
  },

  "a deep or repeated body does no harm": async (scene) => {
    const owner = await scene.owner();
    const deep = `{"id":${"[".repeat(8000)}${"]".repeat(8000)}}`;
    refused(await owner.post("/api/machines/revoke", deep), 400, "bad-request");
    const twice = `{${'"id":"x",'.repeat(1500)}"id":"x"}`;
    refused(await owner.post("/api/machines/revoke", twice), 400, "bad-request");
    const proto = '{"__proto__":{"id":"x"},"constructor":{"id":"x"}}';
    refused(await owner.post("/api/machines/revoke", proto), 400, "bad-request");
  },
};
