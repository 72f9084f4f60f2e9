// The anchor's end of the session layer, written from docs/protocol.md alone and for tests alone.
import { parseFrame } from "../../../web/link/frame.js";

export class AnchorEnd {
  /** @param {(text: string) => void} send @param {string} [incarnation] */
  constructor(send, incarnation = "i1") {
    this.send = send;
    this.incarnation = incarnation;
    /** @type {string | null} */
    this.session = null;
    this.open = false;
    this.received = 0;
    /** @type {{seq: number, text: string, more: boolean}[]} */
    this.out = [];
    this.next = 1;
    this.asked = false;
    this.part = "";
    /** Whole messages that arrived. @type {string[]} */
    this.messages = [];
    this.dead = new Set();
  }

  /** The next `open` is answered with a reset. */
  forget() {
    if (this.session) this.dead.add(this.session);
    this.session = null;
    this.open = false;
    this.received = 0;
    this.out = [];
    this.next = 1;
    this.part = "";
  }

  /** @param {string} text @param {number} [limit] length of a part */
  post(text, limit = 40) {
    for (let i = 0; i < text.length; i += limit) {
      this.out.push({
        seq: this.next++,
        text: text.slice(i, i + limit),
        more: i + limit < text.length,
      });
    }
    if (this.open) this.again(this.next - Math.ceil(text.length / limit) - 1);
  }

  /** Sends every line above `from` again. @param {number} from */
  again(from) {
    const lines = this.out.filter((line) => line.seq > from);
    for (let i = 0; i < lines.length;) {
      const texts = [];
      const seq = lines[i].seq;
      let more = false;
      while (i < lines.length && !more && texts.length < 5) {
        texts.push(lines[i].text);
        more = lines[i++].more;
      }
      this.frame({ type: "message", seq, ack: this.received, ...(more ? { more } : {}) }, texts);
    }
  }

  /** @param {Record<string, unknown>} header @param {string[]} [lines] */
  frame(header, lines = []) {
    this.send([JSON.stringify({ ...header, session: this.session }), ...lines].join("\n"));
  }

  /** @param {number} ack */
  acknowledged(ack) {
    this.out = this.out.filter((line) => line.seq > ack);
  }

  /** @param {string} payload */
  take(payload) {
    const { header, body } = parseFrame(payload) ?? { header: {}, body: "" };
    if (header.type === "open") {
      if (header.resume && (header.session !== this.session || this.dead.has(header.session))) {
        this.send(JSON.stringify({ type: "opened", session: header.session, reset: "unknown" }));
        return;
      }
      if (!header.resume && header.session !== this.session) {
        this.forget();
        this.session = header.session;
      }
      this.open = true;
      this.asked = false;
      if (header.resume) this.acknowledged(header.received);
      this.frame({
        type: "opened",
        incarnation: this.incarnation,
        resumed: header.resume === true,
        received: this.received,
      });
      this.again(header.received ?? 0);
      return;
    }
    if (header.session !== this.session || !this.open) return;
    if (typeof header.ack === "number") this.acknowledged(header.ack);
    if (header.type === "message") {
      let seq = header.seq;
      if (seq > this.received + 1) {
        if (!this.asked) {
          this.frame({ type: "ack", ack: this.received, seq: this.next - 1, gap: true });
        }
        this.asked = true;
        return;
      }
      const lines = body.split("\n");
      lines.forEach((line, i) => {
        if (seq === this.received + 1) {
          this.received = seq;
          this.asked = false;
          this.part += line;
          if (!(header.more && i === lines.length - 1)) {
            this.messages.push(this.part);
            this.part = "";
          }
        }
        seq++;
      });
      this.frame({ type: "ack", ack: this.received, seq: this.next - 1 });
    } else if (header.type === "ack" && header.gap) {
      this.again(header.ack);
    } else if (header.type === "ping") {
      this.frame({ type: "pong", n: header.n, ack: this.received, seq: this.next - 1 });
      if (header.seq > this.received) {
        this.frame({ type: "ack", ack: this.received, seq: this.next - 1, gap: true });
      }
    } else if (header.type === "close") {
      this.forget();
    }
  }
}
