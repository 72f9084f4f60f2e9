// Prompts, queue entries and steers while anchor, app-server and link are killed around them: each is taken up once.
import { equal, forSeeds, ok, seed } from "./support/random.js";
import {
  begin,
  codex,
  endCodex,
  idle,
  prompts,
  script,
  until,
  withStore,
} from "./support/pages.js";

console.log(`SEED=${seed}`);
const ROUNDS = Number(Deno.env.get("ROUNDS") ?? 4);

withStore(
  "nothing that is sent runs twice or vanishes, whatever is killed",
  async ({ store, relay, page }) => {
    await forSeeds(ROUNDS, async (random) => {
      const { key } = await begin(store, script({ say: "Begun." }));
      await until(store, () => idle(store, key), "the first turn");
      /** @type {Map<string, string>} */
      const words = new Map();
      const nap = () => new Promise((resolve) => setTimeout(resolve, random() * 60));
      const faults = [
        () => relay.cut(),
        () => {
          relay.anchor.restart();
          relay.setOnline(true);
        },
        async () => {
          await codex.restart();
          relay.anchor.restart();
          relay.setOnline(true);
        },
        () => {
          relay.setOnline(false);
          relay.setOnline(true);
        },
      ];
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

endCodex();
