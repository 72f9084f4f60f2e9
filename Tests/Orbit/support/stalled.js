// A browser that opens its socket and never reads from it again.

/**
 * @param {import("./client.js").Browser} browser
 * @returns {Promise<{id: string, end: () => void}>} its connection id
 */
export async function stalled(browser) {
  const { hostname, port } = new URL(browser.scene.base("browser"));
  const { host } = new URL(browser.scene.origin);
  const address = hostname === "localhost" ? "127.0.0.1" : hostname;
  const socket = await Deno.connect({ hostname: address, port: Number(port) });
  const headers = {
    host,
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...browser.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await socket.write(
    new TextEncoder().encode(`GET /socket?protocol=1 HTTP/1.1\r\n${lines}\r\n`),
  );
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (;;) {
    const id = /"id":"(c_[A-Za-z0-9_-]{22})"/.exec(text)?.[1];
    if (id) return { id, end: () => socket.close() };
    const count = await socket.read(buffer);
    if (count === null) throw new Error(`The connection ended after ${JSON.stringify(text)}.`);
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
}
