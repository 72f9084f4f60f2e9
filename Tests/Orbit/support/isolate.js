// One isolate of a relay that runs as several: a Worker of `isolates.js`.

/**
 * Workers of one process share a SQLite file, whose lock a busy one may not get; the platform's store has no such lock.
 * @param {Deno.Kv} kv
 * @returns {Deno.Kv} the same, trying again
 */
function patient(kv) {
  /** @template T @param {() => Promise<T>} run @returns {Promise<T>} */
  const again = async (run) => {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (!/locked/.test(String(error))) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      }
    }
  };
  /** @param {Deno.AtomicOperation} atomic */
  const patientAtomic = (atomic) => {
    const commit = atomic.commit.bind(atomic);
    atomic.commit = () => again(commit);
    return atomic;
  };
  return /** @type {Deno.Kv} */ (/** @type {unknown} */ ({
    get: (/** @type {Deno.KvKey} */ key) => again(() => kv.get(key)),
    getMany: (/** @type {Deno.KvKey[]} */ keys) => again(() => kv.getMany(keys)),
    set: (/** @type {[Deno.KvKey, unknown, object?]} */ ...args) => again(() => kv.set(...args)),
    delete: (/** @type {Deno.KvKey} */ key) => again(() => kv.delete(key)),
    list: async function* (/** @type {Deno.KvListSelector} */ selector) {
      yield* await again(() => Array.fromAsync(kv.list(selector)));
    },
    atomic: () => patientAtomic(kv.atomic()),
    watch: kv.watch.bind(kv),
    close: kv.close.bind(kv),
  }));
}

/**
 * An isolate that was killed holds its port a moment longer.
 * @param {Deno.ServeTcpOptions} options
 * @param {Deno.ServeHandler<Deno.NetAddr>} handler
 */
async function served(options, handler) {
  for (;;) {
    try {
      return Deno.serve(options, handler);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** @param {MessageEvent} event */
self.onmessage = async ({ data }) => {
  const { folder, origin, deployKey, port } = data;
  const { denoOrbit } = await import(`${folder}/deno/adapter.js`);
  const assets = await import(`${folder}/assets.js`);
  const kv = await Deno.openKv(`${folder}/relay.kv`);
  const orbit = denoOrbit(patient(kv), assets, { origin, deployKey, shared: true });
  const server = await served({ hostname: "127.0.0.1", port, onListen() {} }, orbit.fetch);
  self.onmessage = async () => {
    await orbit.end();
    await server.shutdown();
    kv.close();
    self.postMessage("ended");
  };
  self.postMessage("ready");
};
