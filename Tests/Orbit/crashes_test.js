// The relay is killed in the middle of what makes, changes or ends an account: it goes on or begins again, and is never half.
import { flows } from "./conformance/flows.js";
import { within } from "./conformance/suite.js";
import { assert } from "./support/assert.js";
import { Gate } from "./support/gate.js";
import { Scene } from "./support/scene.js";
import { Seeded } from "./support/seeded.js";
import { denoTarget } from "./support/target.js";
import { findWorkerd, gated, workerdTarget } from "./support/workerd.js";

const workerd = await findWorkerd();
const full = Boolean(Deno.env.get("TEST_FULL"));

/** @type {Record<string, (gate: number) => Promise<import("./support/target.js").Target>>} */
const targets = { deno: (gate) => denoTarget([], gate) };
if (workerd) {
  targets.workerd = (gate) => workerdTarget(workerd, { evict: false, main: gated, gate });
} else console.error("workerd is neither on PATH nor in $WORKERD: the tests on it are skipped.");

/** @param {Gate} gate @param {object} world @param {(scene: Scene) => Promise<void>} run */
async function on(gate, world, run) {
  const target = /** @type {import("./support/target.js").Target} */ (gate.target);
  const scene = new Scene(target, world);
  try {
    await within(300_000, run(scene));
  } finally {
    await scene.end();
  }
}

for (const [platform, start] of Object.entries(targets)) {
  Deno.test(`${platform}: killed between steps and writes`, async (test) => {
    const gate = new Gate();
    const world = {};
    try {
      await gate.of(start(gate.port));
      for (const [name, flow] of Object.entries(flows)) {
        await test.step(`${name}, killed before each of its requests`, () =>
          on(gate, world, async (scene) => {
            const state = await flow.begin(scene);
            const target = scene.target;
            scene.target = { ...target, between: () => target.kill() };
            await flow.run(state);
            scene.target = target;
            await flow.after(state);
          }));

        await test.step(`${name}, killed around its writes`, async () => {
          let count = 0;
          await on(gate, world, async (scene) => {
            const state = await flow.begin(scene);
            ({ count } = await gate.until(Infinity, () => flow.run(state)));
            await flow.after(state);
          });
          assert(count >= 2, "It writes nothing.");
          const points = Array.from({ length: count }, (_, index) => index + 1);
          const seed = new Seeded();
          for (const sampled of full ? points : seed.sample(points, 2)) {
            let killed = false;
            // A change that met another one was written again: this time there may be fewer.
            for (let point = sampled; !killed; point--) {
              await on(gate, world, async (scene) => {
                const state = await flow.begin(scene);
                ({ killed } = await gate.until(point, () => flow.run(state)));
                try {
                  await flow.after(state);
                } catch (error) {
                  throw new Error(`Killed at ${point} of ${count}, ${seed}.`, { cause: error });
                }
              });
            }
          }
        });
      }
    } finally {
      await gate.end();
    }
  });
}
