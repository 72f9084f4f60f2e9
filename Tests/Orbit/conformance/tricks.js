// Addresses, headers and bodies that a program in front, or a careless parser, could read in another way.
import { assert, equal, refused } from "../support/assert.js";
import { exchange } from "../support/raw.js";
import { cookieName, signedInMachine } from "../support/client.js";
import { client } from "../support/target.js";

/**
 * @typedef {import("../support/scene.js").Scene} Scene
 * @typedef {import("../support/client.js").Browser} Browser
 */

/** @param {Scene} scene @param {string} request @param {string} what */
async function sent(scene, request, what) {
  await scene.pause();
  const { hostname, port } = new URL(scene.base("browser"));
  const answer = await exchange(hostname, Number(port), request);
  const shown = JSON.stringify(answer)?.slice(0, 300);
  // A runtime may end the connection without a word, or answer by itself what is no HTTP or no method of its own.
  const runtimes = typeof answer?.body === "string" &&
    (answer.status === 501 || request.startsWith("CONNECT "));
  assert(!answer || answer.status < 500 || runtimes, `${what}: ${shown}`);
  return answer;
}

/**
 * A request as a signed-in page makes it, by hand.
 * @param {Browser} browser
 * @param {string} method
 * @param {string} path
 * @param {string[]} [more] header lines
 * @param {{host?: string, origin?: string, cookie?: string, length?: string}} [other]
 */
function request(browser, method, path, more = [], other = {}) {
  const { scene } = browser;
  const lines = [
    `host: ${other.host ?? new URL(scene.origin).host}`,
    `origin: ${other.origin ?? scene.origin}`,
    `cookie: ${other.cookie ?? browser.cookie}`,
    `content-length: ${other.length ?? 2}`,
    ...more,
  ];
  return `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n{}`;
}

/** @param {Browser} browser @param {any} answer @param {string} what it shows nothing of a user, and no file but a client's */
function tellsNothing(browser, answer, what) {
  const text = JSON.stringify(answer?.body ?? "");
  assert(!text.includes(browser.user.id), `${what}: ${text}`);
  assert(!/import |export const (build|files)|Deno\.|root:/.test(text), `${what}: ${text}`);
}

