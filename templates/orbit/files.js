// The web client's files, as the bundle step packed them: gzip in base64, decoded on first use.
import { Refusal } from "./errors.js";

/**
 * @param {import("./ports.d.ts").Assets} assets
 * @returns {(request: Request, path: string) => Promise<Response | undefined>} undefined when there is no such file
 */
export function fileServer(assets) {
  /** @type {Map<string, import("./ports.d.ts").Asset>} */
  const files = new Map(Object.entries(assets.files));
  /** @type {Map<string, Uint8Array<ArrayBuffer>>} */
  const bodies = new Map();
  const tag = `"${assets.build}"`;

  return async (request, path) => {
    const file = files.get(path);
    if (!file) return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") throw new Refusal("wrong-method");
    const headers = new Headers({
      "content-type": file.type,
      "cache-control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
      "vary": "accept-encoding",
      "etag": tag,
    });
    if (!file.immutable && request.headers.get("if-none-match") === tag) {
      return new Response(null, { status: 304, headers });
    }
    let body = bodies.get(path);
    if (!body) {
      body = Uint8Array.fromBase64(file.body);
      bodies.set(path, body);
    }
    if (!acceptsGzip(request.headers.get("accept-encoding"))) {
      const plain = new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"));
      const bytes = await new Response(plain).arrayBuffer();
      return new Response(request.method === "HEAD" ? null : bytes, { headers });
    }
    headers.set("content-encoding", "gzip");
    // Some platforms compress what names an encoding unless they are told that it is done; others ignore the option.
    const init = /** @type {ResponseInit} */ ({ headers, encodeBody: "manual" });
    return new Response(request.method === "HEAD" ? null : body, init);
  };
}

/**
 * @param {string | null} header Accept-Encoding
 * @returns {boolean}
 */
function acceptsGzip(header) {
  for (const part of header?.split(",") ?? []) {
    const [coding, ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    if (coding === "gzip" || coding === "*") {
      return !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    }
  }
  return false;
}
