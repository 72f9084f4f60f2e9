// QR codes (ISO/IEC 18004), model 2: bytes at error correction level M, versions 1 to 25. Drawn here, since a secret goes
// to no image service and the page's policy would not load one.

/** Error correction bytes of a block, and blocks, by version (table 9, level M). */
const CORRECTION = [
  0,
  10,
  16,
  26,
  18,
  24,
  16,
  18,
  22,
  22,
  26,
  30,
  22,
  22,
  24,
  24,
  28,
  28,
  26,
  26,
  26,
  26,
  28,
  28,
  28,
  28,
];
const BLOCKS = [
  0,
  1,
  1,
  1,
  2,
  2,
  4,
  4,
  4,
  5,
  5,
  5,
  8,
  9,
  9,
  10,
  10,
  11,
  13,
  14,
  16,
  17,
  17,
  18,
  20,
  21,
];

/** Powers of 2 in GF(256) modulo 0x11d, twice over, and their logarithms. */
const POWER = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; i++) {
  POWER[i] = POWER[i + 255] = value;
  LOG[value] = i;
  value = value << 1 ^ (value >> 7) * 0x11d;
}

/** Modules that carry data and correction. @param {number} version */
function room(version) {
  let modules = (16 * version + 128) * version + 64;
  if (version > 1) {
    const marks = Math.floor(version / 7) + 2;
    modules -= (25 * marks - 10) * marks - 55;
    if (version > 6) modules -= 36;
  }
  return modules;
}

/** Bytes of data. @param {number} version */
const capacity = (version) => (room(version) >> 3) - CORRECTION[version] * BLOCKS[version];

/** The remainder of a block's data by the generator polynomial. @param {Uint8Array} data @param {number} count */
function correction(data, count) {
  let generator = [1];
  for (let i = 0; i < count; i++) {
    const next = [...generator, 0];
    generator.forEach((value, at) => {
      if (value) next[at + 1] ^= POWER[LOG[value] + i];
    });
    generator = next;
  }
  const rest = new Uint8Array(data.length + count);
  rest.set(data);
  for (let i = 0; i < data.length; i++) {
    if (!rest[i]) continue;
    const factor = LOG[rest[i]];
    generator.forEach((value, at) => rest[i + at] ^= POWER[LOG[value] + factor]);
  }
  return rest.slice(data.length);
}

/** The message with its correction, block by block in turn. @param {Uint8Array} bytes @param {number} version */
function codewords(bytes, version) {
  const long = version > 9 ? 16 : 8;
  let bits = "0100" + bytes.length.toString(2).padStart(long, "0");
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  bits += "0".repeat(Math.min(4, capacity(version) * 8 - bits.length));
  bits += "0".repeat(-bits.length & 7);
  const data = new Uint8Array(capacity(version));
  for (let i = 0; i < data.length; i++) {
    const byte = bits.slice(8 * i, 8 * i + 8);
    data[i] = byte ? parseInt(byte, 2) : (i - bits.length / 8) % 2 ? 0x11 : 0xec;
  }
  const count = BLOCKS[version];
  const short = Math.floor(data.length / count);
  const blocks = [];
  for (let i = 0, at = 0; i < count; i++) {
    const length = short + (i < count - data.length % count ? 0 : 1);
    blocks.push(data.slice(at, at += length));
  }
  const all = [];
  for (let i = 0; i <= short; i++) {
    for (const block of blocks) if (i < block.length) all.push(block[i]);
  }
  const checks = blocks.map((block) => correction(block, CORRECTION[version]));
  for (let i = 0; i < CORRECTION[version]; i++) for (const check of checks) all.push(check[i]);
  return all;
}

/** A value with its BCH code. @param {number} value @param {number} generator @param {number} length of the code */
function withCheck(value, generator, length) {
  let rest = value;
  for (let i = 0; i < length; i++) rest = rest << 1 ^ (rest >> length - 1) * generator;
  return value << length | rest;
}

/** Where the alignment patterns' middles lie on each axis. @param {number} version */
function alignments(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2;
  const places = [6];
  for (let i = count - 2; i >= 0; i--) places.push(version * 4 + 10 - i * step);
  return places;
}

