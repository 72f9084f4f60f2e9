// Answers as they are compared between platforms: the status, the headers that the core sets, the body; ids, secrets,
// times, addresses and ports are masked.

const headers = [
  "cache-control",
  "content-security-policy",
  "content-type",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "etag",
  "permissions-policy",
  "referrer-policy",
  "retry-after",
  "set-cookie",
  "vary",
  "x-content-type-options",
];

/** @param {string} pattern a whole word of base64url's letters */
const word = (pattern) => new RegExp(`(?<![A-Za-z0-9_-])${pattern}(?![A-Za-z0-9_-])`, "g");

/** In this order: what is longer first. @type {[RegExp, string][]} */
const masks = [
  [word("eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+"), "<token>"],
  [word("(claim|invite|device|recover)\\.u_[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}"), "<$1 link>"],
  [word("[0-9a-f]{2}\\.[A-Za-z0-9_-]{43}"), "<device code>"],
  [word("[A-Za-z0-9_-]{43}"), "<32 bytes>"],
  [word("dV[A-Za-z0-9_-]{30}"), "<user handle>"],
  [word("([usmci])_[A-Za-z0-9_-]{22}"), "<$1>"],
  [word("([A-Z2-7]{4}-){4}[A-Z2-7]{4}"), "<fingerprint>"],
  [word("([BCDFGHJKLMNPQRSTVWXZ]{4}-){2}[BCDFGHJKLMNPQRSTVWXZ]{4}"), "<recovery code>"],
  [word("[A-Z2-7]{32}"), "<secret>"],
  [word("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}"), "<code>"],
  [word("1[0-9]{12}"), "<time>"],
  [/\b127\.1\.\d+\.\d+\b/g, "<address>"],
  [/__Host-signin-\d+/g, "__Host-signin-<port>"],
  [/localhost:\d+/g, "localhost:<port>"],
  [/__Host-signin-\d+/g, "__Host-signin-<port>"],
];

/** @param {string} text */
const mask = (text) => masks.reduce((rest, [pattern, name]) => rest.replace(pattern, name), text);

/**
 * @param {string} request
 * @param {Response} response
 * @param {string} text its body
 * @returns {string}
 */
export function masked(request, response, text) {
  const lines = headers.map((name) => {
    const value = response.headers.get(name);
    return name === "retry-after" && value ? `${name}: <seconds>` : `${name}: ${value}`;
  });
  return mask([request, response.status, ...lines, text].join("\n"));
}
