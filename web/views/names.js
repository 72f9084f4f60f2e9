// Codex's own values in words.
import { known, t } from "../words/words.js";

/** @param {string} sandbox @param {boolean | null} [network] */
export function sandboxName(sandbox, network = null) {
  const name = known("sandbox", sandbox, sandbox);
  if (sandbox === "danger-full-access" || network === null) return name;
  return `${name}, ${network ? t("withNetwork") : t("withoutNetwork")}`;
}

/** @param {string} policy */
export function policyName(policy) {
  return known("policy", policy, policy);
}

/** @param {string} effort */
export function effortName(effort) {
  return known("effort", effort, effort);
}
