// WebSockets of Cloudflare's runtime: echo, and a close from the server's side.

export default {
  fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/refuse") return new Response("no such machine", { status: 403 });
    if (request.headers.get("upgrade") !== "websocket") return new Response("ok");
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    if (url.pathname === "/close") {
      server.close(Number(url.searchParams.get("code")), url.searchParams.get("reason"));
    } else {
      server.addEventListener("message", ({ data }) => server.send(data));
      server.addEventListener("close", ({ code, reason }) => server.close(code, reason));
    }
    return new Response(null, { status: 101, webSocket: client });
  },
};
