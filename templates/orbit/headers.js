// The headers of every answer.

/**
 * The headers that keep a page of this origin from being framed, sniffed, spied on or given foreign script. The policy
 * names the WebSocket's origin beside 'self', since not every browser takes 'self' for it.
 * @param {string | null} origin the pinned origin
 * @returns {[name: string, value: string][]}
 */
export function securityHeaders(origin) {
  const socket = origin ? " " + origin.replace(/^http/, "ws") : "";
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    `connect-src 'self'${socket}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types orbit",
  ];
  /** @type {[string, string][]} */
  const headers = [
    ["content-security-policy", policy.join("; ")],
    ["x-content-type-options", "nosniff"],
    ["referrer-policy", "no-referrer"],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", "same-origin"],
    [
      "permissions-policy",
      "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), " +
      "microphone=(), midi=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)",
    ],
  ];
  if (origin?.startsWith("https:")) {
    headers.push(["strict-transport-security", "max-age=63072000"]);
  }
  return headers;
}
