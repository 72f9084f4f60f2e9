// The other isolates that serve the same relay: who is where, a mailbox for each, and how a dead one is noticed.
//
// An isolate that no other one cares about writes nothing here but where its connections are. One that shares a user with
// another asks it to beat (`interest`), looks at its beat, and takes it for dead when that is old.
import { key, mailOf, Outbox, readBatch, sleep } from "./mailbox.js";

/** How often an isolate beats while another one cares, and looks at those it cares about, in milliseconds. */
const beatTime = 5_000;
/** A beat that is older means that the isolate is dead; with `beatTime` it is found within 15 s. */
const deadTime = 9_000;
/** An isolate that looks so much later than it should was held up, and does not judge others by their beats. */
const lateTime = 2_000;
/** How long an isolate that did not have to beat has to answer, and how often one looks. */
const askTime = 5_000;
const lookTime = 50;
/** How often an isolate looks whether the watch missed something, in milliseconds. */
const pollTime = 30_000;
/** How long one interest keeps an isolate beating, and when it is told again. */
const interestTime = 60_000;
/** The life of an entry that nobody prolongs; connections that last are prolonged. */
const entryLife = 48 * 60 * 60 * 1000;

/**
 * @typedef {import("../orbit/ports.d.ts").Connection} Connection
 * @typedef {import("./mailbox.js").Envelope} Envelope
 */

/** @typedef {{box: Outbox, told: number}} Peer another isolate: what is for it, and when it was told of our interest */

export class Cluster {
  id = crypto.randomUUID();
  /** @type {Map<string, Peer>} */
  peers = new Map();
  /** The last batch taken from each isolate. @type {Map<string, number>} */
  taken = new Map();
  /** Where our connections are entered: connection id to scope. @type {Map<string, {scope: string, connection: Connection}>} */
  entered = new Map();
  /** @type {string | null} */
  beaten = null;
  wanted = 0;
  polled = 0;
  ticked = Infinity;
  /** How many looks at the others are under way: more than one where the store is slow. */
  ticking = 0;
  /** @type {Promise<void> | undefined} */
  started;
  draining = false;
  /** @type {Set<Promise<unknown>>} */
  running = new Set();
  /** @type {Promise<void>} */
  beating = Promise.resolve();

  /**
   * @param {Deno.Kv} kv
   * @param {object} events
   * @param {(envelope: Envelope, text: string, from: string) => void} events.received
   * @param {() => Set<string>} events.others the isolates that share a user with this one
   * @param {(isolate: string) => void} events.lost one of them is dead
   * @param {() => void} events.fenced the others took this one for dead: whatever was here is unknown to them
   * @param {() => void} events.tick
   */
  constructor(kv, events) {
    this.kv = kv;
    this.events = events;
  }

  /** Begins to listen, with the first connection. @returns {Promise<void>} once it is known to be alive */
  start() {
    return this.started ??= this.beat().then(() => {
      this.run(this.watch());
      this.timer = setInterval(() => this.run(this.tick()), beatTime);
    });
  }

  /** @param {Promise<unknown>} promise goes on beside, and is waited for at the end */
  run(promise) {
    const running = promise.catch((error) => {
      if (!this.ended) console.error("The relay's mailbox failed:", error);
    }).finally(() => this.running.delete(running));
    this.running.add(running);
  }

  /** Says that this isolate lives. */
  beat() {
    return this.beating = this.beating.then(async () => {
      const mine = key("isolate", this.id);
      const done = await this.kv.atomic().check({ key: mine, versionstamp: this.beaten })
        .set(mine, Date.now(), { expireIn: entryLife }).commit();
      if (done.ok) this.beaten = done.versionstamp;
      else if (!this.ended) await this.begin();
    });
  }

  /** Begins anew under another id, after the others took this one for dead. */
  async begin() {
    const id = crypto.randomUUID();
    // Alive before it is found: an entry of an isolate without a beat would be taken for a dead one's.
    const { versionstamp } = await this.kv.set(key("isolate", id), Date.now(), {
      expireIn: entryLife,
    });
    this.id = id;
    this.beaten = versionstamp;
    this.wanted = 0;
    this.entered.clear();
    this.taken.clear();
    this.events.fenced();
    await this.watching?.cancel();
  }

