// What an isolate has for another: nothing that ends a connection is lost.
import { Outbox, readBatch } from "../../../templates/deno/mailbox.js";
import { assert, equal, rejects } from "../support/assert.js";

/**
 * A store that keeps what is committed.
 * @param {() => void} [commit] throws when the store is away
 */
function storeOf(commit = () => {}) {
  /** @type {Map<string, Uint8Array>} */
  const mail = new Map();
  const kv = {
    atomic() {
      /** @type {[string, Uint8Array][]} */
      const writes = [];
      const atomic = {
        /** @param {string[]} key @param {Uint8Array} value */
        set(key, value) {
          if (key[1] === "mail") writes.push([key.join(" "), value]);
          return atomic;
        },
        commit() {
          commit();
          for (const [key, value] of writes) mail.set(key, value);
          return Promise.resolve({ ok: true });
        },
      };
      return atomic;
    },
  };
  const taken = () =>
    [...mail.keys()].sort().flatMap((key) =>
      Array.from(readBatch(/** @type {Uint8Array} */ (mail.get(key))))
    );
  return { kv: /** @type {Deno.Kv} */ (/** @type {unknown} */ (kv)), taken };
}

const scope = "user:u_x";

Deno.test("a flood of frames leaves room for the end of a connection", async () => {
  const { kv, taken } = storeOf();
  const box = new Outbox(kv, "B");
  let count = 0;
  while (box.add({ scope, to: "c_1" }, "x")) count++;
  assert(box.bytes <= 4 * 1024 * 1024, `${box.bytes} bytes wait.`);
  for (let more = 0; more < 3; more++) {
    assert(box.add({ scope, close: ["c_1", 4001, "revoked"] }, ""));
    equal(box.add({ scope, to: "c_1" }, "x"), false);
  }
  await box.flush("A");
  equal(box.bytes, 0);
  equal(taken().slice(count).map(({ envelope }) => envelope.close?.[1]), [4001, 4001, 4001]);
  assert(box.add({ scope, to: "c_1" }, "x"));
});

Deno.test("a flood of one user's frames leaves room for those of another", async () => {
  const { kv, taken } = storeOf();
  const box = new Outbox(kv, "B");
  const payload = "x".repeat(60_000);
  while (box.add({ scope, to: "c_1" }, payload));
  assert(box.add({ scope: "user:u_y", to: "c_2" }, "hello"));
  let users = 0;
  for (let full = false; !full; users++) {
    full = !box.add({ scope: `user:u_${users}`, to: "c_3" }, payload);
    while (box.add({ scope: `user:u_${users}`, to: "c_3" }, payload));
  }
  assert(box.bytes <= 16 * 1024 * 1024 && users < 8, `${box.bytes} bytes of ${users} users wait.`);
  await box.flush("A");
  equal([box.bytes, box.shares.size], [0, 0]);
  equal(taken().filter(({ text }) => text === "hello").length, 1);
});

Deno.test("what waits when the isolate ends is still told, unless it fails", async () => {
  let away = false;
  const { kv, taken } = storeOf(() => {
    if (away) throw new Error("The store is away.");
  });
  const box = new Outbox(kv, "B");
  box.add({ scope, left: "c_1" }, "");
  const flushed = box.flush("A");
  box.add({ scope, left: "c_2" }, "");
  box.ending = true;
  await flushed;
  equal(taken().map(({ envelope }) => envelope.left), ["c_1", "c_2"]);
  away = true;
  box.add({ scope, left: "c_3" }, "");
  await rejects(box.flush("A"), /away/);
});

Deno.test("what could not be stored is stored later, once and in order", async () => {
  let away = 2;
  const { kv, taken } = storeOf(() => {
    if (away-- > 0) throw new Error("The store is away.");
  });
  const box = new Outbox(kv, "B");
  box.add({ scope, to: "c_1" }, "before");
  box.add({ scope, close: ["c_1", 4001, "revoked"] }, "");
  const flushed = box.flush("A");
  box.add({ scope, left: "c_2" }, "");
  await flushed;
  equal(taken().map(({ envelope, text }) => envelope.left ?? envelope.close?.[1] ?? text), [
    "before",
    4001,
    "c_2",
  ]);
});
