// The session layer's promise: each message once, in order, whatever the link does.
import { parseFrame, splitText, utf8Length } from "../../web/link/frame.js";
import { PART_BYTES, Session } from "../../web/link/session.js";
import { AnchorEnd } from "./support/anchor_end.js";
import { equal, forSeeds, ok, seed } from "./support/random.js";

console.log(`SEED=${seed}`);

/** @param {import("../../web/link/session.js").Effect[]} effects @param {string} type */
const only = (
  effects,
  type,
) => /** @type {any[]} */ (effects.filter((effect) => effect.type === type));

Deno.test("messages arrive once and in order over a link that loses, repeats and breaks", async () => {
  await forSeeds(300, (random) => {
    let now = 0;
    /** The page's connections count up: what was on its way on one never comes out of another. */
    let connection = 0;
    /** The one whose frames the anchor takes and answers: that of the last `open`. */
    let attached = 0;
    /** @type {{connection: number, text: string}[]} */
    let toAnchor = [];
    /** @type {{connection: number, text: string}[]} */
    let toPage = [];
    /** @type {string[]} */
    const got = [];
    /** @type {unknown[]} */
    const acked = [];
    let names = 0;
    let page = new Session(`s${names}`);
    const anchor = new AnchorEnd((text) => toPage.push({ connection: attached, text }));
    let up = false;
    let sent = 0;

    /** @param {import("../../web/link/session.js").Effect[]} effects */
    const run = (effects) => {
      for (const effect of effects) {
        if (effect.type === "frame") toAnchor.push({ connection, text: effect.text });
        else if (effect.type === "line") got.push(effect.text);
        else if (effect.type === "acked") acked.push(effect.token);
        else if (effect.type === "dead") {
          // Only an `open` that never arrived may end it: nothing was sent yet, a new one takes over.
          ok(!page.established && effect.reason === "unknown", `died: ${effect.reason}`);
          page = new Session(`s${++names}`);
          for (let i = 0; i < sent; i++) page.send(`up ${i}`, now, i);
          run(page.connected(now));
        }
      }
    };
    /** Lets one message pass, lost or doubled with the given odds. @param {number} loss @param {number} twice */
    const move = (loss, twice) => {
      const left = random() < 0.5;
      const queue = left ? toAnchor : toPage;
      const moved = queue.shift();
      const frame = parseFrame(moved?.text ?? "");
      if (!moved || !frame) return;
      const times = random() < loss ? 0 : random() < twice ? 2 : 1;
      for (let i = 0; i < times; i++) {
        if (left) {
          if (frame.header.type === "open") attached = moved.connection;
          if (moved.connection === attached) anchor.take(moved.text);
        } else if (moved.connection === connection && frame.header.session === page.id) {
          run(page.frame(frame.header, frame.body, now));
        }
      }
    };
    const connect = () => {
      up = true;
      connection++;
      run(page.connected(now));
    };
    const cut = () => {
      up = false;
      if (random() < 0.5) toAnchor = [];
      if (random() < 0.5) toPage = [];
      run(page.disconnected());
    };

    const count = 60;
    let posted = 0;
    connect();
    for (let step = 0; step < 1500; step++) {
      const dice = random();
      now += Math.floor(random() * 20);
      if (dice < 0.06 && sent < count) {
        run(page.send(`up ${sent} ${"x".repeat(random() * 200)}`, now, sent++));
      } else if (dice < 0.12 && posted < count && anchor.session) {
        anchor.post(`down ${posted++} ${"y".repeat(random() * 200)}`);
      } else if (dice < 0.13 && up) cut();
      else if (dice < 0.18 && !up) connect();
      else if (dice < 0.25) run(page.tick(now));
      else move(0.1, 0.1);
    }
    // The link is good again: everything must be settled by acknowledgements and pings alone.
    cut();
    toAnchor = [];
    toPage = [];
    connect();
    while (toAnchor.length + toPage.length > 0) move(0, 0);
    while (sent < count) run(page.send(`up ${sent}`, now, sent++));
    while (posted < count) anchor.post(`down ${posted++}`);
    for (let i = 0; i < 20; i++) {
      now += 5000;
      run(page.tick(now));
      while (toAnchor.length + toPage.length > 0) move(0, 0);
    }
    equal(
      anchor.messages.map((m) => m.split(" ")[1]),
      [...Array(count).keys()].map(String),
      "to the anchor",
    );
    equal(got.map((m) => m.split(" ")[1]), [...Array(count).keys()].map(String), "to the page");
    equal(acked, [...Array(count).keys()], "acknowledged");
    equal(page.unacked.length, 0, "nothing left to acknowledge");
    equal(anchor.out.length, 0, "the anchor keeps nothing");
  });
});

