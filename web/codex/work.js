// What the list does not need, loaded after it: following threads, what waits for the person, sending.
import { createActions } from "../state/actions.js";
import { isAlive, tab, whenGone } from "../keep/tabs.js";
import { MachineFacts } from "./facts.js";
import { Sender } from "./sender.js";
import { Threads } from "./threads.js";

export class Work {
  /** @param {import("../state/store.js").Core} core */
  constructor(core) {
    this.core = core;
    this.sender = new Sender({
      state: core.state,
      emit: core.emit,
      now: core.now,
      keep: () => core.keep,
      tab,
      post: (message) => core.channel.post({ ...message, user: core.user }),
      client: (machine) => core.clients.get(machine),
    });
    this.actions = createActions(core, this.sender);
    /** Other tabs that have something to send. @type {Set<string>} */
    this.awaited = new Set();
  }

  /** @param {import("./machine.js").MachineClient} client */
  attach(client) {
    client.attach(new Threads(client), new MachineFacts(client));
  }

  /** Takes over what tabs that are gone had still to send. */
  async adopt() {
    const { core, sender } = this;
    const entries = await core.keep.all("sent");
    entries.sort((a, b) => a[1].at - b[1].at);
    for (const [id, entry] of entries) {
      const known = core.state.sent.get(id);
      if (known && !known.elsewhere) continue;
      if (entry.tab === tab) {
        // This page's own, from before its sign-in ended.
        sender.restore(entry, false);
        continue;
      }
      if (await isAlive(entry.tab)) {
        if (!known) sender.restore(entry, true);
        if (!this.awaited.has(entry.tab)) {
          this.awaited.add(entry.tab);
          whenGone(entry.tab).then(() => this.adopt()).catch(() => {});
        }
        continue;
      }
      const taken = await core.keep.change(
        "sent",
        id,
        (old) => old && old.tab === entry.tab ? { ...old, tab } : undefined,
      );
      if (taken) sender.restore(taken, false);
    }
    for (const machine of core.clients.keys()) sender.flush(machine);
  }
}
