// The relay's endpoints for browsers (docs/protocol.md, section 2).

/** An error answered by the relay; `code` "offline" when there was no answer. Views translate the code. */
export class ApiError extends Error {
  /** @param {string} code @param {string} message @param {number} status @param {number | null} [retryAfter] s */
  constructor(code, message, status, retryAfter = null) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {string} path @param {unknown} [body]
 * @param {{fetch?: typeof fetch, origin?: string, timeout?: number}} [options] timeout in ms
 * @returns {Promise<any>} rejects with ApiError
 */
export async function call(path, body = {}, options = {}) {
  const ask = options.fetch ?? fetch;
  /** @type {Response} */
  let response;
  try {
    response = await ask(`${options.origin ?? ""}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(options.timeout ?? 15_000),
    });
  } catch {
    throw new ApiError(
      "offline",
      "The relay did not answer; check the connection and try again.",
      0,
    );
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  const error = answer?.error;
  throw new ApiError(
    String(error?.code ?? "bad-answer"),
    String(
      error?.message ?? "The relay answered with something else than expected; try again later.",
    ),
    response.status,
    Number(response.headers.get("retry-after")) || null,
  );
}

/** @param {ArrayBuffer | null | undefined} bytes @returns {string} base64url without padding */
export function toBase64url(bytes) {
  let text = "";
  for (const byte of new Uint8Array(bytes ?? new ArrayBuffer(0))) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
