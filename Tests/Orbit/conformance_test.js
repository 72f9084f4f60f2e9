// The black-box suite on every platform, and that all of them answer alike.
import { conform } from "./conformance/suite.js";
import { clusterTarget } from "./support/cluster.js";
import { denoTarget } from "./support/target.js";
import { findWorkerd, workerdTarget } from "./support/workerd.js";

const records = new Map([
  ["deno", conform("deno", denoTarget)],
  ["deno, two isolates", conform("deno, two isolates", clusterTarget)],
]);

const workerd = await findWorkerd();
if (workerd) {
  for (const evict of [false, true]) {
    const name = evict ? "workerd, evicted" : "workerd";
    records.set(name, conform(name, () => workerdTarget(workerd, { evict })));
  }
} else {
  console.error("workerd is neither on PATH nor in $WORKERD: the tests on it are skipped.");
}

Deno.test("every platform answers the same, byte for byte", () => {
  const [[first, expected], ...others] = records;
  const differences = [];
  for (const [name, record] of others) {
    for (const [title, answers] of record) {
      // Just after a kill -9 it depends on the platform who still counts as here (an isolate's lease lasts 15 s), how
      // many of a flood are tried on it decides whether a limit is met, and in a race another one wins each time.
      if (/^(restarts|floods|races|fuzz):/.test(title)) continue;
      const there = expected.get(title) ?? new Set();
      const missing = [...there].filter((answer) => !answers.has(answer));
      const extra = [...answers].filter((answer) => !there.has(answer));
      if (missing.length + extra.length === 0) continue;
      differences.push(
        `${title}\n${first} only:\n${missing.join("\n\n")}\n\n${name} only:\n${extra.join("\n\n")}`,
      );
    }
  }
  if (differences.length > 0) throw new Error(differences.join("\n\n"));
});
