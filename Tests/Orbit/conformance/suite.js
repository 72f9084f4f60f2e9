// The black-box suite: the same cases for every platform. Each group has a relay of its own.
import { Scene } from "../support/scene.js";
import { accounts } from "./accounts.js";
import { bodies } from "./bodies.js";
import { claims } from "./claims.js";
import { codes } from "./codes.js";
import { erasure } from "./erasure.js";
import { files } from "./files.js";
import { floods } from "./floods.js";
import { foreign } from "./foreign.js";
import { frames } from "./frames.js";
import { forgeries } from "./forgeries.js";
import { fuzz } from "./fuzz.js";
import { guesses } from "./guesses.js";
import { invites } from "./invites.js";
import { machines } from "./machines.js";
import { onetime } from "./onetime.js";
import { origins } from "./origins.js";
import { owners } from "./owners.js";
import { passkeys } from "./passkeys.js";
import { probes } from "./probes.js";
import { races } from "./races.js";
import { restarts } from "./restarts.js";
import { signins } from "./signins.js";
import { tricks } from "./tricks.js";

/** @typedef {(scene: Scene) => Promise<void>} Case */

/** @type {Record<string, Record<string, Case>>} */
const groups = {
  files,
  origins,
  claims,
  passkeys,
  onetime,
  signins,
  invites,
  accounts,
  owners,
  codes,
  machines,
  frames,
  probes,
  bodies,
  foreign,
  forgeries,
  guesses,
  tricks,
  fuzz,
  erasure,
  races,
  restarts,
  floods,
};

/** A case that hangs fails, in milliseconds. */
const limit = Deno.env.get("TEST_FULL") ? 1_200_000 : 300_000;

/** @param {number} time milliseconds @param {Promise<void>} promise rejects when it takes longer */
export async function within(time, promise) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took more than ${time} ms.`)), time);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a platform answered, by group and case. @typedef {Map<string, Set<string>>} Answers */

/**
 * Declares the tests of one platform.
 * @param {string} platform
 * @param {() => Promise<import("../support/target.js").Target>} start
 * @returns {Answers} filled while they run
 */
export function conform(platform, start) {
  /** @type {Answers} */
  const record = new Map();
  for (const [group, cases] of Object.entries(groups)) {
    Deno.test(`${platform}: ${group}`, async (test) => {
      const target = await start();
      const world = {};
      try {
        for (const [name, run] of Object.entries(cases)) {
          await test.step(name, async () => {
            const scene = new Scene(target, world);
            try {
              await within(limit, run(scene));
            } finally {
              record.set(`${group}: ${name}`, scene.recorded);
              await within(limit, scene.end());
            }
          });
        }
      } finally {
        await within(limit, target.stop());
      }
    });
  }
  return record;
}
