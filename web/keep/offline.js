// The page's side of the service worker: registers it, and changes to a new build when the person says so.

/** @type {Promise<ServiceWorkerRegistration | null> | null} */
let registered = null;

/**
 * Registers `/sw.js`; call it once the page is at rest.
 * @param {() => void} offer called when another build is kept and waits: offer a reload
 * @returns {Promise<ServiceWorkerRegistration | null>} null where there are no service workers
 */
export function registerWorker(offer) {
  registered ??= register(offer).catch(() => null);
  return registered;
}

/** @param {() => void} offer */
async function register(offer) {
  if (!("serviceWorker" in navigator)) return null;
  /** @type {any} */
  const trusted = /** @type {any} */ (globalThis).trustedTypes;
  const policy = trusted?.createPolicy("orbit", { createScriptURL: () => "/sw.js" });
  const registration = await navigator.serviceWorker.register(
    policy?.createScriptURL("") ?? "/sw.js",
  );
  const look = (/** @type {ServiceWorker | null} */ worker) => {
    // Without a controller it is the first one: nothing is to be replaced.
    if (worker?.state === "installed" && navigator.serviceWorker.controller) offer();
  };
  look(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => look(worker));
  });
  return registration;
}

/** Looks for another build now, for instance when the relay named one. */
export async function lookForUpdate() {
  await (await registered)?.update().catch(() => {});
}

/** Shows the newest build: at once if it is kept already, else as soon as it is. */
export async function reloadPage() {
  const registration = await registered;
  if (registration && navigator.serviceWorker.controller) {
    await registration.update().catch(() => {});
    const next = registration.waiting ?? registration.installing;
    if (next) {
      const ready = Promise.withResolvers();
      navigator.serviceWorker.addEventListener("controllerchange", () => ready.resolve(null), {
        once: true,
      });
      const take = () => {
        if (next.state === "installed") next.postMessage("take-over");
        // It could not be kept (another deployment in between, no space): the network has the page.
        if (next.state === "redundant") ready.resolve(registration.unregister());
      };
      next.addEventListener("statechange", take);
      take();
      await ready.promise;
    }
  }
  location.reload();
}