/** @type {((x: number, y: number) => number)[]} a module is turned over where it is 0 */
const MASKS = [
  (x, y) => (x + y) % 2,
  (_, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => x * y % 2 + x * y % 3,
  (x, y) => (x * y % 2 + x * y % 3) % 2,
  (x, y) => ((x + y) % 2 + x * y % 3) % 2,
];

/** How hard a code is to read (section 7.8.3). @param {boolean[][]} dark */
function penalty(dark) {
  const size = dark.length;
  let sum = 0;
  let count = 0;
  for (const rows of [dark, dark.map((_, x) => dark.map((row) => row[x]))]) {
    for (const row of rows) {
      const text = row.map(Number).join("");
      for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
      sum += 40 * [...text.matchAll(/(?=10111010000|00001011101)/g)].length;
    }
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      count += Number(dark[y][x]);
      const alike = (/** @type {number} */ dx, /** @type {number} */ dy) =>
        dark[y + dy]?.[x + dx] === dark[y][x];
      if (alike(1, 0) && alike(0, 1) && alike(1, 1)) sum += 3;
    }
  }
  return sum + 10 * Math.floor(Math.abs(count / size / size - 0.5) * 20);
}

/**
 * @param {string} text
 * @param {number} [mask] 0 to 7; without one the best is taken
 * @returns {boolean[][] | null} rows of modules, true for dark, without the quiet zone; null if it is too long (997 bytes)
 */
export function qrCode(text, mask) {
  const bytes = new TextEncoder().encode(text);
  let version = 1;
  while (bytes.length + (version > 9 ? 3 : 2) > capacity(version)) if (++version > 25) return null;
  const size = version * 4 + 17;
  /** What is not data. @type {(boolean | undefined)[][]} */
  const fixed = Array.from({ length: size }, () => Array(size));
  const set = (/** @type {number} */ x, /** @type {number} */ y, /** @type {unknown} */ on) => {
    if (fixed[y] && x >= 0 && x < size) fixed[y][x] = !!on;
  };
  /** Squares in one another around a middle. @param {number} x @param {number} y @param {number} far @param {number[]} light */
  const rings = (x, y, far, light) => {
    for (let dy = -far; dy <= far; dy++) {
      for (let dx = -far; dx <= far; dx++) {
        set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  };
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) rings(x, y, 4, [2, 4]);
  const places = alignments(version);
  const last = places.length - 1;
  places.forEach((x, i) =>
    places.forEach((y, j) => {
      if (!(i + j === 0 || i === 0 && j === last || i === last && j === 0)) rings(x, y, 2, [1]);
    })
  );
  if (version > 6) {
    const bits = withCheck(version, 0x1f25, 12);
    for (let i = 0; i < 18; i++) {
      const [a, b] = [size - 11 + i % 3, Math.floor(i / 3)];
      set(a, b, bits >> i & 1);
      set(b, a, bits >> i & 1);
    }
  }
  /** @param {number} number */
  const format = (number) => {
    const bits = withCheck(number, 0x537, 10) ^ 0x5412; // level M is 00
    for (let i = 0; i < 15; i++) {
      const on = bits >> i & 1;
      set(8, i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, on);
      set(i < 8 ? size - 1 - i : i < 9 ? 7 : 14 - i, 8, on);
    }
    set(8, size - 8, true);
  };
  format(0);
  const all = codewords(bytes, version);
  /** @type {[x: number, y: number, on: boolean][]} */
  const data = [];
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right--;
    for (let i = 0; i < size; i++) {
      for (const x of [right, right - 1]) {
        const y = up ? size - 1 - i : i;
        if (fixed[y][x] !== undefined) continue;
        data.push([x, y, (all[data.length >> 3] >> 7 - (data.length & 7) & 1) === 1]);
      }
    }
  }
  /** @param {number} number */
  const masked = (number) => {
    format(number);
    const rows = fixed.map((row) => [...row].map(Boolean));
    for (const [x, y, on] of data) rows[y][x] = on !== (MASKS[number](x, y) === 0);
    return rows;
  };
  if (mask !== undefined) return masked(mask);
  const scored = MASKS.map((_, number) => masked(number)).map((rows) => [penalty(rows), rows]);
  return /** @type {boolean[][]} */ (scored.sort((a, b) => Number(a[0]) - Number(b[0]))[0][1]);
}
