// Which page is shown: the part of the address after `#/`. The server never sees it.

/**
 * @typedef {{page: "list"} | {page: "inbox"} | {page: "archived"} | {page: "settings"}
 *   | {page: "new", machine: string | null, cwd: string | null}
 *   | {page: "thread", key: string}} Route
 */

/** @param {string} hash @returns {Route} */
export function parseRoute(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page, ...rest] = path.split("/");
  if (page === "inbox" || page === "settings" || page === "archived") return { page };
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

let deep = 0;

/** @param {Route} route */
export function go(route) {
  if (location.hash === hashOf(route)) return;
  deep++;
  location.hash = hashOf(route);
}

/** Goes on to another page in place of this one. @param {Route} route */
export function replace(route) {
  history.replaceState(null, "", hashOf(route));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Back to where one came from, or to the list if this page was opened first. */
export function back() {
  if (deep > 0) {
    deep--;
    history.back();
  } else replace({ page: "list" });
}
