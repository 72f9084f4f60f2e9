// The scripted model of the demo, asked as Codex asks a model.
import { equal } from "./support/random.js";

const program = new URL("../../templates/demo/model.js", import.meta.url).pathname;

/** @param {(port: number) => Promise<void>} run */
async function withModel(run) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", "--allow-env=PORT", program],
    env: { PORT: "0" },
    stdout: "piped",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let text = "";
    while (!text.includes("\n")) text += (await output.read()).value;
    await run(Number(/^ready (\d+)/.exec(text)?.[1]));
  } finally {
    child.kill();
    await child.status;
    await output.cancel();
  }
}

Deno.test("the scripted model sums a long thread up, for which Codex offers it no tools", async () => {
  await withModel(async (port) => {
    const content = [{ type: "input_text", text: "Create a handoff summary of this thread." }];
    const answer = await fetch(`http://127.0.0.1:${port}/v1/responses`, {
      method: "POST",
      body: JSON.stringify({ input: [{ type: "message", role: "user", content }], tools: [] }),
    });
    const events = [...(await answer.text()).matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
    equal([answer.status, events[0], events.at(-1)], [
      200,
      "response.created",
      "response.completed",
    ]);
  });
});
