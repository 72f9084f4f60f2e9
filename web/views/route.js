// Which page is shown: the part of the address after `#/`. The server never sees it.

/**
 * @typedef {{page: "list"} | {page: "inbox"} | {page: "archived"} | {page: "code"}
 *   | {page: "settings", part?: string}
 *   | {page: "new", machine: string | null, cwd: string | null}
 *   | {page: "thread", key: string}} Route
 */

/** @param {string} hash @returns {Route} */
export function parseRoute(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page, ...rest] = path.split("/");
  if (page === "inbox" || page === "archived" || page === "code") return { page };
  if (page === "settings") return { page, part: rest[0] ?? "" };
  if (page === "new") {
    const parameters = new URLSearchParams(query);
    return { page, machine: parameters.get("machine"), cwd: parameters.get("cwd") };
  }
  if (page === "thread" && rest.length >= 2) {
    return { page, key: `${decode(rest[0])}/${decode(rest.slice(1).join("/"))}` };
  }
  return { page: "list" };
}

/** @param {Route} route */
export function hashOf(route) {
  if (route.page === "list") return "#/";
  if (route.page === "thread") {
    const at = route.key.indexOf("/");
    const [machine, id] = [route.key.slice(0, at), route.key.slice(at + 1)];
    return `#/thread/${encodeURIComponent(machine)}/${encodeURIComponent(id)}`;
  }
  if (route.page === "settings" && route.part) return `#/settings/${route.part}`;
  if (route.page !== "new") return `#/${route.page}`;
  const parameters = new URLSearchParams();
  if (route.machine) parameters.set("machine", route.machine);
  if (route.cwd) parameters.set("cwd", route.cwd);
  return parameters.size ? `#/new?${parameters}` : "#/new";
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The pages that lie below this one in the browser's history, as far as this page's life knows. */
const trail = [globalThis.location?.hash ?? ""];

addEventListener("hashchange", () => {
  const { hash } = location;
  if (hash === trail.at(-1)) return;
  if (hash === trail.at(-2)) trail.pop();
  else trail.push(hash);
});

/** @param {Route} route */
export function go(route) {
  location.hash = hashOf(route);
}

/** Goes on to another page in place of this one. @param {Route} route */
export function replace(route) {
  history.replaceState(null, "", hashOf(route));
  trail[trail.length - 1] = location.hash;
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Back to where one came from, or to what this page belongs to if it was opened first. */
export function back() {
  if (trail.length > 1) return history.back();
  const here = parseRoute(location.hash);
  replace({ page: here.page === "settings" && here.part ? "settings" : "list" });
}
