// An app-server that is too busy for the first calls. Usage: busy_app_server.js UNIX_PATH TIMES
const [path, times] = Deno.args;
let left = Number(times);

Deno.serve({ path, onListen: () => console.log("ready") }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => {
    const { id, method } = JSON.parse(data);
    if (id === undefined) return;
    const error = { code: -32001, message: "Server overloaded; retry later." };
    const result = { userAgent: "codex-remote/0.163.0 (Debian)", method };
    socket.send(JSON.stringify(left-- > 0 ? { id, error } : { id, result }));
  };
  return response;
});
