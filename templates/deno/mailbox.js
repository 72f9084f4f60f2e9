// What one isolate has for another: gathered into batches, which lie in the store until the other one takes them.

/** Frames to one isolate are gathered for this long after the last batch, since each batch costs writes. */
const gatherTime = 50;
/** The life of a batch that nobody takes. */
const mailLife = 60_000;
/** The most bytes of a batch: a value of the store holds 65,536. */
const maxBatch = 63 * 1024;
/** How long it is tried to put a batch into the store, and how often. */
const tryTime = 60_000;
const retryTime = 1000;
/** The most bytes of frames that wait for one isolate, of one user and of all: no user keeps the others out. */
const maxShare = 4 * 1024 * 1024;
const maxWaiting = 16 * 1024 * 1024;

/**
 * @typedef {import("../orbit/ports.d.ts").Connection} Connection
 * @typedef {{scope: string, to?: string, close?: [string, number, string], joined?: Connection, left?: string}} Envelope
 */

/** @param {...string | number} parts */
export const key = (...parts) => ["cluster", ...parts];

/** @param {string} isolate @param {...string} parts where its mail lies: the sender, the number of the batch */
export const mailOf = (isolate, ...parts) => key("mail", isolate, ...parts);

/** @param {number} time */
export const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

export class Outbox {
  /** @type {{message: Uint8Array, scope: string, counts: number}[]} */
  waiting = [];
  /**
   * How many bytes of frames wait. What is said of connections is not among them: it is little, and a flood of frames must
   * not keep one that was revoked open.
   */
  bytes = 0;
  /** How many of them are of which scope. @type {Map<string, number>} */
  shares = new Map();
  /** The number of the last batch. */
  sent = 0;
  busy = false;
  /** Set when nobody will take what is here any more. */
  closed = false;
  /** Set when there is no time to try again. */
  ending = false;

  /** @param {Deno.Kv} kv @param {string} to an isolate */
  constructor(kv, to) {
    this.kv = kv;
    this.to = to;
  }

  /**
   * @param {Envelope} envelope
   * @param {string} text
   * @returns {boolean} false for a frame when too much waits
   */
  add(envelope, text) {
    const encoder = new TextEncoder();
    const body = encoder.encode(text);
    const head = encoder.encode(JSON.stringify({ ...envelope, bytes: body.length }) + "\n");
    const length = head.length + body.length;
    const { scope, to } = envelope;
    const counts = to === undefined ? 0 : length;
    const share = this.shares.get(scope) ?? 0;
    const full = share + counts > maxShare || this.bytes + counts > maxWaiting;
    if (counts > 0 && full) return false;
    const message = new Uint8Array(length);
    message.set(head);
    message.set(body, head.length);
    this.waiting.push({ message, scope, counts });
    this.count(scope, counts);
    return true;
  }

  /** @param {string} scope @param {number} bytes that wait, or less than 0: that do not any more */
  count(scope, bytes) {
    this.bytes += bytes;
    const share = (this.shares.get(scope) ?? 0) + bytes;
    if (share > 0) this.shares.set(scope, share);
    else this.shares.delete(scope);
  }

  /** @param {string} from the isolate that sends; resolves once nothing waits */
  async flush(from) {
    this.busy = true;
    try {
      while (this.waiting.length > 0 && !this.closed) {
        /** @type {[number: string, batch: Uint8Array][]} */
        const batches = [];
        for (let total = 0; this.waiting.length > 0 && total < 8 * maxBatch;) {
          const batch = this.take();
          total += batch.length;
          batches.push([String(++this.sent).padStart(12, "0"), batch]);
        }
        await this.deliver(from, batches);
        await sleep(gatherTime);
      }
    } finally {
      this.busy = false;
    }
  }

  /**
   * Puts batches into the store, again when that fails: once more under the same numbers, so that those which were taken
   * although it seemed to fail are not taken twice.
   * @param {string} from
   * @param {[number: string, batch: Uint8Array][]} batches
   */
  async deliver(from, batches) {
    const start = Date.now();
    for (;;) {
      const atomic = this.kv.atomic();
      for (const [number, batch] of batches) {
        atomic.set(mailOf(this.to, from, number), batch, { expireIn: mailLife });
      }
      atomic.set(key("head", this.to), crypto.randomUUID(), { expireIn: mailLife });
      try {
        await atomic.commit();
        return;
      } catch (error) {
        if (this.closed || this.ending || Date.now() - start > tryTime) throw error;
        await sleep(retryTime);
      }
    }
  }

  /** @returns {Uint8Array} at most `maxBatch` bytes of what waits, at least one message */
  take() {
    const { waiting } = this;
    let count = 0;
    let length = 0;
    const fits = (/** @type {Uint8Array} */ next) =>
      count === 0 || length + next.length <= maxBatch;
    while (count < waiting.length && fits(waiting[count].message)) {
      length += waiting[count++].message.length;
    }
    const batch = new Uint8Array(length);
    let at = 0;
    for (const { message, scope, counts } of waiting.splice(0, count)) {
      batch.set(message, at);
      at += message.length;
      this.count(scope, -counts);
    }
    return batch;
  }
}

/** @param {Uint8Array} batch @returns {Generator<{envelope: Envelope, text: string}>} */
export function* readBatch(batch) {
  const decoder = new TextDecoder();
  for (let at = 0; at < batch.length;) {
    const end = batch.indexOf(10, at);
    const { bytes, ...envelope } = JSON.parse(decoder.decode(batch.subarray(at, end)));
    at = end + 1 + bytes;
    yield { envelope, text: decoder.decode(batch.subarray(end + 1, at)) };
  }
}
