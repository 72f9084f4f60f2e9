// Deno's own HTTP and WebSocket server, with paths that do what the tests need. Usage: deno run -A deno_server.js TLS_DIR
// Prints one line of JSON with its ports and ends when its input ends.

const [tls] = Deno.args;
const read = (name) => Deno.readTextFileSync(`${tls}/${name}`);
/** What the server saw of a connection's end, by the connection's name: `{code, reason, wasClean}`. */
const ends = new Map();

function endOf(name) {
  if (!ends.has(name)) ends.set(name, Promise.withResolvers());
  return ends.get(name);
}

function webSocket(request, url) {
  const headers = JSON.stringify(Object.fromEntries(request.headers));
  const { socket, response } = Deno.upgradeWebSocket(request);
  const option = (name) => url.searchParams.get(name);
  socket.binaryType = "arraybuffer";
  socket.onerror = () => {};
  socket.onclose = ({ code, reason, wasClean }) => {
    if (option("name")) endOf(option("name")).resolve({ code, reason, wasClean });
  };
  switch (url.pathname) {
    case "/close":
      socket.onopen = () => socket.close(Number(option("code")), option("reason") ?? "");
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

function stream(parts, endless) {
  return new ReadableStream({
    async start(controller) {
      for (const part of parts) {
        controller.enqueue(new TextEncoder().encode(part));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      if (!endless) controller.close();
    },
  });
}

async function handle(request) {
  const url = new URL(request.url, "http://localhost");
  switch (url.pathname) {
    case "/refuse":
      return Response.json({ error: { code: "bad-token" } }, { status: 401, headers: { "x-why": "token" } });
    case "/refuse-in-chunks":
      return new Response(stream(["one,", "two,", "three"]), { status: 503 });
    case "/refuse-and-stall":
      return new Response(stream(["beginning"], true), { status: 500 });
    case "/redirect":
      return new Response(null, { status: 302, headers: { location: "/request" } });
    case "/stall":
      return await new Promise(() => {});
    case "/body":
      return new Response("y".repeat(Number(url.searchParams.get("size"))), {
        headers: { "content-type": "text/plain" },
      });
    case "/endless":
      return new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(65536)),
        }),
      );
    case "/end":
      return Response.json(await endOf(url.searchParams.get("name")).promise);
    case "/request":
      return Response.json({
        method: request.method,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
      });
  }
  if (request.headers.get("upgrade") === "websocket") return webSocket(request, url);
  return new Response("nothing here", { status: 404 });
}

const serve = (options) =>
  Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {}, ...options }, handle).addr.port;
const secure = (name) => serve({ cert: read(`${name}.pem`), key: read("server.key") });

console.log(JSON.stringify({
  plain: serve({}),
  secure: secure("server"),
  expired: secure("expired"),
  future: secure("future"),
}));
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
