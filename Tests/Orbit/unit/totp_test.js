// One-time codes: the vectors of the standards, the window, the locks under a clock that the test sets.
import { acceptedStep, hotp } from "../../../templates/orbit/totp.js";
import { equal, refused } from "../support/assert.js";
import { Browser } from "../support/client.js";
import { MemoryRelay } from "../support/memory.js";
import { totp } from "../support/totp.js";

const secret = new TextEncoder().encode("12345678901234567890");
const minute = 60_000;
const hour = 60 * minute;

Deno.test("HOTP has the values of RFC 4226, appendix D", async () => {
  const values = await Promise.all(Array.from({ length: 10 }, (_, count) => hotp(secret, count)));
  equal(values, [
    "755224",
    "287082",
    "359152",
    "969429",
    "338314",
    "254676",
    "287922",
    "162583",
    "399871",
    "520489",
  ]);
});

Deno.test("TOTP has the values of RFC 6238, appendix B", async () => {
  // The vectors for SHA-1 have eight digits; of the same number these are the last six.
  const vectors = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
  };
  for (const [seconds, digits] of Object.entries(vectors)) {
    const code = digits.slice(2);
    equal(await hotp(secret, Math.floor(Number(seconds) / 30)), code);
    const now = Number(seconds) * 1000;
    equal(await acceptedStep(secret, code, now, 0), Math.floor(Number(seconds) / 30), seconds);
  }
});

Deno.test("a code is taken one step early or late, and none twice", async () => {
  const step = 41_152_263;
  const code = await hotp(secret, step);
  const start = step * 30_000;
  equal(await acceptedStep(secret, code, start - 30_001, 0), undefined);
  equal(await acceptedStep(secret, code, start - 30_000, 0), step);
  equal(await acceptedStep(secret, code, start + 59_999, 0), step);
  equal(await acceptedStep(secret, code, start + 60_000, 0), undefined);
  equal(await acceptedStep(secret, code, start, step), undefined);
  equal(await acceptedStep(secret, code, start, step - 1), step);
  for (const wrong of ["", "0", code.slice(1), `${code}0`, ` ${code}`, "７５５２２４"]) {
    equal(await acceptedStep(secret, wrong, start, 0), undefined, wrong);
  }
});

/** A user with codes, and a stranger who tries. */
async function locked() {
  const relay = new MemoryRelay();
  const user = await relay.owner();
  const made = await user.call("/api/totp/options");
  const code = (/** @type {number} */ steps) => totp(made.secret, steps, relay.time);
  await user.call("/api/totp/add", { code: await code(-1), name: "Ada" });
  let addresses = 0;
  /** @param {string} text */
  const attempt = (text) => {
    relay.address = `198.51.100.${addresses++ % 250}`;
    return new Browser(relay.scene).post("/api/signin/code", {
      name: "Ada",
      code: text,
      device: "x",
    });
  };
  const wrong = async (times = 5) => {
    for (let count = 0; count < times; count++) refused(await attempt("000000"), 403, "bad-signin");
  };
  return { relay, user, code, attempt, wrong };
}

Deno.test("each five wrong codes lock for twice as long, up to a day", async () => {
  const { relay, code, attempt, wrong } = await locked();
  for (const time of [15 * minute, 30 * minute, hour, 2 * hour, 4 * hour, 8 * hour, 16 * hour]) {
    await wrong();
    relay.time += time - 1;
    // A code that is tried while they are locked is refused, and not counted.
    refused(await attempt(await code(0)), 403, "bad-signin");
    relay.time += 1;
  }
  for (let count = 0; count < 2; count++) {
    await wrong();
    relay.time += 24 * hour;
  }
  equal((await attempt(await code(0))).status, 200);
  // From here it begins at the beginning.
  await wrong();
  relay.time += 15 * minute;
  equal((await attempt(await code(0))).status, 200);
});

Deno.test("after a hundred wrong codes they stay locked until a passkey opens them", async () => {
  const { relay, user, code, attempt, wrong } = await locked();
  for (let count = 0; count < 20; count++) {
    await wrong();
    relay.time += 24 * hour;
  }
  refused(await attempt(await code(0)), 403, "bad-signin");
  relay.time += 300 * 24 * hour;
  refused(await attempt(await code(0)), 403, "bad-signin");
  user.cookie = undefined;
  await user.signIn();
  equal((await attempt(await code(0))).status, 200);
});

Deno.test("a secret that was not confirmed is gone after ten minutes", async () => {
  const relay = new MemoryRelay();
  const user = await relay.owner();
  for (const [wait, status] of [[10 * minute - 1, 200], [10 * minute, 403]]) {
    await user.verify();
    const { secret } = await user.call("/api/totp/options");
    relay.time += wait;
    await user.verify();
    const code = await totp(secret, 0, relay.time);
    equal((await user.post("/api/totp/add", { code, name: "Ada" })).status, status);
    if (status === 200) await user.call("/api/totp/remove");
  }
});
