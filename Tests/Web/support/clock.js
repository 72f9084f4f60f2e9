// A clock that tests turn by hand, in place of the global timers.

export class Clock {
  now = 1_000_000;
  #next = 1;
  /** @type {Map<number, {at: number, run: () => void}>} */
  #timers = new Map();
  #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };

  /** @type {any} */
  #fake = {
    setTimeout: (/** @type {() => void} */ run, delay = 0) => {
      const id = this.#next++;
      this.#timers.set(id, { at: this.now + Math.max(0, delay), run });
      return id;
    },
    clearTimeout: (/** @type {number} */ id) => void this.#timers.delete(id),
  };

  /** Runs `body` with this clock. @param {() => Promise<void>} body */
  async with(body) {
    Object.assign(globalThis, this.#fake);
    try {
      await body();
    } finally {
      Object.assign(globalThis, this.#real);
    }
  }

  /** Lets `ms` pass, timer by timer, and promises settle in between. @param {number} ms */
  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      await this.settle();
      const due = [...this.#timers].filter(([, timer]) =>
        timer.at <= end
      ).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) {
        break;
      }
      this.#timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].run();
    }
    this.now = end;
    await this.settle();
  }

  async settle() {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
}