  async watch() {
    while (!this.ended) {
      const keys = [key("head", this.id), key("interest", this.id)];
      try {
        const reader = this.watching = this.kv.watch(keys).getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          this.want(value[1].value);
          await this.drain();
        }
      } catch (error) {
        if (!this.ended) console.error("The relay's mailbox is watched anew:", error);
      }
      if (!this.ended) await sleep(1000);
    }
  }

  /** @param {unknown} time when another one last cared */
  want(time) {
    if (Number(time ?? 0) <= this.wanted) return;
    this.wanted = Number(time);
    this.run(this.beat());
  }

  /** Looks for what the watch may have missed. */
  async poll() {
    this.polled = Date.now();
    const [beat, interest] = await this.kv.getMany([
      key("isolate", this.id),
      key("interest", this.id),
    ]);
    if (beat.versionstamp === null) await this.beat();
    this.want(interest.value);
    await this.drain();
  }

  async tick() {
    const start = Date.now();
    // Whatever held this one up (a pause of the machine, the store) may have held up the others as well.
    const late = this.ticking > 0 || start - this.ticked > beatTime + lateTime;
    this.ticked = start;
    this.ticking++;
    try {
      await this.look(() => !late && Date.now() - start <= lateTime);
    } finally {
      this.ticking--;
    }
  }

  /** @param {() => boolean} mayJudge whether an old beat says that its isolate is dead */
  async look(mayJudge) {
    if (Date.now() - this.polled > pollTime) await this.poll();
    this.events.tick();
    if (Date.now() - this.wanted < interestTime) await this.beat();
    for (const isolate of this.events.others()) {
      await this.tell(isolate);
      const { value } = await this.kv.get(key("isolate", isolate));
      const isOld = Date.now() - Number(value ?? 0) > deadTime;
      if (isOld && mayJudge()) await this.bury(isolate);
    }
    if (this.events.others().size > 0) await this.drain();
  }

  /** @param {string} isolate tells it now and then that we care */
  async tell(isolate) {
    const peer = this.peer(isolate);
    if (Date.now() - peer.told < interestTime / 2) return;
    peer.told = Date.now();
    await this.kv.set(key("interest", isolate), peer.told, { expireIn: interestTime });
  }

  /** @param {string} isolate @returns {Promise<boolean>} whether it lives; one that is silent is asked */
  async alive(isolate) {
    const beat = async () => Number((await this.kv.get(key("isolate", isolate))).value ?? 0);
    const start = Date.now();
    const last = await beat();
    if (last === 0) return false;
    if (start - last < deadTime) return true;
    const peer = this.peer(isolate);
    peer.told = 0;
    await this.tell(isolate);
    // Counted, not timed: who is held up meanwhile looks as often all the same.
    for (let looks = 0; looks < askTime / lookTime; looks++) {
      const pause = sleep(lookTime);
      if (await beat() > last) return true;
      await pause;
    }
    await this.bury(isolate);
    return false;
  }

  /** @param {string} isolate it is dead; should it live after all, its next beat fails and it begins anew */
  async bury(isolate) {
    const peer = this.peers.get(isolate);
    if (peer) peer.box.closed = true;
    this.peers.delete(isolate);
    for (const kind of ["isolate", "interest", "head"]) await this.kv.delete(key(kind, isolate));
    for await (const { key: mail } of this.kv.list({ prefix: mailOf(isolate) })) {
      await this.kv.delete(mail);
    }
    this.events.lost(isolate);
  }

  /** @param {string} isolate @returns {Peer} */
  peer(isolate) {
    let peer = this.peers.get(isolate);
    if (!peer) {
      peer = { box: new Outbox(this.kv, isolate), told: 0 };
      this.peers.set(isolate, peer);
    }
    return peer;
  }

  /** Enters a connection of this isolate where the others find it. @param {string} scope @param {Connection} connection */
  async enter(scope, connection) {
    this.entered.set(connection.id, { scope, connection });
    const entry = { connection, isolate: this.id };
    await this.kv.set(key("room", scope, connection.id), entry, { expireIn: entryLife });
  }

  /** @param {string} scope @param {string} id @returns {Promise<boolean>} whether it was there */
  async leave(scope, id) {
    this.entered.delete(id);
    const entry = await this.kv.get(key("room", scope, id));
    if (entry.versionstamp === null) return false;
    return (await this.kv.atomic().check(entry).delete(entry.key).commit()).ok;
  }

  /** @param {string} scope @returns {Promise<{connection: Connection, isolate: string}[]>} the connections of others */
  async entries(scope) {
    const found = [];
    for await (const { value } of this.kv.list({ prefix: key("room", scope) })) {
      const entry = /** @type {{connection: Connection, isolate: string}} */ (value);
      if (entry.isolate !== this.id) found.push(entry);
    }
    return found;
  }

  /**
   * Puts something into an isolate's mailbox; in order, at once when nothing was put there in the last 50 ms.
   * @param {string} isolate
   * @param {Envelope} envelope
   * @param {string} [text]
   * @returns {boolean} false for a frame when too much waits
   */
  post(isolate, envelope, text = "") {
    const { box } = this.peer(isolate);
    if (!box.add(envelope, text)) return false;
    if (!box.busy) this.run(box.flush(this.id));
    return true;
  }

  /** Takes what is in the mailbox. */
  async drain() {
    if (this.draining) {
      this.again = true;
      return;
    }
    this.draining = true;
    try {
      do {
        this.again = false;
        for await (const { key: mail, value } of this.kv.list({ prefix: mailOf(this.id) })) {
          const [, , , from, number] = /** @type {string[]} */ (mail);
          await this.kv.delete(mail);
          if (Number(number) <= (this.taken.get(from) ?? 0)) continue;
          this.taken.set(from, Number(number));
          for (const { envelope, text } of readBatch(/** @type {Uint8Array} */ (value))) {
            this.events.received(envelope, text, from);
          }
        }
      } while (this.again);
    } finally {
      this.draining = false;
    }
  }

  /** Prolongs the entries of connections that last. */
  async prolong() {
    for (const { scope, connection } of this.entered.values()) await this.enter(scope, connection);
  }

  /** Leaves the others, once what is under way is done: nothing of this isolate is found from now on. */
  async end() {
    this.ended = true;
    clearInterval(this.timer);
    for (const { box } of this.peers.values()) box.ending = true;
    await this.watching?.cancel();
    while (this.running.size > 0) await Promise.all(this.running);
    for (const [id, { scope }] of this.entered) await this.leave(scope, id);
    await this.beating;
    await this.kv.delete(key("isolate", this.id));
  }
}
