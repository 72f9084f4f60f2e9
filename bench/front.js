// A front with TLS and HTTP/2 before a relay on loopback, as the providers serve it.
//
//   deno run --allow-net --allow-read front.js PORT RELAY_PORT CERTIFICATE KEY HOST
//
// HOST is the relay's pinned host and port. Prints `ready <port>`.

const [port, relay, certificate, key, host] = Deno.args;

/** @param {Request} request @returns {Promise<Response>} */
async function pass(request) {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.set("host", host);
  if (headers.has("origin")) headers.set("origin", `http://${host}`);
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
    return join(request, `ws://127.0.0.1:${relay}${pathname}${search}`, headers);
  }
  /** @type {RequestInit & {client: Deno.HttpClient}} */
  const options = {
    method: request.method,
    headers,
    body: request.body,
    redirect: "manual",
    client,
  };
  const answer = await fetch(`http://127.0.0.1:${relay}${pathname}${search}`, options);
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}

const client = Deno.createHttpClient({ allowHost: true });

/** @param {Request} request @param {string} url @param {Headers} headers */
function join(request, url, headers) {
  const { socket: near, response } = Deno.upgradeWebSocket(request);
  const options = {
    headers: { host, origin: headers.get("origin") ?? "", cookie: headers.get("cookie") ?? "" },
  };
  const far = new WebSocket(url, /** @type {any} */ (options));
  /** @type {string[]} */
  const early = [];
  near.onmessage = ({ data }) =>
    far.readyState === WebSocket.OPEN ? far.send(data) : early.push(data);
  far.onopen = () => early.forEach((data) => far.send(data));
  far.onmessage = ({ data }) => near.send(data);
  near.onclose = () => far.close();
  far.onclose = () => near.readyState === WebSocket.OPEN && near.close();
  near.onerror = far.onerror = () => {};
  return response;
}

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  cert: Deno.readTextFileSync(certificate),
  key: Deno.readTextFileSync(key),
  onListen: ({ port }) => console.log(`ready ${port}`),
}, pass);
