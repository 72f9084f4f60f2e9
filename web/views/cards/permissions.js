// What permissions are asked for, in lines one can judge.
import { t } from "../../words/words.js";

/** @typedef {{name: string, value: string, mono: boolean}} Line */

/**
 * @param {any} permissions codex's RequestPermissionProfile or AdditionalPermissionProfile
 * @returns {Line[]}
 */
export function permissionLines(permissions) {
  /** @type {Line[]} */
  const lines = [];
  if (!permissions || typeof permissions !== "object") return lines;
  const { network, fileSystem, ...others } = permissions;
  if (network) {
    lines.push({
      name: t("factNetwork"),
      value: network.enabled === false ? t("networkOff") : t("networkOn"),
      mono: false,
    });
  }
  for (const path of list(fileSystem?.read)) {
    lines.push({ name: t("factReads"), value: String(path), mono: true });
  }
  for (const path of list(fileSystem?.write)) {
    lines.push({ name: t("factWrites"), value: String(path), mono: true });
  }
  for (const entry of list(fileSystem?.entries)) {
    const name = entry?.access === "write"
      ? t("factWrites")
      : entry?.access === "read"
      ? t("factReads")
      : t("factBlocked");
    lines.push({ name, value: placeOf(entry?.path), mono: true });
  }
  // What this page does not know is asked for all the same: it is shown as it came.
  for (const [name, value] of Object.entries(others)) {
    if (value !== null && value !== undefined) {
      lines.push({ name, value: JSON.stringify(value), mono: true });
    }
  }
  return lines;
}

/** @param {any} value @returns {any[]} */
function list(value) {
  return Array.isArray(value) ? value : [];
}

/** @param {any} path */
function placeOf(path) {
  if (typeof path === "string") return path;
  if (path?.type === "path") return String(path.path);
  if (path?.type === "glob_pattern") return String(path.pattern);
  if (path?.type === "special") {
    const { kind, subpath, path: where } = path.value ?? {};
    return [`<${kind}>`, where, subpath].filter(Boolean).join("/");
  }
  return JSON.stringify(path) ?? "";
}
