// Every address of the core is known to the tests that go through all of them, and to the protocol.
import { routes } from "../../../templates/orbit/router.js";
import { attempts } from "../conformance/attempts.js";
import { browserPaths, signedInPaths } from "../conformance/origins.js";
import { equal } from "../support/assert.js";
import { Anchor } from "../support/client.js";
import { MemoryRelay } from "../support/memory.js";

const protocol = await Deno.readTextFile(new URL("../../../docs/protocol.md", import.meta.url));

/** @param {...string} from @returns {string[]} the addresses that these may ask */
const paths = (...from) =>
  [...routes].filter(([, route]) => from.includes(route.from)).map(([path]) => path).sort();

Deno.test("every address is attacked with another user's identifiers", () => {
  equal(Object.keys(attempts).sort(), paths("anyone", "page", "signed-in", "machine"));
});

Deno.test("every address of a page is asked with foreign origins, and without a cookie", () => {
  equal([...browserPaths].sort(), paths("page", "signed-in").filter((path) => path !== "/socket"));
  equal([...signedInPaths].sort(), paths("signed-in").filter((path) => path !== "/socket"));
});

/** The rows of the table of the browser's endpoints; `/revoke` after `/api/x/list` stands for `/api/x/revoke`. */
function* documented() {
  for (const [, cell] of protocol.matchAll(/^\| (`\/api\/[^|]*)\|/gm)) {
    let folder = "";
    const fresh = /\(.*fresh\)/.test(cell);
    for (const [, path] of cell.matchAll(/`(\/[a-z/]+)`/g)) {
      const whole = path.startsWith("/api/") ? path : folder + path;
      folder = whole.slice(0, whole.lastIndexOf("/"));
      yield { path: whole, fresh };
    }
  }
}

Deno.test("the protocol has every address", () => {
  equal([...documented()].map(({ path }) => path).sort(), [...browserPaths].sort());
  for (const path of paths("anyone", "machine")) {
    equal(protocol.includes(`\`GET ${path}`) || protocol.includes(`\`POST ${path}\``), true, path);
  }
});

Deno.test("what the protocol calls fresh asks for a verification, the rest does not", async () => {
  for (const { path, fresh } of documented()) {
    const relay = new MemoryRelay();
    const browser = await relay.owner();
    const anchor = await Anchor.make(relay.scene);
    relay.time += 60_000;
    const body = await attempts[path]({ browser, anchor });
    // A machine's or user's id that nobody has is asked about before it is looked for.
    relay.time += 4 * 60_000 + 1;
    const { body: answer } = await browser.post(path, body);
    equal([path, answer.error?.code === "verify-first"], [path, fresh]);
  }
});
