// The web client's files and the headers of every answer.
import { assert, equal, refused } from "../support/assert.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

/** @param {Scene} scene @param {Headers} headers */
function secure({ origin }, headers) {
  equal(
    headers.get("content-security-policy"),
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
      `connect-src 'self' ${
        origin.replace("http", "ws")
      }; manifest-src 'self'; worker-src 'self'; ` +
      "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; " +
      "require-trusted-types-for 'script'; trusted-types orbit",
  );
  equal(headers.get("x-content-type-options"), "nosniff");
  equal(headers.get("referrer-policy"), "no-referrer");
  equal(headers.get("cross-origin-opener-policy"), "same-origin");
  equal(headers.get("cross-origin-resource-policy"), "same-origin");
  assert(headers.get("permissions-policy")?.includes("camera=()"));
  // Only https origins may ask for it.
  const asks = headers.get("strict-transport-security") !== null;
  equal(asks, origin.startsWith("https:"));
  equal(headers.get("access-control-allow-origin"), null);
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const files = {
  "health says what runs": async (scene) => {
    const { status, body, headers } = await scene.request("browser", "/health");
    equal(status, 200);
    const { time, version, ...rest } = body;
    equal(rest, { ok: true, build: scene.web.build, protocol: { min: 1, max: 1 } });
    assert(Number.isInteger(time) && /^\d+\.\d+\.\d+$/.test(version));
    secure(scene, headers);
  },

  "the page is checked anew each time": async (scene) => {
    const { status, body, headers } = await scene.request("browser", "/");
    equal([status, body], [200, scene.web.page]);
    equal(headers.get("cache-control"), "no-cache");
    equal(headers.get("content-type"), "text/html; charset=utf-8");
    secure(scene, headers);
    const again = await scene.request("browser", "/", {
      headers: { "if-none-match": `"${scene.web.build}"` },
    });
    equal([again.status, again.body], [304, ""]);
    secure(scene, again.headers);
  },

  "files of a build are kept for ever": async (scene) => {
    const { status, body, headers } = await scene.request("browser", scene.web.path);
    equal([status, body], [200, scene.web.script]);
    equal(headers.get("cache-control"), "public, max-age=31536000, immutable");
    equal(headers.get("content-type"), scene.web.type);
    secure(scene, headers);
  },

  "files travel compressed once, or plain where that is not taken": async (scene) => {
    for (const accept of ["gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1"]) {
      const packed = await scene.raw("browser", "GET", scene.web.path, {
        "accept-encoding": accept,
      });
      equal(packed.headers.get("content-encoding"), "gzip");
      assert(Number(packed.headers.get("content-length")) < 200);
    }
    for (const accept of ["", "identity", "gzip;q=0"]) {
      const plain = await scene.raw("browser", "GET", scene.web.path, {
        "accept-encoding": accept,
      });
      equal([plain.headers.get("content-encoding"), plain.body], [null, scene.web.script]);
      equal(plain.headers.get("vary"), "accept-encoding");
    }
  },

  "HEAD has the headers only": async (scene) => {
    for (const path of ["/", scene.web.path, "/health"]) {
      const { status, body } = await scene.request("browser", path, { method: "HEAD" });
      equal([status, body], [200, ""]);
    }
  },

  "nothing else is there": async (scene) => {
    const paths = [
      "/app.js",
      "/0123456789abcdee/app.js",
      "/%2e%2e/orbit.js",
      "//",
      "/api",
      "/api/",
    ];
    for (const path of [...paths, "/__proto__", "/constructor", "/api/constructor", "/health/"]) {
      const answer = await scene.request("browser", path);
      refused(answer, 404, "not-found", path);
      secure(scene, answer.headers);
    }
  },

  "other methods are refused": async (scene) => {
    const gets = ["/", "/health", "/socket", "/anchor", scene.web.path];
    const posts = ["/api/me", "/api/signin", "/device/code", "/device/token", "/deploy/claim"];
    for (const path of gets) {
      refused(await scene.request("browser", path, { method: "POST" }), 405, "wrong-method", path);
    }
    for (const path of posts) {
      for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
        refused(await scene.request("browser", path, { method }), 405, "wrong-method", path);
      }
    }
  },
};
