// Prompts, queue entries, steers and decisions while anchor, app-server and link are killed around them: each is taken up once.
import { selectInbox } from "../../web/state/select.js";
import { equal, forSeeds, ok, seed } from "./support/random.js";
import {
  alive,
  begin,
  codex,
  endCodex,
  idle,
  prompts,
  script,
  until,
  withStore,
  work,
} from "./support/pages.js";

console.log(`SEED=${seed}`);
const ROUNDS = Number(Deno.env.get("ROUNDS") ?? 4);

/** What the app-server survives. @param {import("./support/relay.js").Relay} relay */
const faultsOf = (relay) => [
  () => relay.cut(),
  () => {
    relay.anchor.restart();
    relay.setOnline(true);
  },
  () => {
    relay.setOnline(false);
    relay.setOnline(true);
  },
];

/** @param {import("./support/relay.js").Relay} relay */
async function killCodex(relay) {
  await codex.restart();
  relay.anchor.restart();
  relay.setOnline(true);
}

withStore(
  "nothing that is sent runs twice or vanishes, whatever is killed",
  async ({ store, relay, page }) => {
    await forSeeds(ROUNDS, async (random) => {
      const { key } = await begin(store, script({ say: "Begun." }));
      await until(store, () => idle(store, key), "the first turn");
      /** @type {Map<string, string>} */
      const words = new Map();
      const nap = () => new Promise((resolve) => setTimeout(resolve, random() * 60));
      const faults = [...faultsOf(relay), () => killCodex(relay)];
      for (let i = 0; i < 6; i++) {
        const text = script({ text: { count: 5 }, rate: 100 }, { say: `Answer ${i} ${random()}` });
        const { actions } = store;
        const send =
          [actions.sendPrompt, actions.queueAdd, actions.steer][Math.floor(random() * 3)];
        words.set(send(key, text), text);
        await nap();
        if (random() < 0.5) await faults[Math.floor(random() * faults.length)]();
        await nap();
      }
      await alive(store);
      const open = () =>
        [...words.keys()].filter((id) =>
          ["waiting", "delivered"].includes(store.state.sent.get(id)?.mark ?? "")
        );
      await until(
        store,
        () =>
          open().length === 0 && idle(store, key) &&
          store.state.threads.get(key)?.queue.length === 0,
        "all is settled",
      );
      const fresh = page();
      await until(fresh, () => fresh.state.rows.get(key), "the row");
      await fresh.actions.openThread(key);
      const counts = [...words].map(([id, text]) => [
        store.state.sent.get(id)?.mark ?? "taken-up",
        prompts(fresh, key).filter((/** @type {string} */ one) => one === text).length,
      ]);
      for (const [mark, count] of counts) {
        ok(
          mark === "taken-up" ? count === 1 : count === 0,
          `${JSON.stringify(counts)} ${
            JSON.stringify(
              [...store.state.sent.values()].map((sent) => [sent.kind, sent.mark, sent.reason]),
            )
          }`,
        );
      }
      // What a killed app-server was at work on and does not remember is offered again.
      const rest = [...store.state.sent.values()].filter((sent) =>
        words.has(sent.id) && sent.mark !== "taken-up"
      );
      equal(
        rest.filter((sent) => sent.reason !== "lost").map((
          sent,
        ) => [sent.kind, sent.mark, sent.reason]),
        [],
      );
      fresh.close();
    });
  },
);

withStore("a decision is carried out once, or its card says why not", async ({ store, relay }) => {
  await forSeeds(ROUNDS * 2, async (random, round) => {
    const nap = () => new Promise((resolve) => setTimeout(resolve, random() * 40));
    const file = `${work}/ran-${round}`;
    const { key } = await begin(
      store,
      script({ exec: { cmd: `echo ran >> ${file}`, escalated: true } }, { say: "Ran." }),
    );
    const isHere = () => selectInbox(store.state).find((one) => one.key === key);
    await until(store, isHere, "the approval");
    let sent = "";
    const mark = () => store.state.sent.get(sent)?.mark ?? "taken-up";
    const decide = () => {
      const card = isHere();
      if (card?.status === "open" && "decisions" in card) {
        sent = store.actions.decide(card.id, card.decisions[0].id);
      }
    };
    const kills = random() < 0.3;
    const faults = faultsOf(relay);
    if (random() < 0.5) await faults[Math.floor(random() * faults.length)]();
    await nap();
    decide();
    await nap();
    if (kills) await killCodex(relay);
    else if (random() < 0.7) await faults[Math.floor(random() * faults.length)]();
    await alive(store);
    await until(store, () => {
      const card = isHere();
      return card ? card.status === "gone" : sent && idle(store, key) && mark() !== "waiting";
    }, "the decision is settled");
    const count = async () =>
      (await Deno.readTextFile(file).catch(() => "")).split("\n").length - 1;
    // On a busy machine the command may still be on its way when the turn has ended.
    for (let i = 0; !kills && i < 3600 && await count() === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const ran = await count();
    const card = isHere();
    const facts = JSON.stringify({
      ran,
      kills,
      mark: mark(),
      reason: store.state.sent.get(sent)?.reason,
      card: card?.status,
    });
    ok(ran <= 1, facts);
    if (!kills) ok(ran === 1 && !card, facts);
    // Killed right after it took the decision, codex may not have come to run the command: its turn is interrupted.
    if (card) store.actions.dismiss(card.id);
  });
});

endCodex();
