// Loaded before the relay on Deno: each write of the store asks a port of the test first, and tells it afterwards.
const gate = `http://127.0.0.1:${new URL(import.meta.url).searchParams.get("gate")}/`;

const ask = async () => {
  const response = await fetch(gate);
  await response.text();
};

const { openKv } = Deno;
Object.defineProperty(Deno, "openKv", {
  /** @param {string} [path] */
  value: async (path) => {
    const kv = await openKv(path);
    const atomic = kv.atomic.bind(kv);
    kv.atomic = () => {
      const made = atomic();
      const commit = made.commit.bind(made);
      made.commit = async () => {
        await ask();
        const done = await commit();
        await ask();
        return done;
      };
      return made;
    };
    return kv;
  },
});
