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
  return packed(answer, request);
}

/** `fetch` has unpacked the body: packs it again. @param {Response} answer @param {Request} request */
function packed(answer, request) {
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  headers.delete("content-encoding");
  const status = answer.status;
  const accepts = request.headers.get("accept-encoding")?.includes("gzip");
  const isText = /^(text|application\/j)/.test(headers.get("content-type") ?? "");
  if (!accepts || !isText || !answer.body) return new Response(answer.body, { status, headers });
  headers.set("content-encoding", "gzip");
  return new Response(answer.body.pipeThrough(new CompressionStream("gzip")), { status, headers });
}

const client = Deno.createHttpClient({ allowHost: true });

/** @param {Request} request @param {string} url @param {Headers} headers */
function join(request, url, headers) {
  const { socket: near, response } = Deno.upgradeWebSocket(request);
  const options = {
    client,
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
  near.onerror = far.onerror = (event) => console.error(/** @type {ErrorEvent} */ (event).message);
  return response;
}

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  cert: Deno.readTextFileSync(certificate),
  key: Deno.readTextFileSync(key),
  onListen: ({ port }) => console.log(`ready ${port}`),
}, pass);