Deno.test("a message is cut at code points and put together again", async () => {
  await forSeeds(30, (random) => {
    const letters = ["a", "é", "語", "𝄞", "🙂"];
    let text = "";
    for (let i = 0; i < 400; i++) text += letters[Math.floor(random() * letters.length)];
    equal(utf8Length(text), new TextEncoder().encode(text).length);
    const limit = 4 + Math.floor(random() * 60);
    const parts = splitText(text, limit);
    equal(parts.join(""), text);
    for (const part of parts) ok(utf8Length(part) <= limit && part.isWellFormed());
  });
});

/** An open session and the frames it has sent. */
function opened() {
  const page = new Session("p".repeat(22));
  page.connected(0);
  page.frame({ type: "opened", incarnation: "i", resumed: false, received: 0 }, "", 1);
  return page;
}

Deno.test("every frame stays within the relay's bound", () => {
  const page = opened();
  const effects = page.send(`"${"语".repeat(200_000)}"`, 2);
  for (let now = 3; now < 200; now++) {
    effects.push(...page.frame({ type: "ack", ack: page.nextSeq - 1 }, "", now));
  }
  let whole = "";
  for (const { text } of only(effects, "frame")) {
    ok(new TextEncoder().encode(text).length <= 61_000);
    whole += parseFrame(text)?.body;
  }
  equal(whole.length, 200_002);
  ok(PART_BYTES < 61_440);
});

Deno.test("a page acknowledges after 32 KiB or 50 ms", () => {
  const page = opened();
  equal(page.frame({ type: "message", seq: 1, ack: 0 }, "x", 10).length, 1);
  equal(page.due, 60);
  equal(only(page.tick(59), "frame").length, 0);
  equal(JSON.parse(only(page.tick(60), "frame")[0].text).ack, 1);
  const effects = page.frame({ type: "message", seq: 2, ack: 0 }, "y".repeat(33_000), 70);
  equal(JSON.parse(only(effects, "frame")[0].text).ack, 2);
});

Deno.test("a gap is asked for once, and again when a pong shows that it is still there", () => {
  const page = opened();
  const first = page.frame({ type: "message", seq: 3, ack: 0 }, "c", 10);
  equal(JSON.parse(only(first, "frame")[0].text), {
    type: "ack",
    ack: 0,
    seq: 0,
    gap: true,
    session: page.id,
  });
  equal(page.frame({ type: "message", seq: 4, ack: 0 }, "d", 11).length, 0);
  const pong = page.frame({ type: "pong", n: 99, ack: 0, seq: 4 }, "", 12);
  equal(JSON.parse(only(pong, "frame")[0].text).gap, true);
  equal(
    only(page.frame({ type: "message", seq: 1, ack: 0 }, "a\nb\nc\nd", 13), "line").map((l) =>
      l.text
    ),
    [
      "a",
      "b",
      "c",
      "d",
    ],
  );
});

Deno.test("the window holds back what is not acknowledged and lets a small message pass at once", () => {
  const page = opened();
  equal(only(page.send("small", 2), "frame").length, 1);
  let frames = 0;
  for (let i = 0; i < 10; i++) frames += only(page.send("z".repeat(30_000), 2), "frame").length;
  ok(frames <= 2, `sent ${frames} frames of 30 KB`);
  equal(only(page.frame({ type: "ack", ack: 1 }, "", 4), "acked").length, 0);
  for (let now = 5; page.unacked.length > 0; now++) {
    page.frame({ type: "ack", ack: page.nextSeq - 1 }, "", now);
  }
  equal(page.backlog.length, 0);
  equal(page.inFlight, 0);
});

Deno.test("a decision that is too old is not given to the anchor any more, and its number is", () => {
  const page = opened();
  page.send("first", 2, "a", 1000);
  page.send("second", 2, "b", 1000);
  page.disconnected();
  page.send("third", 3, "c", 1000);
  page.connected(5000);
  const effects = page.frame(
    { type: "opened", incarnation: "i", resumed: true, received: 1 },
    "",
    5001,
  );
  equal(only(effects, "acked").map((e) => e.token), ["a"]);
  equal(only(effects, "expired").map((e) => e.token), ["b", "c"]);
  ok(!JSON.stringify(only(effects, "frame")).match(/second|third/));
  equal(parseFrame(only(effects, "frame")[0].text)?.header.seq, 2);
});

Deno.test("a reset or a close ends the session", () => {
  const page = opened();
  page.disconnected();
  page.connected(5);
  equal(page.frame({ type: "opened", reset: "app-server-ended" }, "", 6), [
    { type: "dead", reason: "app-server-ended" },
  ]);
  equal(page.send("x", 7), []);
  equal(opened().frame({ type: "close", reason: "too-many" }, "", 6), [{
    type: "dead",
    reason: "too-many",
  }]);
});

Deno.test("a message without an end does not fill the memory", () => {
  const page = opened();
  const part = "x".repeat(50_000);
  let reason = "";
  for (let seq = 1; seq < 1000 && !reason; seq++) {
    const effects = page.frame({ type: "message", seq, ack: 0, more: true }, part, seq);
    reason = only(effects, "dead")[0]?.reason ?? "";
  }
  equal(reason, "overflow");
});
