// Several isolates of one relay in one process, where they share the store and its watch. Commands come as lines:
// `start <n>`, `end <n>` (as the platform asks, with notice), `kill <n>` (without).

/** @typedef {{folder: string, origin: string, deployKey: string, ports: number[]}} Settings */
/** @type {Settings} */
const { ports, ...settings } = JSON.parse(Deno.args[0]);
/** @type {Worker[]} */
const workers = [];

/** @param {Worker} worker @returns {Promise<void>} once it said something */
const answered = (worker) => new Promise((resolve) => worker.onmessage = () => resolve());

/** @type {Record<string, (index: number) => Promise<void>>} */
const commands = {
  async start(index) {
    const worker = new Worker(new URL("./isolate.js", import.meta.url), { type: "module" });
    workers[index] = worker;
    worker.postMessage({ ...settings, port: ports[index] });
    await answered(worker);
  },
  async end(index) {
    workers[index].postMessage("end");
    await answered(workers[index]);
    workers[index].terminate();
  },
  kill(index) {
    workers[index].terminate();
    return Promise.resolve();
  },
};

let text = "";
for await (const part of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  text += part;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
    const [command, index] = text.slice(0, end).split(" ");
    text = text.slice(end + 1);
    await commands[command](Number(index));
    console.log(command);
  }
}
