// Requests in, JSON answers out.
import { fromUtf8 } from "./encoding.js";
import { Refusal } from "./errors.js";

/** The largest request body, in bytes. */
const maxBody = 16 * 1024;
/** How long a body may take to arrive, in milliseconds. */
const bodyTime = 10_000;

/**
 * @param {Request} request
 * @returns {Promise<string>} its body; throws `too-large` past 16 KiB and `bad-request` when it stalls or is not UTF-8
 */
export async function readText(request) {
  if (Number(request.headers.get("content-length") ?? 0) > maxBody) throw new Refusal("too-large");
  if (!request.body) return "";
  const reader = request.body.getReader();
  const bytes = new Uint8Array(maxBody);
  let length = 0;
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    reader.cancel().catch(() => {});
  }, bodyTime);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (late) throw new Refusal("bad-request");
      if (done) break;
      if (length + value.length > maxBody) throw new Refusal("too-large");
      bytes.set(value, length);
      length += value.length;
    }
    return fromUtf8(bytes.subarray(0, length));
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error instanceof Refusal ? error : new Refusal("bad-request");
  } finally {
    clearTimeout(deadline);
  }
}

/**
 * @param {Request} request
 * @returns {Promise<Record<string, unknown>>} the JSON object in its body; throws `bad-request` for anything else
 */
export async function readObject(request) {
  const text = await readText(request);
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal("bad-request");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal("bad-request");
  }
  return value;
}

/**
 * @param {unknown} value
 * @param {number} [status]
 * @returns {Response}
 */
export function json(value, status = 200) {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}

/**
 * @param {import("./ports.d.ts").RefusalData} refusal
 * @returns {Response}
 */
export function refuse(refusal) {
  const { status, code, message, extra, retryAfter } = refusal;
  const response = json({ error: { code, message, ...extra } }, status);
  if (retryAfter !== undefined) response.headers.set("retry-after", String(retryAfter));
  return response;
}

/**
 * @param {string | null} header a Cookie header
 * @param {string} name
 * @returns {string | undefined} the cookie's value
 */
export function cookie(header, name) {
  for (const part of header?.split(";") ?? []) {
    const at = part.indexOf("=");
    if (part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
