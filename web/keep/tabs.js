// Which tab sends what. Each tab holds a lock with its own name for as long as it lives; what waits to be sent carries
// the name of its tab, so that one tab alone sends it, and whoever finds the lock free may take it over.

/** The name of this tab, new with each page. */
export const tab = crypto.randomUUID();

const lockOf = (/** @type {string} */ id) => `codex-remote/tab/${id}`;

/** Takes this tab's lock; the browser gives it back when the page ends. Without Web Locks every tab counts as gone. */
export function holdTab() {
  const { locks } = navigator;
  if (!locks) return;
  locks.request(lockOf(tab), () => new Promise(() => {})).catch(() => {});
}

/** @param {string} id @returns {Promise<boolean>} whether the tab of that name still lives */
export async function isAlive(id) {
  if (id === tab) return true;
  const { locks } = navigator;
  if (!locks) return false;
  return await locks.request(lockOf(id), { ifAvailable: true }, (lock) => lock === null);
}

/** Ends when the tab of that name ends. @param {string} id @returns {Promise<void>} */
export async function whenGone(id) {
  await navigator.locks?.request(lockOf(id), () => {});
}

/**
 * Tells the other tabs of this browser what changed.
 * @param {(message: any) => void} listener
 * @returns {{post(message: any): void, close(): void}}
 */
export function tabChannel(listener) {
  const channel = new BroadcastChannel("codex-remote");
  channel.onmessage = (event) => listener(event.data);
  return { post: (message) => channel.postMessage(message), close: () => channel.close() };
}
