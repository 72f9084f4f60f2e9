// HTTP by hand, for what `fetch` will not send or show.
import { concat } from "./bytes.js";

/**
 * Sends a request as it is and reads one answer.
 * @param {string} hostname
 * @param {number} port
 * @param {string} text
 * @returns {Promise<import("./client.js").Answer>} rejects when there is none
 */
export async function raw(hostname, port, text) {
  const answer = await exchange(hostname, port, text);
  if (!answer) throw new Error("The connection ended without an answer.");
  return answer;
}

/**
 * The same for what may be no HTTP.
 * @param {string} hostname
 * @param {number} port
 * @param {string} text
 * @returns {Promise<import("./client.js").Answer | undefined>} undefined when the connection ended without an answer
 */
export async function exchange(hostname, port, text) {
  const address = hostname === "localhost" ? "127.0.0.1" : hostname;
  const socket = await Deno.connect({ hostname: address, port });
  try {
    const bytes = new TextEncoder().encode(text);
    // Who is refused may find the connection ended before all is written.
    const written = async () => {
      for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
    };
    const writing = written().catch(() => {});
    let received = new Uint8Array(0);
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const answer = parse(received, text.startsWith("HEAD "));
      if (answer) return answer;
      const count = await socket.read(buffer).catch(() => null);
      if (count === null) {
        await writing;
        return undefined;
      }
      received = concat(received, buffer.subarray(0, count));
    }
  } finally {
    socket.close();
  }
}

/** @param {Uint8Array} bytes a character a byte */
const latin = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** @param {Uint8Array} received @param {boolean} bare it has no body @returns {import("./client.js").Answer | undefined} once it is whole */
function parse(received, bare) {
  const text = latin(received);
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const [first, ...rest] = text.slice(0, head).split("\r\n");
  const headers = new Headers();
  for (const line of rest) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1));
  }
  const status = Number(first.split(" ")[1]);
  if (bare) return { status, headers, body: "" };
  const length = Number(headers.get("content-length") ?? 0);
  const body = text.slice(head + 4);
  const whole = headers.get("transfer-encoding") === "chunked"
    ? unchunked(body)
    : body.length >= length
    ? body.slice(0, length)
    : undefined;
  if (whole === undefined) return undefined;
  const json = headers.get("content-type") === "application/json";
  return { status, headers, body: json ? JSON.parse(whole) : whole };
}

/** @param {string} text @returns {string | undefined} undefined while chunks are missing */
function unchunked(text) {
  let body = "";
  for (let at = 0;;) {
    const end = text.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const length = parseInt(text.slice(at, end), 16);
    if (length === 0) return body;
    body += text.slice(end + 2, end + 2 + length);
    at = end + 2 + length + 2;
    if (at > text.length) return undefined;
  }
}
