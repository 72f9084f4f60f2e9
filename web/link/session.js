// The page's end of the session layer (docs/protocol.md, section 4) as a state machine: no clock, no socket, no
// random of its own. Each method takes what happened and returns the effects to carry out, in order.

import { splitText, utf8Length } from "./frame.js";

/** Bytes after which an acknowledgement is sent at once, and ms after which it is sent anyway. */
export const ACK_BYTES = 32 * 1024;
export const ACK_DELAY = 50;
/** Bytes of one part of a line; a frame with its headers stays below the relay's 61,440. */
export const PART_BYTES = 56_000;
const FRAME_BYTES = 60_000;
/** Bounds of the window, and how long its bytes may take at the acknowledged rate, in ms. */
export const WINDOW_MIN = 64 * 1024;
export const WINDOW_MAX = 512 * 1024;
const WINDOW_TIME = 250;
/** Only while more than this is unacknowledged are lines gathered, for GATHER ms. */
const GATHER_ABOVE = 64 * 1024;
const GATHER = 10;
export const PING_EVERY = 5000;
/** A whole message of more than this many characters ends the session: neither side sends one. */
export const MESSAGE_MAX = 16 * 1024 * 1024;

/**
 * @typedef {{type: "frame", text: string}
 *  | {type: "line", text: string}
 *  | {type: "acked", token: unknown}
 *  | {type: "expired", token: unknown}
 *  | {type: "opened", incarnation: string, resumed: boolean}
 *  | {type: "pong", roundTrip: number}
 *  | {type: "dead", reason: string}} Effect
 * `frame` goes to the anchor as a payload; `line` is one whole message for the layer above; `acked` is told when the
 * last part of the message given with that token has been written to app-server's socket; `dead` ends the session.
 *
 * @typedef {{seq: number, text: string, more: boolean, bytes: number, token: unknown, deadline: number,
 *  first: boolean}} Line
 */

export class Session {
  /** @param {string} id 22 characters, 128 random bits */
  constructor(id) {
    this.id = id;
    /** @type {"idle" | "opening" | "open" | "dead"} */
    this.state = "idle";
    /** Whether an `open` was sent, and whether one was answered. */
    this.asked = false;
    this.established = false;
    /** The first `open` is under way: the anchor takes messages right behind it, which saves a round trip. */
    this.eager = false;
    this.incarnation = "";
    // receiving
    this.received = 0;
    this.ackedToPeer = 0;
    this.unackedBytes = 0;
    this.gapAsked = false;
    /** Parts of a message that is not whole yet. @type {string[]} */
    this.parts = [];
    this.partsLength = 0;
    // sending
    this.nextSeq = 1;
    /** Given to the peer, not acknowledged. @type {Line[]} */
    this.unacked = [];
    this.inFlight = 0;
    /** Not sent yet, without numbers. @type {Omit<Line, "seq">[]} */
    this.backlog = [];
    this.window = WINDOW_MIN;
    this.rate = 0;
    this.lastAckAt = 0;
    // time
    this.ackDue = Infinity;
    this.sendDue = Infinity;
    this.pingDue = Infinity;
    this.pings = 0;
    /** @type {Map<number, number>} */
    this.pingAt = new Map();
  }

  /** When `tick` wants to be called next (ms, Infinity for never). */
  get due() {
    return Math.min(this.ackDue, this.sendDue, this.pingDue);
  }

