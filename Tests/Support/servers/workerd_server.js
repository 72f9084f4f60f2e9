// WebSockets of Cloudflare's runtime: echo, and a close from the server's side.

/**
 * What this runtime has beside the standard.
 * @typedef {WebSocket & {accept(): void}} ServerSocket
 */
const { WebSocketPair } = /** @type {{WebSocketPair: new () => Record<0 | 1, ServerSocket>}} */ (
  /** @type {unknown} */ (globalThis)
);

export default {
  /** @param {Request} request */
  fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/refuse") return new Response("no such machine", { status: 403 });
    if (request.headers.get("upgrade") !== "websocket") return new Response("ok");
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    if (url.pathname === "/close") {
      server.close(Number(url.searchParams.get("code")), url.searchParams.get("reason") ?? "");
    } else {
      server.addEventListener("message", ({ data }) => server.send(data));
      server.addEventListener("close", ({ code, reason }) => server.close(code, reason));
    }
    const answer = { status: 101, webSocket: client };
    return new Response(null, answer);
  },
};
