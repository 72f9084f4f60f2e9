// A QR code as a picture, dark on light in either look: not every camera reads one that is turned over.
import { qrCode } from "../text/qr.js";

const SVG = "http://www.w3.org/2000/svg";
/** The light edge that a reader needs, in modules. */
const QUIET = 4;

/** @param {string} text @param {string} label what a screen reader says */
export function qrPicture(text, label) {
  const rows = qrCode(text);
  if (!rows) return null;
  const size = rows.length + 2 * QUIET;
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  let dark = "";
  rows.forEach((row, y) =>
    row.forEach((on, x) => {
      if (on) dark += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
    })
  );
  path.setAttribute("d", dark);
  for (
    const [name, value] of Object.entries({
      class: "qr",
      viewBox: `0 0 ${size} ${size}`,
      role: "img",
      "aria-label": label,
      "shape-rendering": "crispEdges",
    })
  ) svg.setAttribute(name, value);
  svg.appendChild(path);
  return svg;
}
