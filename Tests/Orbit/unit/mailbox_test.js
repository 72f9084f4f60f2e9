// What an isolate has for another: nothing that ends a connection is lost.
import { Outbox, readBatch } from "../../../templates/deno/mailbox.js";
import { assert, equal } from "../support/assert.js";

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
