// What may not stand in the sources.
import { assert, equal } from "../support/assert.js";

const templates = new URL("../../../templates/", import.meta.url);

/** @param {URL} folder @returns {AsyncGenerator<[name: string, text: string]>} */
async function* modules(folder) {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* modules(new URL(`${name}/`, folder));
    else if (/\.(js|ts)$/.test(name)) {
      yield [name, await Deno.readTextFile(new URL(name, folder))];
    }
  }
}

/** @param {string} text @returns {string[]} what it imports */
const imports = (text) =>
  Array.from(
    text.matchAll(
      /^\s*(?:import|export)\b[^;]*?\bfrom\s+["'](.+?)["']|\bimport\s*\(?\s*["'](.+?)["']/gm,
    ),
    ([, from, other]) => from ?? other,
  );

Deno.test("the core names no platform and imports nothing from outside", async () => {
  const platform =
    /\bDeno\b|\bcloudflare\b|DurableObject|WebSocketPair|\bworkerd\b|openKv|\bprocess\.|\bnode:/i;
  let count = 0;
  for await (const [name, text] of modules(new URL("orbit/", templates))) {
    count++;
    // The ports' types are where a gap between platforms is stated.
    if (name !== "ports.d.ts") equal(platform.exec(text)?.[0], undefined, name);
    for (const from of imports(text)) {
      assert(/^\.\/[a-z_]+\.(js|d\.ts)$/.test(from), `${name}: ${from}`);
    }
  }
  assert(count > 20);
});

Deno.test("an adapter imports the core, the files and its platform only", async () => {
  for await (const { name: adapter, isDirectory } of Deno.readDir(templates)) {
    if (!isDirectory || adapter === "orbit") continue;
    for await (const [name, text] of modules(new URL(`${adapter}/`, templates))) {
      for (const from of imports(text)) {
        const known = /^\.\.?\/(orbit\/)?[a-z_]+\.(js|d\.ts)$/.test(from);
        assert(known || from === "cloudflare:workers", `${name}: ${from}`);
      }
    }
  }
});

Deno.test("no code is made of text, no random number is guessable", async () => {
  for await (const [name, text] of modules(templates)) {
    const found =
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|Math\.random/
        .exec(text);
    equal(found?.[0], undefined, name);
  }
});
