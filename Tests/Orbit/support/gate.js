// Ends a relay with SIGKILL just before or just after one of its writes.

/** @typedef {import("./target.js").Target} Target */

export class Gate {
  /** How many writes were begun or done since it was set, and which of them is the last. */
  passed = 0;
  last = Infinity;
  /** @type {Promise<void> | undefined} */
  restarted;
  /** @type {Target | undefined} */
  target;
  ending = new AbortController();

  constructor() {
    const { signal } = this.ending;
    this.server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, signal, onListen() {} },
      () => this.pass(),
    );
    this.port = this.server.addr.port;
  }

  /** @returns {Response | Promise<Response>} */
  pass() {
    if (++this.passed < this.last) return new Response();
    // What comes after it goes through: a client may send its request again by itself.
    this.last = Infinity;
    this.restarted = this.target?.kill();
    // Nobody is there any more to hear it.
    return new Promise(() => {});
  }

  /**
   * Runs something until the relay's n-th beginning or end of a write, where it is killed and started again.
   * @param {number} last Infinity: it is not killed
   * @param {() => Promise<void>} run
   * @returns {Promise<{count: number, killed: boolean}>} how many there were; rejects when it failed for another reason
   */
  async until(last, run) {
    Object.assign(this, { passed: 0, last, restarted: undefined });
    try {
      await run();
    } catch (error) {
      if (!this.restarted) throw error;
    }
    const { passed: count, restarted } = this;
    this.last = Infinity;
    await restarted;
    return { count, killed: restarted !== undefined };
  }

  /** @param {Promise<Target>} target @returns {Promise<Target>} */
  async of(target) {
    return this.target = await target;
  }

  async end() {
    await this.target?.stop();
    this.ending.abort();
    await this.server.finished;
  }
}
