// Random choices that can be made again: the seed is printed at the start and with each failure, and taken from SEED.

/** One for the whole run, so that every platform gets the same. */
const common = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 32));

console.error(`SEED=${common}`);

export class Seeded {
  constructor(seed = common) {
    this.seed = seed;
    this.state = seed >>> 0;
  }

  /** mulberry32. @returns {number} from 0 up to, not including, 1 */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let value = this.state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @param {number} end @returns {number} a whole number from 0 up to, not including, `end` */
  below(end) {
    return Math.floor(this.next() * end);
  }

  /** @template T @param {T[]} list @returns {T} */
  pick(list) {
    return list[this.below(list.length)];
  }

  /** @template T @param {T[]} list @param {number} count @returns {T[]} so many of them in order, all with TEST_FULL */
  sample(list, count) {
    if (Deno.env.get("TEST_FULL")) return list;
    const left = list.map((_, index) => index);
    while (left.length > count) left.splice(this.below(left.length), 1);
    return left.map((index) => list[index]);
  }

  toString() {
    return `SEED=${this.seed}`;
  }
}
