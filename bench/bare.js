// The floor for a burst: a page that does nothing but append, once a frame, the text that arrives over
// the same socket and session layer. It is evaluated in a blank page of the relay's origin.

/**
 * @param {string} machine
 * @param {string} thread
 * @returns {Promise<{first: number | null, last: number, text: () => string}>} resolves once it is
 *   subscribed; `first` is when the first delta arrived, `last` when the newest text was on the screen
 */
async function bare(machine, thread) {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/socket?protocol=1`);
  const session = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const outer = JSON.stringify({ type: "data", to: machine });
  /** @param {Record<string, unknown>} header @param {string} [line] */
  const transmit = (header, line) => {
    const inner = JSON.stringify({ ...header, session });
    socket.send([outer, inner, ...line === undefined ? [] : [line]].join("\n"));
  };
  let sent = 0;
  let received = 0;
  let unacknowledged = 0;
  let part = "";
  let fresh = "";
  let scheduled = false;
  /** @type {{first: number | null, last: number, text: () => string}} */
  const state = { first: null, last: 0, text: () => place.textContent ?? "" };
  const place = document.createElement("pre");
  place.style.whiteSpace = "pre-wrap";
  document.body.replaceChildren(place);
  /** @type {Map<number, (result: unknown) => void>} */
  const waiting = new Map();

  /** @param {string} method @param {unknown} params @returns {Promise<unknown>} */
  const request = (method, params) => {
    sent += 1;
    const id = sent;
    transmit({ type: "message", seq: sent, ack: received }, JSON.stringify({ id, method, params }));
    return new Promise((resolve) => waiting.set(id, resolve));
  };

  const paint = () => {
    scheduled = false;
    place.append(fresh);
    fresh = "";
    scrollTo(0, document.body.scrollHeight);
    state.last = performance.now();
  };

  /** @param {string} text */
  const take = (text) => {
    const message = JSON.parse(text);
    if (message.method === "item/agentMessage/delta") {
      state.first ??= performance.now();
      fresh += message.params.delta;
      if (!scheduled) requestAnimationFrame(paint);
      scheduled = true;
    } else if (message.method === undefined) {
      waiting.get(message.id)?.(message.result);
    }
  };

  await new Promise((resolve, reject) => {
    socket.onerror = reject;
    socket.onmessage = ({ data }) => {
      if (data === "pong") return;
      const [head, inner, ...lines] = data.split("\n");
      const { type } = JSON.parse(head);
      if (type === "hello") transmit({ type: "open", protocol: 1 });
      if (type !== "data") return;
      const header = JSON.parse(inner);
      if (header.session !== session) return;
      if (header.type === "opened") resolve(undefined);
      if (header.type !== "message") return;
      received = header.seq + lines.length - 1;
      for (const [i, line] of lines.entries()) {
        part += line;
        if (header.more && i === lines.length - 1) break;
        take(part);
        part = "";
      }
      unacknowledged += data.length;
      if (unacknowledged > 32_768) {
        transmit({ type: "ack", ack: received, seq: sent });
        unacknowledged = 0;
      }
    };
  });
  setInterval(() => {
    socket.send("ping");
    transmit({ type: "ack", ack: received, seq: sent });
  }, 1000);
  await request("initialize", {
    clientInfo: { name: "bare", title: null, version: "1" },
    capabilities: { experimentalApi: true },
  });
  await request("thread/resume", { threadId: thread });
  return state;
}

Object.assign(globalThis, { bare });
