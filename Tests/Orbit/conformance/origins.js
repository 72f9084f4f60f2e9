// Who may ask: Host and Origin.
import { assert, equal, refused } from "../support/assert.js";
import { Anchor, makeClaim } from "../support/client.js";

/** @typedef {import("../support/scene.js").Scene} Scene */

export const browserPaths = [
  "/api/link/look",
  "/api/link/options",
  "/api/link/use",
  "/api/signin/options",
  "/api/signin",
  "/api/signin/code",
  "/api/me",
  "/api/signout",
  "/api/verify/options",
  "/api/verify",
  "/api/verify/code",
  "/api/code/look",
  "/api/code/approve",
  "/api/code/deny",
  "/api/machines/rename",
  "/api/machines/revoke",
  "/api/invites/create",
  "/api/invites/list",
  "/api/invites/revoke",
  "/api/signins/list",
  "/api/signins/revoke",
  "/api/passkeys/list",
  "/api/passkeys/options",
  "/api/passkeys/add",
  "/api/passkeys/rename",
  "/api/passkeys/remove",
  "/api/totp/look",
  "/api/totp/options",
  "/api/totp/add",
  "/api/totp/remove",
  "/api/recovery/renew",
  "/api/devices/link",
  "/api/log",
  "/api/account/rename",
  "/api/account/delete",
  "/api/users/list",
  "/api/users/remove",
  "/api/owner/give",
];
export const signedInPaths = browserPaths.slice(6);

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const origins = {
  "another Host is not answered": async (scene) => {
    const port = new URL(scene.origin).port || "443";
    const hosts = ["localhost", "localhost:1", `evil.example:${port}`, `localhost.:${port}`];
    for (const host of [...hosts, `127.0.0.1:${port}`, "localhost.evil.example"]) {
      for (const path of ["/", "/health", scene.web.path, "/api/me", "/nothing"]) {
        const answer = await scene.raw("browser", path.startsWith("/api") ? "POST" : "GET", path, {
          host,
          "content-length": "0",
        });
        refused(answer, 421, "wrong-host", `${host} ${path}`);
      }
    }
  },

  "a host that is none is refused, by the relay or by what carries it": async (scene) => {
    for (const host of ["a b", "%", "[", "a:b"]) {
      const { status } = await scene.raw("browser", "GET", "/health", { host });
      assert(status === 400 || status === 421, `${host}: ${status}`);
    }
  },

  "a forwarded host does not count": async (scene) => {
    const port = new URL(scene.origin).port || "443";
    const answer = await scene.raw("browser", "GET", "/health", {
      host: `evil.example:${port}`,
      "x-forwarded-host": new URL(scene.origin).host,
      forwarded: `host=${new URL(scene.origin).host}`,
    });
    refused(answer, 421, "wrong-host");
  },

  "a browser endpoint takes its own origin only": async (scene) => {
    const owner = await scene.owner();
    const { host, hostname } = new URL(scene.origin);
    const foreign = [
      "",
      "null",
      "http://evil.example",
      scene.origin.startsWith("https:") ? `http://${host}` : `https://${host}`,
      `http://${hostname}`,
      `${scene.origin}/`,
      `${scene.origin}.evil.example`,
      scene.origin.toUpperCase(),
    ];
    for (const path of browserPaths) {
      for (const origin of foreign) {
        refused(await owner.post(path, {}, { origin }), 403, "wrong-origin", `${path} ${origin}`);
      }
    }
    for (const origin of foreign) {
      refused(await owner.refused({ origin }), 403, "wrong-origin", origin);
    }
    equal((await owner.call("/api/me")).user.owner, true);
  },

  "an endpoint of machines takes no page": async (scene) => {
    const anchor = await Anchor.make(scene);
    const { jwk } = anchor.key;
    for (const origin of [scene.origin, "null", "http://evil.example"]) {
      const code = await anchor.post("/device/code", { name: "x", jwk }, { origin });
      refused(code, 403, "wrong-origin");
      const token = await anchor.post("/device/token", new URLSearchParams(), { origin });
      refused(token, 403, "wrong-origin");
      refused(await anchor.post("/deploy/claim", {}, { origin }), 403, "wrong-origin");
      refused(await anchor.refused("a.b.c", { origin }), 403, "wrong-origin");
    }
  },

  "a cookie opens no endpoint of machines": async (scene) => {
    const { cookie = "" } = await scene.owner();
    const anchor = await Anchor.make(scene);
    refused(await anchor.refused("", { cookie }), 401, "bad-token");
    refused(await anchor.post("/deploy/claim", {}, { cookie }), 401, "bad-token");
    refused(await makeClaim(scene), 409, "owned");
  },

  "without a cookie nothing that needs it is done": async (scene) => {
    const owner = await scene.owner();
    for (const path of signedInPaths) {
      refused(await owner.post(path, {}, { cookie: "" }), 401, "signed-out", path);
    }
    refused(await owner.refused({ cookie: "" }), 401, "signed-out");
  },
};