  /** A new path to the anchor: opens or resumes. @param {number} now @returns {Effect[]} */
  connected(now) {
    if (this.state === "dead") return [];
    this.state = "opening";
    this.ackDue = this.sendDue = Infinity;
    this.pingAt.clear();
    this.pingDue = now + PING_EVERY;
    const header = { type: "open", protocol: 1 };
    this.eager = !this.asked;
    this.asked = true;
    if (this.eager) return [this.#frame(header), ...this.#flush()];
    return [this.#frame({ ...header, resume: true, received: this.received })];
  }

  /** The path is gone. @returns {Effect[]} */
  disconnected() {
    if (this.state !== "dead") this.state = "idle";
    this.eager = false;
    this.ackDue = this.sendDue = this.pingDue = Infinity;
    return [];
  }

  /**
   * Takes one message for the other side.
   * @param {string} text one JSON value without a raw newline
   * @param {number} now
   * @param {unknown} [token] comes back with `acked` or `expired`
   * @param {number} [deadline] past it the message is not given to the anchor any more if it has it not yet
   * @returns {Effect[]}
   */
  send(text, now, token = null, deadline = Infinity) {
    if (this.state === "dead") return [];
    const parts = splitText(text, PART_BYTES);
    for (let i = 0; i < parts.length; i++) {
      const last = i === parts.length - 1;
      const line = parts[i];
      this.backlog.push({
        text: line,
        more: !last,
        bytes: utf8Length(line) + 1,
        token: last ? token : null,
        deadline,
        first: i === 0,
      });
    }
    if (this.state !== "open" && !this.eager) return [];
    if (this.inFlight > GATHER_ABOVE) {
      if (this.sendDue === Infinity) this.sendDue = now + GATHER;
      return [];
    }
    return this.#flush();
  }

  /** @param {number} now @returns {Effect[]} */
  tick(now) {
    /** @type {Effect[]} */
    const out = [];
    if (now >= this.sendDue) {
      this.sendDue = Infinity;
      if (this.state === "open") out.push(...this.#flush());
    }
    if (now >= this.ackDue) out.push(this.#ack(false));
    if (now >= this.pingDue) out.push(...this.ping(now));
    return out;
  }

  /** Asks for a proof of the path now. @param {number} now @returns {Effect[]} */
  ping(now) {
    if (this.state !== "open") {
      this.pingDue = this.state === "opening" ? now + PING_EVERY : Infinity;
      return [];
    }
    this.pingDue = now + PING_EVERY;
    const n = ++this.pings;
    this.pingAt.set(n, now);
    this.pingAt.delete(n - 16);
    return [this.#frame({ type: "ping", n, ...this.#standing() })];
  }

  /** Ends it from this side. @param {string} reason @returns {Effect[]} */
  close(reason) {
    if (this.state === "dead") return [];
    const tell = this.state !== "idle";
    this.state = "dead";
    this.ackDue = this.sendDue = this.pingDue = Infinity;
    return tell ? [this.#frame({ type: "close", reason, message: "The page was closed." })] : [];
  }

  /**
   * Takes the payload of a `data` frame that is for this session.
   * @param {Record<string, any>} header its parsed first line
   * @param {string} body the rest, "" or lines
   * @param {number} now
   * @returns {Effect[]}
   */
  frame(header, body, now) {
    if (this.state === "dead") return [];
    switch (header.type) {
      case "opened":
        return this.#opened(header, now);
      case "message":
        return this.#message(header, body, now);
      case "ack":
        return [
          ...this.#acks(header, now),
          ...(header.gap === true && this.state === "open" ? this.#frames(this.unacked) : []),
          ...this.#tail(header),
        ];
      case "ping":
        return [
          ...this.#acks(header, now),
          this.#frame({ type: "pong", n: header.n, ...this.#standing() }),
          ...this.#tail(header, true),
        ];
      case "pong": {
        const at = this.pingAt.get(header.n);
        this.pingAt.delete(header.n);
        return [
          ...this.#acks(header, now),
          ...(at === undefined
            ? []
            : [/** @type {Effect} */ ({ type: "pong", roundTrip: now - at })]),
          ...this.#tail(header, true),
        ];
      }
      case "close":
        return this.#die(String(header.reason ?? "unknown"));
      default:
        return [];
    }
  }

  // ------------------------------------------------------------------------------------------------------------

  /** @param {Record<string, any>} header @param {number} now @returns {Effect[]} */
  #opened(header, now) {
    if (this.state !== "opening") return [];
    if (header.reset !== undefined) return this.#die(String(header.reset));
    const resumed = header.resumed === true;
    if (this.established && !resumed) return this.#die("unknown");
    this.incarnation = String(header.incarnation ?? "");
    this.gapAsked = false;
    const first = !this.established;
    this.established = true;
    // Before the state changes: what is left unacknowledged must go out before anything new.
    const out = resumed ? this.#acks({ ack: header.received }, now) : [];
    this.state = "open";
    out.push({ type: "opened", incarnation: this.incarnation, resumed: !first });
    if (!this.eager) out.push(...this.#expire(now), ...this.#frames(this.unacked));
    this.eager = false;
    out.push(...this.#flush());
    return out;
  }

  /**
   * After `opened` it is certain which lines the anchor has not: one whose deadline passed keeps its number and
   * becomes a question that changes nothing. Only a message of one part can be replaced so.
   * @param {number} now
   * @returns {Effect[]}
   */
  #expire(now) {
    /** @type {Effect[]} */
    const out = [];
    for (const line of this.unacked) {
      if (line.deadline > now || line.more || !line.first) continue;
      out.push({ type: "expired", token: line.token });
      line.text = `{"id":"expired-${line.seq}","method":"anchor/info","params":{}}`;
      this.inFlight -= line.bytes;
      line.bytes = line.text.length + 1;
      this.inFlight += line.bytes;
      line.token = null;
      line.deadline = Infinity;
    }
    this.backlog = this.backlog.filter((line) => {
      if (line.deadline > now || line.more || !line.first) return true;
      out.push({ type: "expired", token: line.token });
      return false;
    });
    return out;
  }

  /** @param {Record<string, any>} header @param {string} body @param {number} now @returns {Effect[]} */
  #message(header, body, now) {
    const out = this.#acks(header, now);
    let seq = header.seq;
    if (!Number.isSafeInteger(seq) || seq < 1) return out;
    if (seq > this.received + 1) return [...out, ...this.#gap(false)];
    const lines = body.split("\n");
    for (let i = 0; i < lines.length; i++, seq++) {
      if (seq <= this.received) continue;
      this.received = seq;
      this.unackedBytes += lines[i].length + 1;
      this.gapAsked = false;
      if (header.more === true && i === lines.length - 1) {
        this.parts.push(lines[i]);
        this.partsLength += lines[i].length;
        if (this.partsLength > MESSAGE_MAX) return [...out, ...this.#die("overflow")];
      } else if (this.parts.length > 0) {
        this.parts.push(lines[i]);
        out.push({ type: "line", text: this.parts.join("") });
        this.parts = [];
        this.partsLength = 0;
      } else {
        out.push({ type: "line", text: lines[i] });
      }
    }
    if (this.received > this.ackedToPeer) {
      if (this.unackedBytes >= ACK_BYTES) out.push(this.#ack(false));
      else if (this.ackDue === Infinity) this.ackDue = now + ACK_DELAY;
    } else if (this.ackDue === Infinity) {
      // Only duplicates: the peer may have missed the acknowledgement.
      this.ackDue = now + ACK_DELAY;
    }
    return out;
  }

  /** The peer said what it has sent: were the last ones lost? @param {Record<string, any>} header @param {boolean} [again] */
  #tail(header, again = false) {
    return Number.isSafeInteger(header.seq) && header.seq > this.received ? this.#gap(again) : [];
  }

  /** @param {boolean} again whether to ask although it was asked before @returns {Effect[]} */
  #gap(again) {
    if (this.gapAsked && !again) return [];
    this.gapAsked = true;
    return [this.#ack(true)];
  }

  /** @param {boolean} gap @returns {Effect} */
  #ack(gap) {
    return this.#frame({ type: "ack", ...this.#standing(), ...(gap ? { gap } : {}) });
  }

  /** What every control frame says; saying it acknowledges. */
  #standing() {
    this.#acknowledged();
    return { ack: this.received, seq: this.nextSeq - 1 };
  }

  #acknowledged() {
    this.ackedToPeer = this.received;
    this.unackedBytes = 0;
    this.ackDue = Infinity;
  }

  /** The peer has every line up to `ack`. @param {Record<string, any>} header @param {number} now @returns {Effect[]} */
  #acks(header, now) {
    const ack = header.ack;
    if (!Number.isSafeInteger(ack)) return [];
    /** @type {Effect[]} */
    const out = [];
    let bytes = 0;
    let n = 0;
    for (const line of this.unacked) {
      if (line.seq > ack) break;
      n++;
      bytes += line.bytes;
      if (line.token !== null) out.push({ type: "acked", token: line.token });
    }
    if (n === 0) return out;
    this.unacked.splice(0, n);
    this.inFlight -= bytes;
    const elapsed = Math.max(1, now - this.lastAckAt);
    this.lastAckAt = now;
    this.rate = this.rate * 0.75 + (bytes / elapsed) * 0.25;
    this.window = Math.min(WINDOW_MAX, Math.max(WINDOW_MIN, this.rate * WINDOW_TIME));
    if (this.state === "open" && this.backlog.length > 0) out.push(...this.#flush());
    return out;
  }

  /** Numbers and sends what the window allows. @returns {Effect[]} */
  #flush() {
    /** @type {Line[]} */
    const lines = [];
    while (this.backlog.length > 0) {
      if (this.inFlight > 0 && this.inFlight + this.backlog[0].bytes > this.window) break;
      const line = /** @type {Line} */ (this.backlog.shift());
      line.seq = this.nextSeq++;
      this.inFlight += line.bytes;
      this.unacked.push(line);
      lines.push(line);
    }
    return this.#frames(lines);
  }

  /** Lines with consecutive numbers as few frames. @param {Line[]} lines @returns {Effect[]} */
  #frames(lines) {
    /** @type {Effect[]} */
    const out = [];
    for (let i = 0; i < lines.length;) {
      const seq = lines[i].seq;
      const texts = [];
      let bytes = 0;
      let more = false;
      while (i < lines.length && (bytes === 0 || bytes + lines[i].bytes <= FRAME_BYTES) && !more) {
        texts.push(lines[i].text);
        bytes += lines[i].bytes;
        more = lines[i].more;
        i++;
      }
      const header = { type: "message", seq, ack: this.received, ...(more ? { more } : {}) };
      this.#acknowledged();
      out.push(this.#frame(header, `\n${texts.join("\n")}`));
    }
    return out;
  }

  /** @param {string} reason @returns {Effect[]} */
  #die(reason) {
    this.state = "dead";
    this.ackDue = this.sendDue = this.pingDue = Infinity;
    return [{ type: "dead", reason }];
  }

  /** @param {Record<string, unknown>} header @param {string} [body] @returns {Effect} */
  #frame(header, body = "") {
    return { type: "frame", text: JSON.stringify({ ...header, session: this.id }) + body };
  }
}
