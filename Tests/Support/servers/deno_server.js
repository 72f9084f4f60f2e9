// Deno's own HTTP and WebSocket server, with paths that do what the tests need: deno run -A deno_server.js TLS_DIR
// Prints one line of JSON with its ports and ends when its input ends.

const [tls] = Deno.args;
const read = (/** @type {string} */ name) => Deno.readTextFileSync(`${tls}/${name}`);

/** @typedef {{code: number, reason: string, wasClean: boolean}} End */

/**
 * What the server saw of a connection's end, by the connection's name.
 * @type {Map<string, PromiseWithResolvers<End>>}
 */
const ends = new Map();

/** @param {string} name */
function endOf(name) {
  const end = ends.get(name) ?? Promise.withResolvers();
  ends.set(name, end);
  return end;
}

/**
 * @param {Request} request
 * @param {URL} url
 */
function webSocket(request, url) {
  const headers = JSON.stringify(Object.fromEntries(request.headers));
  const name = url.searchParams.get("name");
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  socket.onerror = () => {};
  socket.onclose = ({ code, reason, wasClean }) => {
    if (name) endOf(name).resolve({ code, reason, wasClean });
  };
  switch (url.pathname) {
    case "/close":
      socket.onopen = () =>
        socket.close(
          Number(url.searchParams.get("code")),
          url.searchParams.get("reason") ?? "",
        );
      break;
    case "/headers":
      socket.onopen = () => socket.send(headers);
      break;
    case "/source":
      socket.onmessage = ({ data }) => {
        const [count, size] = data.split(" ").map(Number);
        for (let i = 0; i < count; i++) socket.send(`${i} `.padEnd(size, "x"));
      };
      break;
    default:
      socket.onmessage = ({ data }) => socket.send(data);
  }
  return response;
}

/**
 * @param {string[]} parts
 * @param {boolean} isEndless
 */
function stream(parts, isEndless) {
  return new ReadableStream({
    async start(controller) {
      for (const part of parts) {
        controller.enqueue(new TextEncoder().encode(part));
        // A part each in a chunk of its own.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      if (!isEndless) controller.close();
    },
  });
}

/** @type {Record<string, (request: Request, query: URLSearchParams) => Response | Promise<Response>>} */
const answers = {
  "/refuse": () =>
    Response.json({ error: { code: "bad-token" } }, { status: 401, headers: { "x-why": "token" } }),
  "/refuse-in-chunks": () =>
    new Response(stream(["one,", "two,", "three"], false), { status: 503 }),
  "/refuse-and-stall": () => new Response(stream(["beginning"], true), { status: 500 }),
  "/redirect": () => new Response(null, { status: 302, headers: { location: "/request" } }),
  "/stall": () => new Promise(() => {}),
  "/body": (_, query) =>
    new Response("y".repeat(Number(query.get("size"))), {
      headers: { "content-type": "text/plain" },
    }),
  "/endless": () =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65536)) }),
    ),
  "/end": async (_, query) => Response.json(await endOf(query.get("name") ?? "").promise),
  "/request": async (request) =>
    Response.json({
      method: request.method,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    }),
};

/** @param {Request} request */
function handle(request) {
  const url = new URL(request.url);
  const answer = answers[url.pathname];
  if (answer) return answer(request, url.searchParams);
  if (request.headers.get("upgrade") === "websocket") return webSocket(request, url);
  return new Response("nothing here", { status: 404 });
}

/** @param {{cert?: string, key?: string}} certificate */
function serve(certificate) {
  const options = { port: 0, hostname: "127.0.0.1", onListen() {}, ...certificate };
  const server = Deno.serve(/** @type {Deno.ServeTcpOptions} */ (options), handle);
  return /** @type {Deno.NetAddr} */ (server.addr).port;
}

const secure = (/** @type {string} */ name) =>
  serve({ cert: read(`${name}.pem`), key: read("server.key") });

console.log(JSON.stringify({
  plain: serve({}),
  secure: secure("server"),
  expired: secure("expired"),
  future: secure("future"),
}));
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
