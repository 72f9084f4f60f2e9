// A seeded random source, so that a failing run can be repeated: SEED=… deno test …

/** The run's seed: $SEED or a new one. */
export const seed = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);

/** mulberry32: 32 bits of state, enough to choose interleavings. @param {number} state @returns {() => number} */
export function random(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Runs `body` with `count` seeds derived from the run's and names the one that failed.
 * @param {number} count
 * @param {(random: () => number, seed: number) => void | Promise<void>} body
 */
export async function forSeeds(count, body) {
  for (let i = 0; i < count; i++) {
    const own = (seed + i * 7919) >>> 0;
    try {
      await body(random(own), own);
    } catch (error) {
      // Said with the error: what a test prints is not shown.
      throw new Error(`failed with SEED=${own}`, { cause: error });
    }
  }
}

/** @param {unknown} actual @param {unknown} expected @param {string} [message] */
export function equal(actual, expected, message = "") {
  const a = JSON.stringify(actual);
  const b = JSON.stringify(expected);
  if (a !== b) {
    const at = [...(a ?? "")].findIndex((c, i) => c !== (b ?? "")[i]);
    const cut = (/** @type {string | undefined} */ s) =>
      (s ?? "undefined").slice(Math.max(0, at - 60), at + 200);
    throw new Error(`${message} at ${at}:\n  actual   …${cut(a)}\n  expected …${cut(b)}`);
  }
}

/** @param {unknown} value @param {string} [message] @returns {asserts value} */
export function ok(value, message = "expected a true value") {
  if (!value) throw new Error(message);
}
