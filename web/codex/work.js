// What the list does not need, loaded after it: following threads, what waits for the person, sending.
import { createActions } from "../state/actions.js";
import { tab } from "../keep/tabs.js";
import { MachineFacts } from "./facts.js";
import { Sender } from "./sender.js";
import { Threads } from "./threads.js";

/** @param {import("../state/store.js").Core} core */
export function createWork(core) {
  const sender = new Sender({
    state: core.state,
    emit: core.emit,
    now: core.now,
    keep: () => core.keep,
    tab,
    post: (message) => core.channel.post({ ...message, user: core.user }),
    client: (machine) => core.clients.get(machine),
  });
  return {
    sender,
    actions: createActions(core, sender),
    attach: (/** @type {import("./machine.js").MachineClient} */ client) =>
      client.attach(new Threads(client), new MachineFacts(client)),
  };
}
