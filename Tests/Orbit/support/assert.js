// What the tests assert with: Deno's standard library is not fetched, so the few checks are here.

/** @param {unknown} value @returns {string} */
const show = (value) => Deno.inspect(value, { depth: 8, strAbbreviateSize: 2000 });

/** @param {unknown} condition @param {string} [message] @returns {asserts condition} */
export function assert(condition, message = "The condition does not hold.") {
  if (!condition) throw new Error(message);
}

/** @template T @param {T} actual @param {T} expected @param {string} [message] */
export function equal(actual, expected, message = "") {
  if (same(actual, expected)) return;
  throw new Error(`${message}\n  is:       ${show(actual)}\n  expected: ${show(expected)}`);
}

/** @param {any} a @param {any} b @returns {boolean} */
function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && Array.isArray(a) === Array.isArray(b) &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

/**
 * A refusal in its documented form.
 * @param {import("./client.js").Answer} answer
 * @param {number} status
 * @param {string} code
 * @param {string} [message]
 */
export function refused(answer, status, code, message = "") {
  const { error } = answer.body;
  if (answer.status !== status || error?.code !== code) {
    throw new Error(
      `${message} Answered ${answer.status} ${show(answer.body)}, expected ${status} ${code}.`,
    );
  }
  assert(/^[A-Z].*[.]$/.test(error.message), `Not a sentence: ${error.message}`);
}

/** @param {Promise<unknown>} promise @param {RegExp} [message] */
export async function rejects(promise, message = /./) {
  try {
    await promise;
  } catch (error) {
    assert(message.test(String(error)), `Rejected with ${error}.`);
    return;
  }
  throw new Error("It was not rejected.");
}
