// Keeps the client's files, so that it opens at once and offline. It touches nothing else: no API, no socket.
//
// Files under `/<build>/` never change, so what is kept is right for ever. The page comes from what is kept too; when
// the relay has another build, the browser finds a changed /sw.js, this one's successor keeps the new files and waits
// until the person takes the offer to reload (keep/offline.js).

/** @type {any} the worker's own global: the types of pages and workers do not go together */
const worker = globalThis;
/** `/<build>`, put in when the relay is deployed. */
const BASE = "{{base}}";
const CACHE = `codex-remote${BASE}`;

/** Keeps the whole build or nothing. */
async function install() {
  if (!BASE.startsWith("/")) return;
  const [list, page] = await Promise.all([
    fetch(`${BASE}/files.json`),
    fetch("/", { cache: "no-cache" }),
  ]);
  if (!list.ok || !page.ok) throw new Error("The relay does not serve this build any more.");
  // The relay was changed in between: the next check for a new worker finds the right one.
  if (!(await page.clone().text()).includes(`${BASE}/`)) {
    throw new Error("The page is another build's.");
  }
  const cache = await caches.open(CACHE);
  /** @type {string[]} */
  const files = await list.json();
  await cache.addAll(files.filter((path) => path.startsWith(`${BASE}/`)));
  await cache.put("/", page);
}

/** Forgets all builds but this one and the one before: a tab may still need its files. */
async function activate() {
  const kept = (await caches.keys()).filter((name) => name.startsWith("codex-remote/"));
  const old = kept.filter((name) => name !== CACHE).slice(0, -1);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** @param {Request} request */
async function answer(request) {
  const kept = request.mode === "navigate"
    ? await (await caches.open(CACHE)).match("/")
    : await caches.match(request, { ignoreVary: true });
  return kept ?? fetch(request);
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener("message", (/** @type {MessageEvent} */ event) => {
  if (event.data === "take-over") worker.skipWaiting();
});
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const isPage = request.mode === "navigate" && pathname === "/";
  if (isPage || /^\/[0-9a-f]{16}\//.test(pathname)) event.respondWith(answer(request));
});