/** @param {Browser} browser @param {string} what */
async function unharmed(browser, what) {
  const { user } = await browser.call("/api/me");
  equal(user.id, browser.user.id, what);
}

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const tricks = {
  "an address is read in one way": async (scene) => {
    const user = await scene.user();
    const paths = [
      "/api%2fme",
      "/api%2Fme",
      "/api/%6de",
      "//api/me",
      "/api//me",
      "/api/me/",
      "/api/me/..%2fme",
      "/api/me;x=1",
      "/api/me%00",
      "/api/me%20",
      "/api/me.",
      "/API/ME",
      "/api\\me/x",
      "/api/x/../me/../../me",
      "/api/%2e%2e/me",
      "/__proto__",
      "/constructor",
      "/api/constructor",
      "/hasOwnProperty",
      "/%",
      "/%ff",
      "/\u0000",
      "/deno/main.js",
      "/orbit/orbit.js",
      "/assets.js",
      "/relay.kv",
      "/../relay.kv",
      "/..%2frelay.kv",
      "/%2e%2e/%2e%2e/etc/passwd",
      "/....//etc/passwd",
      `${client.path}/../../deno/main.js`,
      `${client.path}%00.html`,
      `${client.path}/`,
      "*",
      "me",
      `/${"a".repeat(10_000)}`,
      `/${"../".repeat(2000)}etc/passwd`,
      `/?${"a=b&".repeat(3000)}`,
    ];
    for (const path of paths) {
      for (const method of ["POST", "GET"]) {
        const answer = await sent(scene, request(user, method, path), `${method} ${path}`);
        tellsNothing(user, answer, `${method} ${path}`);
      }
    }
    // Segments of dots mean what every URL parser takes them for, and nothing else.
    for (const path of ["/./api/me", "/x/../api/me", "/api/./me", "/api/x/%2e%2e/me"]) {
      const answer = await sent(scene, request(user, "POST", path), path);
      assert(answer?.status === 200 ? answer.body.user.id === user.user.id : true, path);
    }
    await unharmed(user, "after all of them");
  },

  "another method does nothing": async (scene) => {
    const user = await scene.user();
    const methods = [
      "GET",
      "HEAD",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
      "TRACE",
      "CONNECT",
      "post",
    ];
    for (const method of [...methods, "PROPFIND", "GETPOST", "X".repeat(100)]) {
      for (
        const path of ["/api/signout", "/api/account/delete", "/device/code", "/deploy/recover"]
      ) {
        const answer = await sent(scene, request(user, method, path), `${method} ${path}`);
        assert(answer?.status !== 200, `${method} ${path}`);
        tellsNothing(user, answer, `${method} ${path}`);
      }
    }
    const override = ["x-http-method-override: POST", "x-method-override: POST", "_method: POST"];
    const answer = await sent(scene, request(user, "GET", "/api/signout", override), "override");
    equal(answer?.status, 405);
    await unharmed(user, "after all of them");
  },

  "a request for another host is not answered, wherever it names it": async (scene) => {
    const user = await scene.user();
    const { host } = new URL(scene.origin);
    const evil = "evil.example";
    // As a provider's address of one revision, or of the project.
    for (
      const name of [
        evil,
        `relay-4f2a9c.${evil}`,
        `${host}.${evil}`,
        `${host}@${evil}`,
        `x.${host}`,
      ]
    ) {
      for (
        const path of ["/api/me", "/device/code", "/deploy/claim", "/health", "/socket", "/anchor"]
      ) {
        const method = path.startsWith("/api") || path.startsWith("/de") ? "POST" : "GET";
        const upgrade = [
          "connection: upgrade",
          "upgrade: websocket",
          "sec-websocket-version: 13",
          "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        ];
        const lines = /socket|anchor/.test(path) ? upgrade : [];
        const other = { host: name, length: method === "GET" ? "0" : "2" };
        const answer = await sent(
          scene,
          request(user, method, path, lines, other),
          `${name} ${path}`,
        );
        assert(!answer || [400, 421].includes(answer.status), `${name} ${path} ${answer?.status}`);
      }
    }
    // Where the line names another host than the header, one of the two decides; a page can set neither.
    for (const [target, header] of [[`http://${evil}`, host], [scene.origin, evil]]) {
      const text = request(user, "POST", `${target}/api/me`, [], { host: header });
      const answer = await sent(scene, text, target);
      assert(!answer || [200, 400, 421].includes(answer.status), `${target} ${answer?.status}`);
      const other = { host: header, origin: `http://${evil}` };
      tellsNothing(
        user,
        await sent(scene, request(user, "POST", `${target}/api/me`, [], other), target),
        target,
      );
    }
    for (
      const name of ["x-forwarded-host", "x-host", "forwarded", "x-original-url", "x-rewrite-url"]
    ) {
      const lines = [`${name}: ${host}`, `${name}: /api/me`];
      refused(
        /** @type {any} */ (await sent(
          scene,
          request(user, "POST", "/api/me", lines, { host: evil }),
          name,
        )),
        421,
        "wrong-host",
        name,
      );
    }
  },

  "a header given twice opens nothing": async (scene) => {
    const [ada, eve] = [await scene.user("Ada"), await scene.user("Eve")];
    const { host } = new URL(scene.origin);
    const evil = "http://evil.example";
    /** @type {[what: string, text: string][]} */
    const twice = [
      ["host", request(ada, "POST", "/api/me", ["host: evil.example"])],
      [
        "host, reversed",
        request(ada, "POST", "/api/me", [`host: ${host}`], { host: "evil.example" }),
      ],
      ["origin", request(ada, "POST", "/api/me", [`origin: ${evil}`])],
      [
        "origin, reversed",
        request(ada, "POST", "/api/me", [`origin: ${scene.origin}`], { origin: evil }),
      ],
      [
        "origin, listed",
        request(ada, "POST", "/api/me", [], { origin: `${evil}, ${scene.origin}` }),
      ],
      ["length", request(ada, "POST", "/api/me", ["content-length: 0"])],
      ["length and chunks", request(ada, "POST", "/api/me", ["transfer-encoding: chunked"])],
      ["a length with a sign", request(ada, "POST", "/api/me", [], { length: "+2" })],
      ["a negative length", request(ada, "POST", "/api/me", [], { length: "-1" })],
      ["a length that is none", request(ada, "POST", "/api/me", [], { length: "two" })],
      ["a folded header", request(ada, "POST", "/api/me", [`x: y\r\n origin: ${evil}`])],
      ["a header without a name", request(ada, "POST", "/api/me", [": x"])],
      ["a header with a blank", request(ada, "POST", "/api/me", [`origin : ${evil}`])],
      ["a header with a null", request(ada, "POST", "/api/me", ["x: a\u0000b"])],
      [
        "a null in the cookie",
        request(ada, "POST", "/api/me", [], { cookie: `${ada.cookie}\u0000` }),
      ],
    ];
    for (const [what, text] of twice) {
      const answer = await sent(scene, text, what);
      const foreign = /^(host|origin)/.test(what);
      assert(!foreign || answer?.status !== 200, `${what}: ${answer?.status}`);
    }
    // Of two cookies of the name the first counts; what is no sign-in is never read as one.
    const both = `${eve.cookie}; ${ada.cookie}`;
    const { body } = await ada.post("/api/me", {}, { cookie: both });
    equal(body.user.id, eve.user.id);
    for (
      const cookie of [`${cookieName(scene)}=; ${ada.cookie}`, `"${ada.cookie}"`, `,${ada.cookie}`]
    ) {
      refused(await ada.post("/api/me", {}, { cookie }), 401, "signed-out", cookie);
    }
    // An address that a client names is not where it comes from.
    const lines = [
      "x-forwarded-for: 192.0.2.7",
      "cf-connecting-ip: 192.0.2.7",
      "x-real-ip: 192.0.2.7",
    ];
    await sent(scene, request(ada, "POST", "/api/me", lines), "addresses");
    const { signins } = await ada.call("/api/signins/list");
    assert(!JSON.stringify(signins).includes("192.0.2.7"), "A header was taken for an address.");
    await unharmed(ada, "after all of them");
  },

  "headers without end are cut off": async (scene) => {
    const user = await scene.user();
    const long = [
      request(user, "POST", "/api/me", [`x: ${"a".repeat(300_000)}`]),
      request(user, "POST", "/api/me", Array.from({ length: 3000 }, (_, count) => `x${count}: y`)),
      request(user, "POST", "/api/me", [], { cookie: `${"a=b; ".repeat(20_000)}${user.cookie}` }),
      request(user, "POST", "/api/me", [], { cookie: `${cookieName(scene)}=${"a".repeat(7000)}` }),
      request(user, "POST", "/deploy/recover", [`authorization: Bearer ${"a".repeat(7000)}`]),
    ];
    for (const [index, text] of long.entries()) await sent(scene, text, `long ${index}`);
    await unharmed(user, "after all of them");
  },

  "a body of another type or form is no way around": async (scene) => {
    const user = await scene.user();
    const types = [
      "text/plain",
      "multipart/form-data; boundary=x",
      "application/x-www-form-urlencoded",
    ];
    for (const type of [...types, "application/xml", "", "application/json; charset=utf-16", "x"]) {
      const evil = { origin: "http://evil.example", "content-type": type };
      refused(await user.post("/api/signout", {}, evil), 403, "wrong-origin", type);
      const { status } = await user.post("/api/signins/list", {}, { "content-type": type });
      equal(status, 200, type);
    }
    for (const encoding of ["gzip", "deflate", "br", "x"]) {
      const answer = await user.post("/api/me", {}, { "content-encoding": encoding });
      assert(answer.status < 500, `${encoding}: ${answer.status}`);
    }
    const proto = [
      '{"__proto__":{"owner":true,"fresh":true}}',
      '{"constructor":{"prototype":{"owner":true}}}',
      '{"toString":"x","valueOf":"x","hasOwnProperty":"x"}',
    ];
    for (const body of proto) {
      equal((await user.post("/api/me", body)).body.user.owner, false);
      refused(await user.post("/api/users/list", body), 403, "not-owner");
    }
    // Chunks past the bound, and chunks that are none.
    const chunk = `1000\r\n${"x".repeat(0x1000)}\r\n`;
    const head = (/** @type {string} */ path) =>
      request(user, "POST", path, ["transfer-encoding: chunked"]).replace(
        "content-length: 2\r\n",
        "",
      )
        .slice(0, -2);
    const big = await sent(scene, `${head("/api/me")}${chunk.repeat(5)}0\r\n\r\n`, "chunks");
    refused(/** @type {any} */ (big), 413, "too-large");
    for (const body of ["zz\r\n", "-1\r\n{}\r\n0\r\n\r\n", "2\r\n{}x\r\n0\r\n\r\n"]) {
      await sent(scene, head("/api/me") + body, `chunks ${body}`);
    }
    await unharmed(user, "after all of them");
  },

  "what is no WebSocket is no socket": async (scene) => {
    const user = await scene.user();
    const anchor = await signedInMachine(user);
    const good = {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    for (
      const [name, value] of [
        ["upgrade", "h2c"],
        ["upgrade", "websocket, h2c"],
        ["connection", "close"],
        ["sec-websocket-version", "8"],
        ["sec-websocket-key", ""],
        ["sec-websocket-key", "x"],
      ]
    ) {
      const lines = Object.entries({ ...good, [name]: value }).map(([key, one]) =>
        `${key}: ${one}`
      );
      const text = request(user, "GET", "/socket?protocol=1", lines, { length: "0" }).slice(0, -2);
      const answer = await sent(scene, text, `${name}: ${value}`);
      assert(answer?.status !== 200, `${name}: ${value}: ${answer?.status}`);
    }
    // A page of another site cannot open one, whatever protocol it names.
    const foreign = { origin: "http://evil.example", "sec-websocket-protocol": "orbit" };
    refused(await user.refused(foreign), 403, "wrong-origin");
    refused(await user.refused({ origin: "" }), 403, "wrong-origin");
    const { cookie = "" } = user;
    refused(await anchor.refused("", { cookie }), 401, "bad-token");
    await unharmed(user, "after all of them");
    await user.connect();
    await anchor.connect();
  },
};
