// A socket of the relay: its frames in order, its end. It pings by itself, as clients do: who is silent counts as gone.

/** @typedef {{header: any, payload: string}} Frame */

/** How often it pings, in milliseconds. */
const pingTime = 5_000;

export class Socket {
  /** @type {string[]} */
  messages = [];
  /** @type {(() => void)[]} */
  waiting = [];
  /** @type {CloseEvent | undefined} */
  closed;
  /** How many were sent, and answered. */
  pings = 0;
  pongs = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  beating;

  /** @param {string} url @param {Record<string, string>} headers @param {Deno.HttpClient} [client] */
  constructor(url, headers, client) {
    this.socket = new WebSocket(url, /** @type {any} */ ({ headers, client }));
    this.opened = new Promise((resolve) => {
      this.socket.onopen = () => {
        this.beating = setInterval(() => this.send("ping"), pingTime);
        resolve(true);
      };
      this.socket.onerror = () => resolve(false);
    });
    this.socket.onmessage = ({ data }) => {
      if (data === "pong") this.pongs++;
      else this.messages.push(data);
      this.wake();
    };
    this.socket.onclose = (event) => {
      this.fallSilent();
      this.closed = event;
      this.wake();
    };
  }

  /** From here on it sends what it is told to only. */
  fallSilent() {
    clearInterval(this.beating);
  }

  wake() {
    for (const resume of this.waiting.splice(0)) resume();
  }

  /** @param {() => boolean} condition resolves once it holds; rejects when the socket closed without it */
  async until(condition) {
    while (!condition()) {
      if (this.closed) throw new Error(`closed ${this.closed.code} ${this.closed.reason}`);
      await new Promise((resolve) => this.waiting.push(() => resolve(undefined)));
    }
  }

  /** @returns {Promise<Frame>} the next frame */
  async next() {
    await this.until(() => this.messages.length > 0);
    const text = /** @type {string} */ (this.messages.shift());
    const end = text.indexOf("\n");
    return { header: JSON.parse(text.slice(0, end)), payload: text.slice(end + 1) };
  }

  /** @param {string} type @returns {Promise<Frame>} the next frame of that type; others are dropped */
  async frame(type) {
    for (;;) {
      const frame = await this.next();
      if (frame.header.type === type) return frame;
    }
  }

  /** @param {(machines: any[]) => boolean} fits @returns {Promise<any[]>} the machines of the next presence that fits */
  async presence(fits) {
    for (;;) {
      const { header } = await this.frame("presence");
      if (fits(header.machines)) return header.machines;
    }
  }

  /** @returns {Promise<{code: number, reason: string}>} */
  async end() {
    while (!this.closed) {
      await new Promise((resolve) => this.waiting.push(() => resolve(undefined)));
    }
    const { code, reason } = this.closed;
    return { code, reason };
  }

  /** @param {string | Uint8Array<ArrayBuffer>} text */
  send(text) {
    if (text === "ping") this.pings++;
    this.socket.send(text);
  }

  /** @param {string} to @param {string} payload */
  data(to, payload) {
    this.send(`${JSON.stringify({ type: "data", to })}\n${payload}`);
  }

  /** Resolves when the relay has handled what was sent before: it answers pings in turn. */
  async settled() {
    this.send("ping");
    const mine = this.pings;
    await this.until(() => this.pongs >= mine);
  }

  async close() {
    this.socket.close();
    return await this.end();
  }
}
